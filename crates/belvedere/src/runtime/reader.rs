//! The one task that reads a queue, while it waits for more, and the queue's room.

use std::collections::VecDeque;
use std::task::{Context, Waker};

/// Who is to be woken when something comes.
#[derive(Debug, Default)]
pub(crate) struct Reader(Option<Waker>);

impl Reader {
    /// The task that is being polled waits.
    pub(crate) fn waits(&mut self, context: &Context<'_>) {
        match &mut self.0 {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }

    /// To be woken, outside of the lock of the queue.
    #[must_use]
    pub(crate) fn take(&mut self) -> Option<Waker> {
        self.0.take()
    }
}

/// Appends to a queue that nearly always takes one at a time: room would be made for four.
pub(crate) fn append<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.capacity() == 0 {
        queue.reserve_exact(1);
    }
    queue.push_back(item);
}

/// Takes the first of a queue, which keeps room for no more than one when nothing is left.
pub(crate) fn take_first<T>(queue: &mut VecDeque<T>) -> Option<T> {
    let first = queue.pop_front()?;
    if queue.is_empty() && queue.capacity() > 1 {
        *queue = VecDeque::new();
    }
    Some(first)
}

//! A subscription of a view: what a stream yields becomes messages to it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker, ready};

use futures_util::Stream;

use crate::runtime::in_flight::Ticket;
use crate::runtime::mailbox::{Inbox, Mailbox, Unposted};

/// Most messages taken in one go from a stream that always has one, before others get their turn.
const MAX_AT_ONCE: usize = 32;

/// A stream, asked for what follows a message before that goes: whoever hears the last one may subscribe
/// anew.
pub(super) struct Source<M> {
    stream: Pin<Box<dyn Stream<Item = M> + Send>>,
    /// Two at most.
    ahead: VecDeque<M>,
    is_over: Arc<AtomicBool>,
}

impl<M: Send + 'static> Source<M> {
    /// `is_over` is set when the stream has ended, before its last message is sent.
    pub(super) fn new(
        stream: impl Stream<Item = M> + Send + 'static,
        is_over: Arc<AtomicBool>,
    ) -> Self {
        Self { stream: Box::pin(stream), ahead: VecDeque::new(), is_over }
    }

    /// Asks the stream until two messages wait here; true when it has none for now.
    fn look_ahead(&mut self, context: &mut Context<'_>) -> bool {
        while self.ahead.len() < 2 && !self.is_over.load(Ordering::Acquire) {
            match self.stream.as_mut().poll_next(context) {
                Poll::Ready(Some(message)) => self.ahead.push_back(message),
                Poll::Ready(None) => self.is_over.store(true, Ordering::Release),
                Poll::Pending => return true,
            }
        }
        false
    }

    fn poll_forward(&mut self, mailbox: &Mailbox<M>, context: &mut Context<'_>) -> Poll<()> {
        for _ in 0..MAX_AT_ONCE {
            ready!(mailbox.poll_room(context));
            let waits = self.look_ahead(context);
            if let Some(message) = self.ahead.pop_front() {
                match mailbox.post_if_room(message, context) {
                    Ok(()) => {}
                    Err(Unposted::NoRoom(message)) => {
                        self.ahead.push_front(message);
                        return Poll::Pending;
                    }
                    // A view that has ended drops this task.
                    Err(Unposted::Ended) => return Poll::Ready(()),
                }
            } else if !waits {
                return Poll::Ready(());
            }
            if waits {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Forwards what `source` yields until it ends or the view does. The stream is asked for more only
/// while there is room in the mailbox. `ticket` stands for its first poll.
pub(super) async fn forward<M: Send + 'static>(
    mut source: Source<M>,
    mailbox: Arc<Mailbox<M>>,
    ticket: Ticket,
) {
    let waking = Ending(Arc::new(Waking::new(&mailbox, ticket)));
    let forwarding = poll_fn(|context| {
        // Held until everything that woke this task waits in the mailbox.
        let _ticket = waking.0.begin(context.waker());
        let waker = Waker::from(Arc::clone(&waking.0));
        source.poll_forward(&mailbox, &mut Context::from_waker(&waker))
    });
    forwarding.await;
}

/// Wakes the forwarding task, and stands for the work that this means from that moment on: a test that
/// waits for quiet waits for the message too.
struct Waking {
    inbox: Arc<dyn Inbox>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    task: Option<Waker>,
    ticket: Option<Ticket>,
    ended: bool,
}

impl Waking {
    fn new<M: Send + 'static>(mailbox: &Arc<Mailbox<M>>, first: Ticket) -> Self {
        let state = State { ticket: Some(first), ..State::default() };
        Self { inbox: Arc::clone(mailbox) as Arc<dyn Inbox>, state: Mutex::new(state) }
    }

    /// The task runs, because of what the ticket stands for.
    fn begin(&self, task: &Waker) -> Option<Ticket> {
        let mut state = self.lock();
        state.task = Some(task.clone());
        state.ticket.take()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Waking {
    fn wake(self: Arc<Self>) {
        let mut state = self.lock();
        if state.ended {
            return;
        }
        state.ticket.get_or_insert_with(|| self.inbox.ticket());
        let task = state.task.take();
        drop(state);
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// Whoever keeps a waker of the subscription keeps no work under way once it is over.
struct Ending(Arc<Waking>);

impl Drop for Ending {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.ended = true;
        state.ticket = None;
        state.task = None;
    }
}

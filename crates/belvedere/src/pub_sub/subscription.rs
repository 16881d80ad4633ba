//! [`Subscription`]: a topic as a stream, for what is no view.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::Stream;

use crate::pub_sub::{Delivered, Heard, Listener, Listening, PubSub, Topic, TopicMessage};
use crate::telemetry::PageTrace;

/// What is said on a topic from now on: a stream without end, which [`PubSub::subscribe`] makes.
///
/// At most [`max_waiting`](crate::pub_sub::PubSubOptions::max_waiting) messages wait in it.
pub struct Subscription<T> {
    queue: Arc<Queue<T>>,
    listening: Listening,
}

struct Queue<T> {
    state: Mutex<State<T>>,
    max_waiting: usize,
}

struct State<T> {
    /// `Missed` is the last one. A message is shared until it is read.
    waiting: VecDeque<Heard<Arc<T>>>,
    reader: Option<Waker>,
}

impl<T: TopicMessage> Subscription<T> {
    pub(super) fn new(pub_sub: &PubSub, topic: &Topic<T>) -> Self {
        let state = Mutex::new(State { waiting: VecDeque::new(), reader: None });
        let queue = Arc::new(Queue { state, max_waiting: pub_sub.max_waiting() });
        let listening = pub_sub.listen(topic, Arc::clone(&queue) as Arc<dyn Listener<T>>);
        Self { queue, listening }
    }

    /// What is said next.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when it is dropped.
    pub async fn next(&mut self) -> Heard<T> {
        poll_fn(|context| self.poll(context)).await
    }

    fn poll(&mut self, context: &Context<'_>) -> Poll<Heard<T>> {
        let mut state = self.queue.lock();
        let Some(heard) = state.waiting.pop_front() else {
            state.reader = Some(context.waker().clone());
            return Poll::Pending;
        };
        drop(state);
        Poll::Ready(heard.owned())
    }
}

impl<T: TopicMessage> Stream for Subscription<T> {
    type Item = Heard<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Heard<T>>> {
        self.poll(context).map(Some)
    }
}

impl<T> fmt::Debug for Subscription<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Subscription").field(&self.listening).finish()
    }
}

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: TopicMessage> Listener<T> for Queue<T> {
    fn hear(&self, message: &Arc<T>, _: PageTrace) -> Delivered {
        let mut state = self.lock();
        if state.has_missed() {
            return Delivered::Missed(1);
        }
        if state.waiting.len() >= self.max_waiting {
            drop(state);
            return self.miss();
        }
        state.waiting.push_back(Heard::Message(Arc::clone(message)));
        let reader = state.reader.take();
        drop(state);
        reader.into_iter().for_each(Waker::wake);
        Delivered::Waits
    }

    fn miss(&self) -> Delivered {
        let mut state = self.lock();
        if state.has_missed() {
            return Delivered::Missed(1);
        }
        let dropped = std::mem::replace(&mut state.waiting, VecDeque::from([Heard::Missed]));
        let reader = state.reader.take();
        drop(state);
        reader.into_iter().for_each(Waker::wake);
        Delivered::Missed(dropped.len() + 1)
    }
}

impl<T> State<T> {
    fn has_missed(&self) -> bool {
        matches!(self.waiting.back(), Some(Heard::Missed))
    }
}

//! Work beside a view: tasks, timers and subscriptions that end with it.

use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{FutureExt, Stream};
use tokio::task::{AbortHandle, JoinHandle};
use tracing::{Instrument, Span};

use crate::runtime::in_flight::Ticket;
use crate::runtime::mailbox::{Inbox, Mailbox};
use crate::socket::sender::{MessageSender, SendError};
use crate::socket::subscription::{Source, forward};
use crate::telemetry::{self, Act, PageTrace, ViewIdentity};

/// Most tasks, timers and subscriptions that one view may have at once: a page needs a handful, and a browser that
/// starts one with each click must not fill the memory.
const MAX_TASKS: usize = 64;

/// The view has as many tasks, timers and subscriptions under way as it may have, 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the view has {MAX_TASKS} tasks, timers and subscriptions under way already")]
pub struct TooManyTasks;

/// What runs beside a view; dropping it ends all of it.
#[derive(Default)]
pub(crate) struct Tasks(Vec<Task>);

struct Task {
    /// Of a subscription: its key, and whether its stream has ended.
    subscription: Option<(Box<str>, Arc<AtomicBool>)>,
    /// Once it is aborted it takes its room until it is really gone.
    handle: AbortHandle,
}

/// What a task does.
pub(crate) type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Starts a task. Whatever it does, what a task is made of is compiled once: some fifty functions.
pub(crate) fn spawn(work: Work) -> JoinHandle<()> {
    tokio::spawn(work)
}

/// Goes on with a subscription until it ends, or panics.
async fn watched(view: &'static str, forwarding: Work) {
    if AssertUnwindSafe(forwarding).catch_unwind().await.is_err() {
        tracing::error!(view, "the stream of a subscription panicked; it is over");
    }
}

impl Tasks {
    /// Whether one more may start.
    pub(crate) fn has_room(&mut self) -> Result<(), TooManyTasks> {
        if self.0.len() >= MAX_TASKS {
            self.0.retain(|task| !task.handle.is_finished());
        }
        if self.0.len() < MAX_TASKS { Ok(()) } else { Err(TooManyTasks) }
    }

    /// Runs `work` as the act `act`; `ticket` stands for it.
    pub(crate) fn spawn(
        &mut self,
        identity: &ViewIdentity<'_>,
        act: Act,
        ticket: impl FnOnce() -> Ticket,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), TooManyTasks> {
        self.has_room()?;
        let span = telemetry::act_span(identity, act);
        telemetry::link_spawner(&span, PageTrace::current());
        let (view, ticket) = (identity.view, ticket());
        let work = async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                tracing::error!(view, work = act.name(), "spawned work panicked");
                telemetry::fail(&Span::current(), "panic", "spawned work panicked");
            }
        };
        self.start(async move {
            // Kept to the end: everything is quiet only when the span has ended, too.
            let _ticket = ticket;
            work.instrument(span).await;
        });
        Ok(())
    }

    /// Sends `message` after `delay`.
    pub(crate) fn send_after<M: Send + 'static>(
        &mut self,
        view: &'static str,
        sender: MessageSender<M>,
        delay: Duration,
        message: M,
    ) -> Result<(), TooManyTasks> {
        self.has_room()?;
        let publisher = PageTrace::current();
        self.start(async move {
            tokio::time::sleep(delay).await;
            if let Err(SendError::Full(_)) = sender.send_from(message, publisher) {
                tracing::warn!(view, "a timer's message is lost: the mailbox is full");
            }
        });
        Ok(())
    }

    /// Sends what `stream` yields, unless a subscription of this key does so already.
    pub(crate) fn subscribe<M: Send + 'static>(
        &mut self,
        view: &'static str,
        mailbox: &Arc<Mailbox<M>>,
        key: &str,
        stream: impl Stream<Item = M> + Send + 'static,
    ) -> Result<(), TooManyTasks> {
        let is_it = |task: &Task| task.goes_on(key) && !task.handle.is_finished();
        if self.0.iter().any(is_it) {
            return Ok(());
        }
        self.has_room()?;
        let (mailbox, ticket) = (Arc::clone(mailbox), mailbox.ticket());
        let is_over = Arc::<AtomicBool>::default();
        let source = Source::new(stream, Arc::clone(&is_over));
        let forwarding = Box::pin(forward(source, mailbox, ticket));
        self.start_as(Some((key.into(), is_over)), Box::pin(watched(view, forwarding)));
        Ok(())
    }

    /// Ends the subscription of this key, if there is one.
    pub(crate) fn unsubscribe(&mut self, key: &str) {
        for task in &mut self.0 {
            if task.subscription.take_if(|(own, _)| **own == *key).is_some() {
                task.handle.abort();
            }
        }
    }

    /// Runs `work`; whether there is [room](Self::has_room) was asked before.
    pub(crate) fn start(&mut self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        self.start_as(None, Box::pin(work))
    }

    fn start_as(
        &mut self,
        subscription: Option<(Box<str>, Arc<AtomicBool>)>,
        work: Work,
    ) -> AbortHandle {
        let handle = spawn(work).abort_handle();
        self.0.push(Task { subscription, handle: handle.clone() });
        handle
    }
}

impl Task {
    /// Whether it is the subscription of this key, with a stream that has not ended.
    fn goes_on(&self, key: &str) -> bool {
        let goes_on = |(own, is_over): &(Box<str>, Arc<AtomicBool>)| {
            **own == *key && !is_over.load(Ordering::Acquire)
        };
        self.subscription.as_ref().is_some_and(goes_on)
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in &self.0 {
            task.handle.abort();
        }
    }
}

impl fmt::Debug for Tasks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Tasks").field(&self.0.len()).finish()
    }
}

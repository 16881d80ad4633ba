//! A panic of an author's code: which callback it was in, for its span and for the log.

use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use tracing::Span;

use super::fail;

thread_local! {
    /// What has panicked on this thread and is not caught yet.
    static PANICKED: RefCell<Option<Panicked>> = const { RefCell::new(None) };
}

/// What a span says that has failed by a panic: the panic's own words may hold anything.
const PANICKED_WORDS: &str = "the callback panicked";

/// What has panicked, as far as it stood for something.
#[derive(Debug, Default)]
pub(crate) struct Panicked {
    span: Option<Span>,
    component: Option<&'static str>,
    callback: Option<&'static str>,
}

impl Panicked {
    /// Says in the log, once, what has panicked of a view, and what comes of it. The panic's own words
    /// are above it: they may hold anything.
    pub(crate) fn log(&self, view: &'static str, then: &'static str) {
        let Self { span, component, callback } = self;
        let line = || tracing::error!(view, component, callback, "a live view panicked; {then}");
        match span {
            Some(span) => {
                span.in_scope(line);
                // A line of an error within a span says what has failed in its own words.
                fail(span, "panic", PANICKED_WORDS);
            }
            None => line(),
        }
    }
}

/// Marks a span as failed when the callback panics that it stands for, and keeps its name for whoever
/// [catches](caught) it: that of the innermost one.
#[derive(Debug)]
pub(crate) struct FailOnPanic<'a> {
    span: Option<&'a Span>,
    component: Option<&'static str>,
    callback: &'static str,
}

impl<'a> FailOnPanic<'a> {
    /// Watches a callback of a view until it is dropped.
    #[must_use]
    pub(crate) fn new(span: &'a Span, callback: &'static str) -> Self {
        Self { span: Some(span), component: None, callback }
    }

    /// Watches a callback of a component until it is dropped.
    #[must_use]
    pub(crate) fn of_component(
        span: &'a Span,
        component: &'static str,
        callback: &'static str,
    ) -> Self {
        Self { span: Some(span), component: Some(component), callback }
    }
}

impl FailOnPanic<'static> {
    /// Watches a part of a callback, which has a span of its own, until it is dropped.
    #[must_use]
    pub(crate) fn part(component: Option<&'static str>, callback: &'static str) -> Self {
        Self { span: None, component, callback }
    }
}

impl Drop for FailOnPanic<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        if let Some(span) = self.span {
            fail(span, "panic", PANICKED_WORDS);
        }
        PANICKED.with_borrow_mut(|panicked| {
            let panicked = panicked.get_or_insert_default();
            if panicked.callback.is_none() {
                (panicked.component, panicked.callback) = (self.component, Some(self.callback));
            }
            // The outermost one: a span that is kept ends with its trace, and not after it.
            if let Some(span) = self.span.filter(|span| !span.is_disabled()) {
                panicked.span = Some(span.clone());
            }
        });
    }
}

/// What `work` comes to, or what has panicked in it.
pub(crate) async fn caught<F: Future>(mut work: Pin<&mut F>) -> Result<F::Output, Panicked> {
    let polled = poll_fn(|context| match caught_now(|| work.as_mut().poll(context)) {
        Ok(poll) => poll.map(Ok),
        Err(panicked) => Poll::Ready(Err(panicked)),
    });
    polled.await
}

/// As [`caught`], of work that waits for nothing.
pub(crate) fn caught_now<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    // Of an earlier panic that somebody else has caught.
    PANICKED.take();
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| PANICKED.take().unwrap_or_default())
}

//! The bodies of requests, which have to arrive in time and tell when the connection waits for them,
//! and those of answers, which tell when it waits for its next request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::Sleep;

use super::connections::{Owed, Served};

/// A request's body that did not arrive in time.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request did not arrive within {0:?}")]
struct TooSlow(Duration);

/// A request's body, to be complete before its time is over.
pub(super) struct RequestBody {
    inner: Incoming,
    timeout: Duration,
    deadline: Pin<Box<Sleep>>,
    /// Until it is complete.
    owed: Option<Owed>,
}

impl RequestBody {
    /// `body` with a time, or as it is when there is nothing to wait for.
    pub(super) fn around(body: Incoming, timeout: Duration, served: &Served) -> Body {
        if body.is_end_stream() {
            return Body::empty();
        }
        let deadline = Box::pin(tokio::time::sleep(timeout));
        Body::new(Self { inner: body, timeout, deadline, owed: Some(served.owed()) })
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            if frame.is_none() || self.inner.is_end_stream() {
                self.owed = None;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        if let Some(owed) = &mut self.owed {
            owed.is_awaited();
        }
        ready!(self.deadline.as_mut().poll(context));
        Poll::Ready(Some(Err(TooSlow(self.timeout).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body. When it has been handed over, the connection waits again.
pub(super) struct AnswerBody {
    inner: Body,
    served: Served,
    /// The client sees its end by that of the connection alone.
    is_ended_by_close: bool,
}

impl AnswerBody {
    pub(super) fn new(inner: Body, served: Served) -> Self {
        Self { inner, served, is_ended_by_close: false }
    }

    /// One whose end its client sees by that of the connection alone: one that is cut short resets it.
    pub(super) fn ended_by_close(inner: Body, served: Served) -> Self {
        served.set_ends_answer(true);
        Self { inner, served, is_ended_by_close: true }
    }
}

impl HttpBody for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        if frame.is_none() && self.is_ended_by_close {
            self.served.set_ends_answer(false);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        // It is, when its end has been seen.
        !self.is_ended_by_close && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

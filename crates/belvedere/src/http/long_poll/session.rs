//! [`PollSession`]: a browser that polls, as the requests and the connection share it.
//!
//! ```text
//! POST ─▶ hand ─▶ one frame ─▶ PollTransport::receive ─▶ Connection
//! GET  ◀─ poll ◀─ a batch, kept until it is confirmed ◀─ what waits ◀─ PollTransport::send ◀─ Connection
//! ```
//!
//! Each answer with frames has a number, which its token carries. A poll with the token of the last one
//! confirms it; one with the token before that has not got it, and is answered with the same frames again. A
//! frame of the browser that was sent twice, since a browser or a proxy has sent its request again, is known by
//! its ref and taken once.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::sent_before::SentBefore;
use crate::runtime::recipient::Detached;
use crate::runtime::transport::{Incoming, Text};
use crate::wire::token::SessionId;

/// How long a poll is held when there is nothing to say. The client gives up after 20 s, and proxies mostly
/// after 30 or 60.
pub(super) const HELD_FOR: Duration = Duration::from_secs(10);

/// How long a browser may be without a poll: one that is there asks again at once.
pub(super) const ABSENT_FOR: Duration = Duration::from_secs(15);

/// What may wait for the next poll before the connection waits for it, in bytes: what a socket of the system
/// holds as well.
const MAX_WAITING_BYTES: usize = 64 * 1024;

/// What a waiting frame takes beside its text.
const FRAME_BYTES: usize = 64;

/// One browser that polls.
pub(super) struct PollSession {
    /// Whose cookie the browser had when it came; each of its requests has the same.
    pub(super) visitor: Option<SessionId>,
    state: Mutex<State>,
    /// Its requests take turns: the client sends the next when the last is answered.
    pub(super) posting: tokio::sync::Mutex<()>,
    /// Tells the connection that a frame has come, a poll, or room.
    to_connection: Notify,
    /// Tells the polls that frames wait, or that one of them has been followed by another.
    to_polls: Notify,
    /// Tells whoever hands frames over that the last was taken.
    to_post: Notify,
}

#[derive(Default)]
struct State {
    /// A frame that the connection has not taken yet.
    incoming: Option<Incoming>,
    sent_before: SentBefore,
    /// A poll has come since the connection has looked.
    has_polled: bool,
    /// For the next poll.
    waiting: VecDeque<Text>,
    waiting_bytes: usize,
    /// What the last batch was, until the next poll confirms it.
    unconfirmed: Vec<Text>,
    /// Its number.
    batch: u64,
    /// How many polls have come. The last one counts, those before are dead or about to be.
    n_polls: u64,
    /// Since when the last one is no longer held.
    absent_since: Option<Instant>,
    /// The browser has said goodbye.
    has_left: bool,
    /// The connection says goodbye: what waits is still handed out.
    is_closing: bool,
    is_gone: bool,
}

/// What a poll comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Polled {
    Frames {
        batch: u64,
        frames: Vec<Text>,
        /// They were sent before, and have not come.
        again: bool,
    },
    /// There was nothing in time, or another poll has come.
    Nothing,
    /// The session is over.
    Gone,
}

/// The session is over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SessionGone;

impl PollSession {
    pub(super) fn new(visitor: Option<SessionId>) -> Self {
        let state = State { absent_since: Some(Instant::now()), ..State::default() };
        Self {
            visitor,
            state: Mutex::new(state),
            posting: tokio::sync::Mutex::default(),
            to_connection: Notify::new(),
            to_polls: Notify::new(),
            to_post: Notify::new(),
        }
    }

    /// Waits for frames on behalf of a browser that has got everything up to the batch `confirmed`.
    /// Dropped, it leaves everything for the next poll.
    pub(super) async fn poll(&self, confirmed: u64) -> Polled {
        let Some((poll, missed)) = self.begin(confirmed) else { return Polled::Gone };
        let _held = Held { session: self, poll };
        if let Some(missed) = missed {
            return missed;
        }
        let until = Instant::now() + HELD_FOR;
        loop {
            let told = self.to_polls.notified();
            if let Some(polled) = self.take_batch(poll) {
                return polled;
            }
            if timeout_at(until, told).await.is_err() {
                return Polled::Nothing;
            }
        }
    }

    /// The number of a new poll, and the last batch if its browser has not got it; `None` if that is long
    /// gone, or the session is.
    fn begin(&self, confirmed: u64) -> Option<(u64, Option<Polled>)> {
        let mut state = self.lock();
        let has_missed = confirmed.checked_add(1) == Some(state.batch);
        if state.is_gone || (confirmed != state.batch && !has_missed) {
            return None;
        }
        let missed = has_missed.then(|| Polled::Frames {
            batch: state.batch,
            frames: state.unconfirmed.clone(),
            again: true,
        });
        if !has_missed {
            state.unconfirmed = Vec::new();
        }
        state.n_polls += 1;
        (state.has_polled, state.absent_since) = (true, None);
        let poll = state.n_polls;
        drop(state);
        self.to_polls.notify_waiters();
        self.to_connection.notify_one();
        Some((poll, missed))
    }

    fn take_batch(&self, poll: u64) -> Option<Polled> {
        let mut state = self.lock();
        if state.is_gone {
            return Some(Polled::Gone);
        }
        if state.n_polls != poll {
            return Some(Polled::Nothing);
        }
        if state.waiting.is_empty() {
            return state.is_closing.then_some(Polled::Gone);
        }
        state.batch += 1;
        state.waiting_bytes = 0;
        let frames = Vec::from(std::mem::take(&mut state.waiting));
        state.unconfirmed.clone_from(&frames);
        let polled = Polled::Frames { batch: state.batch, frames, again: false };
        drop(state);
        self.to_connection.notify_one();
        Some(polled)
    }

    /// Hands a frame to the connection, when that has taken the one before. False if it was sent before.
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has not handed the frame over.
    pub(super) async fn hand(
        &self,
        frame: Incoming,
        message_ref: Option<u64>,
    ) -> Result<bool, SessionGone> {
        let mut frame = Some(frame);
        loop {
            let told = self.to_post.notified();
            {
                let mut state = self.lock();
                if state.is_gone || state.is_closing {
                    return Err(SessionGone);
                }
                if state.incoming.is_none() {
                    if message_ref.is_some_and(|message_ref| !state.sent_before.add(message_ref)) {
                        return Ok(false);
                    }
                    state.incoming = frame.take();
                    break;
                }
            }
            told.await;
        }
        self.to_connection.notify_one();
        Ok(true)
    }

    /// Returns when the connection has taken all that was handed over. Cancel safe.
    pub(super) async fn taken(&self) -> Result<(), SessionGone> {
        loop {
            let told = self.to_post.notified();
            {
                let state = self.lock();
                match () {
                    () if state.incoming.is_none() => return Ok(()),
                    () if state.is_gone || state.is_closing => return Err(SessionGone),
                    () => {}
                }
            }
            told.await;
        }
    }

    /// Says goodbye for the browser, after what it has sent before.
    pub(super) async fn leave(&self) {
        let _turn = self.posting.lock().await;
        self.lock().has_left = true;
        self.to_connection.notify_one();
    }

    /// The next thing that the connection has to read; `None` when the browser is gone. Cancel safe.
    pub(super) async fn receive(&self) -> Option<Incoming> {
        loop {
            let absent_until = {
                let mut state = self.lock();
                if let Some(frame) = state.incoming.take() {
                    drop(state);
                    self.to_post.notify_waiters();
                    return Some(frame);
                }
                if state.has_left {
                    return Some(Incoming::Closed(Detached::Left));
                }
                if std::mem::take(&mut state.has_polled) {
                    return Some(Incoming::Polled);
                }
                state.absent_until()
            };
            if !self.told_before(absent_until).await {
                return None;
            }
        }
    }

    /// Puts a frame with those that wait for the next poll, when there is room; false when the browser is
    /// gone. Cancel safe.
    pub(super) async fn send(&self, text: Text) -> bool {
        loop {
            let absent_until = {
                let mut state = self.lock();
                if state.has_left {
                    return false;
                }
                if state.waiting_bytes < MAX_WAITING_BYTES {
                    state.waiting_bytes += text.len() + FRAME_BYTES;
                    state.waiting.push_back(text);
                    return true;
                }
                state.absent_until()
            };
            self.to_polls.notify_waiters();
            if !self.told_before(absent_until).await {
                return false;
            }
        }
    }

    /// Has the poll that is held answered with what waits.
    pub(super) fn flush(&self) {
        self.to_polls.notify_waiters();
    }

    /// Returns when what waits was handed out, and no other poll will be held; or when the browser is gone.
    pub(super) async fn close(&self) {
        self.lock().is_closing = true;
        self.to_polls.notify_waiters();
        self.to_post.notify_waiters();
        loop {
            let absent_until = {
                let state = self.lock();
                if state.waiting.is_empty() || state.has_left {
                    return;
                }
                state.absent_until()
            };
            if !self.told_before(absent_until).await {
                return;
            }
        }
    }

    /// Ends every request that is held.
    pub(super) fn end(&self) {
        self.lock().is_gone = true;
        self.to_polls.notify_waiters();
        self.to_post.notify_waiters();
    }

    /// Waits for something to happen; false when the browser has been absent for too long.
    async fn told_before(&self, absent_until: Option<Instant>) -> bool {
        let told = self.to_connection.notified();
        match absent_until {
            Some(until) => timeout_at(until, told).await.is_ok(),
            None => {
                told.await;
                true
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// When the browser is taken for gone, unless a poll comes.
    fn absent_until(&self) -> Option<Instant> {
        self.absent_since.map(|since| since + ABSENT_FOR)
    }
}

/// A poll under way.
struct Held<'a> {
    session: &'a PollSession,
    poll: u64,
}

impl Drop for Held<'_> {
    /// Answered, or given up: the next one has its time to come.
    fn drop(&mut self) {
        let mut state = self.session.lock();
        if state.n_polls == self.poll {
            state.absent_since = Some(Instant::now());
            drop(state);
            self.session.to_connection.notify_one();
        }
    }
}

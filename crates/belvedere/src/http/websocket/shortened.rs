//! Messages that are too long to be kept, shortened between the stream and the library that assembles them.
//!
//! The library has one answer to a message above its limit: the connection is lost. A person who has
//! pasted a long text would then lose the whole page, and again whenever the browser sends the form
//! anew. So the bytes of such a message are dropped as they come, and the library gets its beginning
//! instead, with the names that an answer needs.
//!
//! ```text
//! browser ─▶ frame header · payload … ─▶ Shortened ─▶ the same, or one frame with the first bytes ─▶ library
//! ```
//!
//! A long binary message, which is a part of a file, is read past the library, which would read it in many
//! small pieces: an empty one stands for it, and who gets that asks for what it stands for.
//!
//! Only headers are looked at, and the payload of data frames that are shortened. With a frame that no client may
//! send reading ends at its header, however long it says that it is. Source of the format: RFC 6455 §5.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};

use cut::Cut;
use frame::{FrameHeader, Header, Mask};
use taken::Taken;
use turn::Turn;

mod cut;
pub(super) mod frame;
mod taken;
#[cfg(test)]
mod tests;
mod turn;

pub(super) use cut::TAIL_BYTES;
pub(super) use turn::Failure;

/// Least bytes of a binary message that is read past the library; more than one read of it.
const MIN_TAKEN_BYTES: usize = 4096;

/// Most bytes of a message whose end is waited for. A longer one is answered as soon as its length is
/// known, since its end may be minutes away; the socket's own time ends one that never does.
const MAX_AWAITED_BYTES: usize = 64 * 1024 * 1024;

/// What comes from a client, of which no message is longer than a limit.
pub(super) struct Shortened {
    /// Longest message that passes whole.
    max_bytes: usize,
    state: State,
    /// Of the message under way, as far as it has passed.
    n_passed: usize,
    /// The message under way is dropped.
    cut: Option<Cut>,
    /// To be read next, as it is.
    ready: Vec<u8>,
    /// Came after that, and is still to be looked at.
    waiting: Vec<u8>,
    /// How many messages have ended.
    n_messages: u64,
    /// How many of those, pings and the like have begun that the library is to hand out.
    n_begun: u64,
    /// Those of them that were shortened and not asked for yet: their numbers and lengths.
    shortened: VecDeque<(u64, usize)>,
    /// Those that were read past the library and not asked for yet, by their numbers.
    taken: VecDeque<(u64, Bytes)>,
    turn: Turn,
    /// Why nothing more is read.
    failure: Option<Failure>,
}

/// What the next bytes are.
enum State {
    Header(Header),
    /// Payload that passes.
    Passing {
        left: usize,
    },
    /// Payload that is read past the library.
    Taking(Taken),
    /// Payload that is dropped.
    Dropping {
        left: usize,
        is_last: bool,
        mask: Mask,
    },
}

impl Shortened {
    /// `read` was read from the stream already.
    pub(super) fn new(read: Vec<u8>, max_bytes: usize) -> Self {
        Self {
            max_bytes,
            state: State::Header(Header::default()),
            n_passed: 0,
            cut: None,
            ready: Vec::new(),
            waiting: read,
            n_messages: 0,
            n_begun: 0,
            shortened: VecDeque::new(),
            taken: VecDeque::new(),
            turn: Turn::default(),
            failure: None,
        }
    }

    /// How many messages, pings and the like among them, the library hands out when all has come of them.
    pub(super) fn n_begun(&self) -> u64 {
        self.n_begun
    }

    /// How long the message with this number was, counted from 1, if it was shortened.
    pub(super) fn take_shortened(&mut self, number: u64) -> Option<usize> {
        take_of(&mut self.shortened, number)
    }

    /// What the message with this number says, if an empty one stands for it.
    pub(super) fn take_message(&mut self, number: u64) -> Option<Bytes> {
        take_of(&mut self.taken, number)
    }

    pub(super) fn failure(&self) -> Option<Failure> {
        self.failure
    }

    /// Whether something is to be read that the stream has given already, or an error.
    pub(super) fn has_read(&self) -> bool {
        !self.ready.is_empty() || !self.waiting.is_empty() || self.failure.is_some()
    }

    /// Whether what comes next begins a message, or a ping or the like.
    pub(super) fn is_between_messages(&self) -> bool {
        let is_between_frames =
            matches!(&self.state, State::Header(header) if header.bytes().is_empty());
        is_between_frames && !self.turn.is_continued() && self.cut.is_none() && !self.has_read()
    }

    /// Looks at what came; what is to be read stands at the start of `bytes` then, as many as returned.
    fn filter(&mut self, bytes: &mut [u8]) -> usize {
        let (mut at, mut n_kept) = (0, 0);
        while at < bytes.len() && self.ready.is_empty() {
            match &mut self.state {
                State::Header(header) => {
                    let Some(frame) = header.push(bytes[at]) else {
                        at += 1;
                        continue;
                    };
                    at += 1;
                    let header = std::mem::take(header);
                    let is_answered = self.cut.as_ref().is_some_and(|cut| cut.is_answered);
                    self.failure = self.turn.take(&frame, is_answered).err();
                    if self.failure.is_some() {
                        return n_kept;
                    }
                    if self.begin(&frame) {
                        n_kept += self.pass_header(header.bytes(), &mut bytes[n_kept..at]);
                    }
                    if !self.ready.is_empty() {
                        self.waiting.extend_from_slice(&bytes[at..]);
                    }
                }
                State::Passing { left } => {
                    let n_bytes = (*left).min(bytes.len() - at);
                    if at != n_kept {
                        bytes.copy_within(at..at + n_bytes, n_kept);
                    }
                    (at, n_kept) = (at + n_bytes, n_kept + n_bytes);
                    *left -= n_bytes;
                    self.end_frame();
                }
                State::Taking(taken) => {
                    at += taken.take(&bytes[at..]);
                    if self.end_taken() {
                        self.waiting.extend_from_slice(&bytes[at..]);
                    }
                }
                State::Dropping { left, mask, .. } => {
                    let n_bytes = (*left).min(bytes.len() - at);
                    let dropped = &bytes[at..at + n_bytes];
                    at += n_bytes;
                    *left -= n_bytes;
                    if let Some(cut) = &mut self.cut {
                        cut.keep(dropped, mask);
                    }
                    self.answer_early();
                    self.end_frame();
                    if !self.ready.is_empty() {
                        self.waiting.extend_from_slice(&bytes[at..]);
                    }
                }
            }
        }
        n_kept
    }

    /// Puts a header where its bytes stood, of which `place` has what came with the last read. Says how
    /// many of them it has.
    fn pass_header(&mut self, header: &[u8], place: &mut [u8]) -> usize {
        match place.get_mut(..header.len()) {
            Some(place) => {
                place.copy_from_slice(header);
                header.len()
            }
            None => {
                self.ready.extend_from_slice(header);
                0
            }
        }
    }

    /// Begins a frame; says whether it passes.
    fn begin(&mut self, frame: &FrameHeader) -> bool {
        let FrameHeader { n_bytes, .. } = *frame;
        if !frame.is_data() {
            self.n_begun += 1;
            self.state = State::Passing { left: n_bytes };
            self.end_frame();
            return true;
        }
        if frame.is_first() {
            self.n_passed = 0;
            self.cut.take_if(|cut| cut.is_answered);
        }
        let is_cut = self.cut.is_some() && !frame.is_first();
        if !is_cut && self.n_passed.saturating_add(n_bytes) <= self.max_bytes {
            self.n_passed += n_bytes;
            if frame.is_last {
                self.n_messages += 1;
                self.n_begun += 1;
                self.n_passed = 0;
            }
            if frame.is_plain_binary && n_bytes >= MIN_TAKEN_BYTES {
                self.state = State::Taking(Taken::new(n_bytes, frame.mask));
                return false;
            }
            self.state = State::Passing { left: n_bytes };
            self.end_frame();
            return true;
        }
        let n_passed = self.n_passed;
        let cut = self.cut.get_or_insert_with(|| Cut::new(frame, n_passed, self.max_bytes));
        cut.n_bytes = cut.n_bytes.saturating_add(n_bytes);
        let (is_last, mask) = (frame.is_last, frame.mask);
        self.state = State::Dropping { left: n_bytes, is_last, mask };
        self.end_frame();
        false
    }

    /// Goes on to the next frame when all of this one has come. When a dropped message ended with it, a
    /// short one is ready.
    fn end_frame(&mut self) {
        let is_last = match self.state {
            State::Passing { left: 0 } => false,
            State::Dropping { left: 0, is_last, .. } => is_last,
            _ => return,
        };
        self.state = State::Header(Header::default());
        match self.cut.take_if(|_| is_last) {
            Some(cut) if !cut.is_answered => self.hand_over(&cut),
            Some(_) | None => {}
        }
    }

    /// Has an empty message stand for one of which all has come; says whether it has.
    fn end_taken(&mut self) -> bool {
        match std::mem::replace(&mut self.state, State::Header(Header::default())) {
            State::Taking(taken) if taken.is_whole() => {
                self.taken.push_back((self.n_messages, taken.into_message()));
                frame::write_empty_binary(&mut self.ready);
                true
            }
            other => {
                self.state = other;
                false
            }
        }
    }

    /// Has a message answered whose end is too far away, when enough of it has come.
    fn answer_early(&mut self) {
        let is_far = |cut: &mut Cut| cut.is_full && cut.n_bytes > MAX_AWAITED_BYTES;
        let Some(mut cut) = self.cut.take_if(is_far) else { return };
        if !cut.is_answered {
            self.hand_over(&cut);
            (cut.is_answered, cut.kept) = (true, Vec::new());
        }
        self.cut = Some(cut);
    }

    /// Makes the frame ready that stands for a message.
    fn hand_over(&mut self, cut: &Cut) {
        self.n_messages += 1;
        self.n_begun += 1;
        self.n_passed = 0;
        self.shortened.push_back((self.n_messages, cut.n_bytes));
        frame::write(&mut self.ready, cut.opcode, &cut.kept);
    }

    /// Moves what is ready into `buffer`; says whether there was anything.
    fn take_ready(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        let n_bytes = self.ready.len().min(buffer.remaining());
        buffer.put_slice(&self.ready[..n_bytes]);
        self.ready.drain(..n_bytes);
        if self.ready.is_empty() {
            self.ready = Vec::new();
        }
        n_bytes > 0
    }

    /// Looks at what waits, as far as it fits into `buffer`.
    fn take_waiting(&mut self, buffer: &mut ReadBuf<'_>) {
        let mut waiting = std::mem::take(&mut self.waiting);
        let rest = waiting.split_off(waiting.len().min(buffer.remaining()));
        let n_kept = self.filter(&mut waiting);
        buffer.put_slice(&waiting[..n_kept]);
        self.waiting.extend_from_slice(&rest);
    }

    /// Reads what comes from `stream` as the library is to have it.
    pub(super) fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        loop {
            if buffer.remaining() == 0 || self.take_ready(buffer) {
                return Poll::Ready(Ok(()));
            }
            if self.failure.is_some() {
                return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
            }
            if let (State::Taking(taken), true) = (&mut self.state, self.waiting.is_empty()) {
                if !ready!(taken.poll_read(stream, context))? {
                    return Poll::Ready(Ok(()));
                }
                self.end_taken();
            } else if self.waiting.is_empty() {
                ready!(Pin::new(&mut *stream).poll_read(context, buffer))?;
                if buffer.filled().len() == before {
                    return Poll::Ready(Ok(()));
                }
                let n_kept = self.filter(&mut buffer.filled_mut()[before..]);
                buffer.set_filled(before + n_kept);
            } else {
                self.take_waiting(buffer);
            }
            if buffer.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

/// What is first in line, if it is of the message with this number.
fn take_of<T>(in_line: &mut VecDeque<(u64, T)>, number: u64) -> Option<T> {
    in_line.front().filter(|(of, _)| *of == number)?;
    in_line.pop_front().map(|(_, it)| it)
}

//! Whether a client may send a frame, and now.

use super::frame::FrameHeader;

/// Most frames in which one message may come: a few bytes in each are enough for the longest that is
/// waited for. Empty ones would cost time without end.
pub(super) const MAX_PIECES: usize = 16 * 1024;

/// Why nothing more is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http::websocket) enum Failure {
    /// A frame came that no client may send, or not then.
    Malformed,
    /// A message came in so many pieces that not even its rest was read.
    TooManyPieces,
}

/// What may come next.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// More of a message.
    is_continued: bool,
    /// Frames of the message under way.
    n_pieces: usize,
}

impl Turn {
    /// Whether the message under way has more frames to come.
    pub(super) const fn is_continued(&self) -> bool {
        self.is_continued
    }

    /// The next frame has begun. Of a message that was answered before its end any number may follow: the socket's
    /// own time ends it.
    pub(super) fn take(&mut self, frame: &FrameHeader, is_answered: bool) -> Result<(), Failure> {
        let is_in_turn = !frame.is_data() || frame.is_first() != self.is_continued;
        if !frame.is_sound || !is_in_turn {
            return Err(Failure::Malformed);
        }
        if frame.is_data() {
            self.is_continued = !frame.is_last;
            self.n_pieces = if frame.is_first() { 1 } else { self.n_pieces + 1 };
            if self.n_pieces > MAX_PIECES && !is_answered {
                return Err(Failure::TooManyPieces);
            }
        }
        Ok(())
    }
}

//! A message that is too long: what is kept of it while the rest is dropped.

use super::frame::{FrameHeader, Mask};
use crate::wire::frame::HEAD_BYTES;

/// What may be kept beyond a limit, so that the text ends with a whole character.
pub(in crate::http::websocket) const TAIL_BYTES: usize = 3;

/// A message that is dropped.
pub(super) struct Cut {
    /// Of the frame that stands for it: a text, or the rest of one that has passed in part.
    pub(super) opcode: u8,
    /// Bytes that the frame has, at least.
    n_kept: usize,
    pub(super) kept: Vec<u8>,
    /// A whole character was kept last.
    pub(super) is_full: bool,
    /// All of it so far, what has passed included.
    pub(super) n_bytes: usize,
    /// The frame that stands for it has been handed over; what comes is its rest.
    pub(super) is_answered: bool,
}

impl Cut {
    pub(super) fn new(frame: &FrameHeader, n_passed: usize, max_bytes: usize) -> Self {
        let n_kept = if frame.is_first() { HEAD_BYTES.min(max_bytes) } else { 0 };
        Self {
            opcode: frame.opcode,
            n_kept,
            kept: Vec::new(),
            is_full: false,
            n_bytes: n_passed,
            is_answered: false,
        }
    }

    /// Keeps the first bytes, up to the end of a character.
    pub(super) fn keep(&mut self, dropped: &[u8], mask: &mut Mask) {
        for byte in dropped {
            if self.is_full {
                return;
            }
            let byte = mask.unmask(*byte);
            let is_within_character = byte & 0b1100_0000 == 0b1000_0000;
            if self.kept.len() < self.n_kept
                || is_within_character && self.kept.len() < self.n_kept + TAIL_BYTES
            {
                self.kept.push(byte);
            } else {
                self.is_full = true;
            }
        }
    }
}

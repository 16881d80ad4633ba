//! A binary message that is read past the library: of its own length, in as few reads as it comes in.

use std::io;
use std::pin::pin;
use std::task::{Context, Poll, ready};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::frame::Mask;

/// A message under way.
pub(super) struct Taken {
    payload: BytesMut,
    left: usize,
    mask: Mask,
}

impl Taken {
    pub(super) fn new(n_bytes: usize, mask: Mask) -> Self {
        Self { payload: BytesMut::with_capacity(n_bytes), left: n_bytes, mask }
    }

    pub(super) const fn is_whole(&self) -> bool {
        self.left == 0
    }

    /// Takes what has come of it; says how much that is.
    pub(super) fn take(&mut self, bytes: &[u8]) -> usize {
        let bytes = &bytes[..self.left.min(bytes.len())];
        self.payload.extend_from_slice(bytes);
        self.left -= bytes.len();
        bytes.len()
    }

    /// Reads more of it; says whether anything came before the stream's end.
    pub(super) fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        let mut room = (&mut self.payload).limit(self.left);
        // Dropped when it waits, and nothing is lost: it has read nothing then.
        let n_bytes = ready!(pin!(stream.read_buf(&mut room)).poll(context))?;
        self.left -= n_bytes;
        Poll::Ready(Ok(n_bytes > 0))
    }

    /// What it says.
    pub(super) fn into_message(mut self) -> Bytes {
        self.mask.unmask_all(&mut self.payload);
        self.payload.freeze()
    }
}

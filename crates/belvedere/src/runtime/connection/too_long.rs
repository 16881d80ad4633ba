//! A frame that is too long to be read: whoever it is for learns it, and everything else goes on.

use super::{Connection, Flow};
use crate::runtime::in_flight::Ticket;
use crate::runtime::transport::CloseReason;
use crate::runtime::transport::Transport;
use crate::wire::frame::Frame;
use crate::wire::keys;
use crate::wire::reply::Status;
use crate::wire::response::JoinRefusal;

impl<T: Transport> Connection<T> {
    /// Closes the socket if what was read asks for it.
    pub(super) async fn go_on(&mut self, read: Result<(), CloseReason>) -> Flow {
        match read {
            Ok(()) => Flow::Continue,
            Err(reason) => self.close(reason).await,
        }
    }

    /// Routes a frame by its names alone. Closing the socket instead would take the whole page along,
    /// and again when the browser has come back and sends the same form to recover it.
    pub(super) fn read_too_long(
        &mut self,
        head: &str,
        n_bytes: usize,
        ticket: Ticket,
    ) -> Result<(), CloseReason> {
        let Some(frame) = Frame::from_head(head) else {
            self.runtime.protocol_error("frame too large");
            return Ok(());
        };
        match &*frame.event {
            keys::JOIN => {
                self.runtime.join_refused("too long");
                self.answer(&frame, Status::Error, ticket, |out| JoinRefusal::Crashed.write(out));
            }
            keys::LEAVE => self.leave(&frame, ticket),
            _ => {
                let load = self.admit(head.len())?;
                return self.forward(&frame, Some(n_bytes), ticket, load);
            }
        }
        Ok(())
    }
}

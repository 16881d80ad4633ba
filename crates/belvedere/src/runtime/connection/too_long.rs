//! A frame that is too long to be read: whoever it is for learns it, and everything else goes on.

use std::time::SystemTime;

use tokio::time::Instant;

use super::Connection;
use crate::runtime::in_flight::Ticket;
use crate::runtime::transport::Transport;
use crate::wire::frame::Frame;
use crate::wire::keys;
use crate::wire::reply::Status;
use crate::wire::response::JoinRefusal;
use crate::wire::token::ReloadToken;

/// What the page answers whose join is too long: 413, "Payload Too Large".
const TOO_LONG: u16 = 413;

impl<T: Transport> Connection<T> {
    /// Routes a frame by its names alone. Closing the socket instead would take the whole page along,
    /// and again when the browser has come back and sends the same form to recover it.
    pub(super) fn read_too_long(
        &mut self,
        head: &str,
        n_bytes: usize,
        now: Instant,
        ticket: Ticket,
    ) {
        let Some(frame) = Frame::from_head(head) else {
            return self.runtime.protocol_error("frame too large");
        };
        match &*frame.event {
            keys::JOIN => self.join_too_long(&frame, head, n_bytes, ticket),
            keys::LEAVE => self.leave(&frame, ticket),
            _ => {
                let load = self.backlog.take(head.len());
                self.forward(&frame, Some(n_bytes), now, ticket, load);
            }
        }
    }

    /// The browser would send this join again and again. With a URL that a script has shown, it loads
    /// what stands there; with anything else that a script has put into it, the page says so.
    fn join_too_long(&self, frame: &Frame<'_>, head: &str, n_bytes: usize, ticket: Ticket) {
        self.runtime.join_refused("too long");
        if !has_short_url(head, self.runtime.config.max_url_bytes) {
            self.answer(frame, Status::Error, ticket, |out| JoinRefusal::Unauthorized.write(out));
            return;
        }
        if let Some(times) = self.runtime.told.joins.again() {
            tracing::warn!(
                times,
                n_bytes,
                "a join was refused, since it is longer than `LiveConfig::max_frame_bytes`: a script \
                 gives `Belvedere.connect` too large `params`"
            );
        }
        let token = ReloadToken { status: TOO_LONG, page: None }
            .sign(&self.runtime.keys, SystemTime::now());
        let refusal = JoinRefusal::Reload { status: TOO_LONG, token: &token };
        self.answer(frame, Status::Error, ticket, |out| refusal.write(out));
    }
}

/// Whether a join's beginning shows its whole URL, and that it is not what makes the join long. A quote
/// within it would be escaped.
fn has_short_url(head: &str, max_url_bytes: usize) -> bool {
    let url = head.split_once("\"url\":\"").map(|(_, url)| url);
    url.and_then(|url| url.find('"')).is_some_and(|n_bytes| n_bytes <= max_url_bytes)
}

#[cfg(test)]
mod tests {
    use super::has_short_url;

    #[test]
    fn a_url_is_what_makes_a_join_long_unless_all_of_it_is_seen_to_be_short() {
        let long = "x".repeat(99);
        for (head, is_short) in [
            (r#"["4","4","lv:a","phx_join",{"url":"http://a.test/","params":{"#.to_owned(), true),
            (format!(r#"["4","4","lv:a","phx_join",{{"url":"http://a.test/{long}"#), false),
            (
                format!(r#"["4","4","lv:a","phx_join",{{"url":"http://a.test/{long}","params"#),
                false,
            ),
            (r#"["4","4","lv:a","phx_join",{"params":{"#.to_owned(), false),
        ] {
            assert_eq!(has_short_url(&head, 50), is_short, "{head}");
        }
    }
}

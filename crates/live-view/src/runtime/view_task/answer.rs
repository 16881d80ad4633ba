//! What a view task sends: replies and pushes with a diff, redirects, the answer to a join.

use std::sync::Arc;
use std::time::SystemTime;

use crate::diff::{self, Memory};
use crate::flash::with_flash;
use crate::http::assets::CLIENT_VERSION;
use crate::runtime::mailbox::Inbox;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::socket::Socket;
use crate::telemetry;
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::reply::{self, Status};
use crate::wire::response;
use crate::wire::token::FlashToken;

impl<V: LiveView> ViewTask<V> {
    pub(super) fn answer_join(&mut self) {
        self.dirty = false;
        let Self { view, socket, memory, channel: Some(channel), .. } = self else { return };
        let mut text = String::new();
        let join_ref = Some(&*channel.join_ref);
        reply::write_reply(&mut text, &channel.address(), join_ref, Status::Ok, |out| {
            response::write_joined(out, CLIENT_VERSION, None, |out| {
                write_diff(view, socket, memory, out);
            });
        });
        self.joining = false;
        self.send(text);
    }

    pub(super) fn acknowledge(&mut self, message_ref: Option<&str>) -> Flow {
        self.reply(message_ref, |out| out.push_str("{}"))
    }

    /// Answers a request; never with status `error`, which would leave the page's elements locked.
    pub(super) fn reply(
        &mut self,
        message_ref: Option<&str>,
        response: impl FnOnce(&mut String),
    ) -> Flow {
        if let Some(channel) = &self.channel {
            let mut text = String::new();
            reply::write_reply(&mut text, &channel.address(), message_ref, Status::Ok, response);
            self.send(text);
        }
        Flow::Continue
    }

    /// Answers a request with what has changed, and with where the view sends the browser.
    pub(super) fn reply_rendered(&mut self, message_ref: Option<&str>) -> Flow {
        if let Some(redirect) = self.redirect() {
            self.reply(message_ref, |out| {
                out.push('{');
                redirect.navigation().write_member(out);
                out.push('}');
            });
            return self.sent_elsewhere();
        }
        self.dirty = false;
        let Self { view, socket, memory, channel: Some(channel), .. } = self else {
            return Flow::Continue;
        };
        let mut text = String::new();
        reply::write_reply(&mut text, &channel.address(), message_ref, Status::Ok, |out| {
            out.push_str("{\"diff\":");
            if !write_diff(view, socket, memory, out) {
                out.truncate(out.len() - "\"diff\":".len());
            }
            out.push('}');
        });
        self.send(text);
        Flow::Continue
    }

    /// Sends what messages have changed.
    pub(super) fn push(&mut self) -> Flow {
        let redirect = self.redirect();
        self.dirty = false;
        let Self { view, socket, memory, channel: Some(channel), .. } = self else {
            return Flow::Continue;
        };
        let mut text = String::new();
        if let Some(redirect) = redirect {
            reply::write_push(&mut text, &channel.address(), keys::REDIRECT, |out| {
                redirect.navigation().write(out);
            });
            self.send(text);
            return self.sent_elsewhere();
        }
        let mut changed = false;
        reply::write_push(&mut text, &channel.address(), keys::DIFF, |out| {
            changed = write_diff(view, socket, memory, out);
        });
        if changed {
            self.send(text);
        }
        Flow::Continue
    }

    /// A browser that was sent elsewhere has left this view.
    fn sent_elsewhere(&mut self) -> Flow {
        if let Some(channel) = self.channel.take() {
            channel.close();
        }
        Flow::Stop
    }

    fn redirect(&mut self) -> Option<Redirect> {
        let to = self.socket.pending.redirect.take()?;
        let flash = std::mem::take(&mut self.socket.flash);
        let flash = (!flash.is_empty()).then(|| {
            let token = FlashToken { flash: flash.into_pairs() };
            token.sign(&self.runtime.keys, SystemTime::now())
        });
        Some(Redirect { to: to.to_string(), flash })
    }

    fn send(&self, text: String) {
        if let Some(channel) = &self.channel {
            self.socket.mailbox.frame_sent();
            channel.send(text, Some(Arc::clone(&self.socket.mailbox) as Arc<dyn Inbox>));
        }
    }
}

/// Appends a diff object with everything the browser does not have yet. False, and nothing
/// appended, when it has everything.
fn write_diff<V: LiveView>(
    view: &V,
    socket: &mut Socket<V>,
    memory: &mut Memory,
    out: &mut String,
) -> bool {
    let span = telemetry::render_span(V::name());
    let start = out.len();
    out.push('{');
    let changes =
        span.in_scope(|| with_flash(&socket.flash, || diff::diff(&view.render(), memory, out)));
    socket.has_streamed |= changes.streams > 0;
    socket.write_pending(out);
    let changed = out.len() > start + 1;
    if changed {
        out.push('}');
    } else {
        out.truncate(start);
    }
    telemetry::record_render(&span, out.len() - start, changes.holes);
    changed
}

/// Where a view sends its browser.
struct Redirect {
    to: String,
    flash: Option<String>,
}

impl Redirect {
    fn navigation(&self) -> response::Navigation<'_> {
        response::Navigation::Redirect { to: &self.to, flash: self.flash.as_deref() }
    }
}

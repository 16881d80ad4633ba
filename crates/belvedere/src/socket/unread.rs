//! What a page says of an event that could not be read, until the same event can be.

use serde_json::json;

use crate::event::EventError;
use crate::socket::Socket;
use crate::view::LiveView;

/// The flash's kind.
const KIND: &str = "error";

/// Heard by the client's script, which shows its text above the page.
const SCRIPT_EVENT: &str = "live_view:unread";

/// A flash about an event that could not be read.
#[derive(Debug)]
pub(crate) struct Unread {
    /// The declared event; `None` when the message was too long for it to be known.
    event: Option<&'static str>,
    text: Box<str>,
}

impl<V: LiveView> Socket<V> {
    /// Says on the page why an event was not read, as the default of
    /// [`handle_unread`](LiveView::handle_unread) does: as an `error` flash, and in a debug build with
    /// what the author wants to know, also where no template shows the flash.
    pub fn put_unread(&mut self, error: &EventError) {
        let mut text = error.for_visitor();
        if cfg!(debug_assertions) {
            text = format!("{text} (Debug build, {}: {error})", V::name());
            if !self.shows_flash {
                // Its bound is reached by a browser that does not listen; the log has it too.
                let _ = self.push_event(SCRIPT_EVENT, &json!({ "text": text }));
            }
        }
        self.unread = Some(Unread { event: error.event(), text: text.as_str().into() });
        self.put_flash(KIND, text);
    }

    /// An event was read: what was said of it before is over, unless something else is said by now.
    pub(crate) fn has_read(&mut self, event: &str, is_form: bool) {
        let is_over = |unread: &mut Unread| unread.event.map_or(is_form, |name| name == event);
        if let Some(unread) = self.unread.take_if(is_over)
            && self.flash.get(KIND) == Some(&unread.text)
        {
            self.flash.clear(KIND);
        }
    }
}

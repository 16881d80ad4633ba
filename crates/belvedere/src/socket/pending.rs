//! What callbacks ask for until the next frame carries it out.

use std::any::Any;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::component::id::Name;
use crate::js::Js;
use crate::navigation::{History, LocalPath, NotASite, NotLocal, SiteUrl};

/// Most bytes of pushed events that wait for a browser which is slow or away.
const MAX_PENDING_EVENT_BYTES: usize = 1024 * 1024;

/// Heard by the client's script, which runs the commands.
const SCRIPT_EVENT: &str = "live_view:js";

/// Heard by the client's script before it shows the answer to an event that was not handled: what a form has brought
/// with it is in the page alone.
pub(crate) const REFUSED_EVENT: &str = "live_view:refused";

/// Commands as the browser's script is given them.
#[derive(Serialize)]
struct Commands<'a> {
    /// Of the view's container, which `Target::This` means.
    id: &'a str,
    js: &'a RawValue,
}

/// Which view an event was for.
#[derive(Serialize)]
struct Refused<'a> {
    /// Of the view's container.
    id: &'a str,
}

/// What the next frame carries beside the diff.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) title: bool,
    /// Pushed events as JSON arrays, comma-separated: `["saved",{"id":1}],["done",null]`.
    pub(crate) events: String,
    /// The answer to the hook that sent the event being handled, as JSON.
    pub(crate) reply: Option<String>,
    pub(crate) going: Option<Going>,
    /// The browser is to look through its page, even if nothing has changed: it takes the content of a
    /// portal away with the message after the one that dropped it.
    pub(crate) patch: bool,
    /// Messages for components, by their type and id.
    pub(crate) to_components: Vec<(Name, Box<dyn Any + Send>)>,
}

impl Pending {
    pub(crate) fn push_event(
        &mut self,
        name: &str,
        payload: &impl Serialize,
    ) -> Result<(), PushError> {
        self.push(&(name, payload))
    }

    /// Says that the event of the view with this id was not handled.
    pub(crate) fn push_refused(&mut self, view: &str) {
        // With a third member, the client hears it before it looks at the diff. What finds no room is as if the
        // event had been handled.
        let _ = self.push(&(REFUSED_EVENT, Refused { id: view }, true));
    }

    fn push(&mut self, event: &impl Serialize) -> Result<(), PushError> {
        let event = serde_json::to_string(event).map_err(PushError::Payload)?;
        if self.events.len() + event.len() > MAX_PENDING_EVENT_BYTES {
            return Err(PushError::Full);
        }
        if !self.events.is_empty() {
            self.events.push(',');
        }
        self.events.push_str(&event);
        Ok(())
    }

    /// Commands for the browser, about the element of the view that has this id or elsewhere.
    pub(crate) fn push_js(&mut self, view: &str, js: &Js) -> Result<(), PushError> {
        let commands = RawValue::from_string(js.json()).map_err(PushError::Payload)?;
        self.push_event(SCRIPT_EVENT, &Commands { id: view, js: &commands })
    }

    pub(crate) fn reply(&mut self, value: &impl Serialize) -> Result<(), serde_json::Error> {
        self.reply = Some(serde_json::to_string(value)?);
        Ok(())
    }

    pub(crate) fn patch(
        &mut self,
        to: impl Into<String>,
        history: History,
    ) -> Result<(), NotLocal> {
        self.goes(Going::Patch(LocalPath::new(to)?, history));
        Ok(())
    }

    pub(crate) fn navigate(
        &mut self,
        to: impl Into<String>,
        history: History,
    ) -> Result<(), NotLocal> {
        self.goes(Going::Navigate(LocalPath::new(to)?, history));
        Ok(())
    }

    pub(crate) fn redirect(&mut self, to: impl Into<String>) -> Result<(), NotLocal> {
        self.goes(Going::Redirect(LocalPath::new(to)?));
        Ok(())
    }

    pub(crate) fn redirect_to_site(&mut self, url: impl Into<String>) -> Result<(), NotASite> {
        self.goes(Going::Site(SiteUrl::new(url)?));
        Ok(())
    }

    /// The browser is to go there. What leads away from the view counts more than another URL of it.
    pub(crate) fn goes(&mut self, going: Going) {
        if going.is_departure() || !self.departs() {
            self.going = Some(going);
        }
    }

    /// Whether the browser is about to leave the view.
    pub(crate) fn departs(&self) -> bool {
        self.going.as_ref().is_some_and(Going::is_departure)
    }
}

/// Where a callback sends the browser. The last one asked for counts, but a patch cancels no departure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Going {
    /// Another URL of the same view.
    Patch(LocalPath, History),
    /// Another view on the same socket.
    Navigate(LocalPath, History),
    /// A full load.
    Redirect(LocalPath),
    /// A full load of another site.
    Site(SiteUrl),
}

impl Going {
    /// Whether it leads away from the view.
    pub(crate) const fn is_departure(&self) -> bool {
        !matches!(self, Self::Patch(..))
    }
}

/// Why an event was not pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The payload cannot be written as JSON.
    #[error("the event's payload cannot be written as JSON")]
    Payload(#[source] serde_json::Error),
    /// The events that wait for the browser have reached their bound of 1 MiB.
    #[error("too many events wait for the browser")]
    Full,
}

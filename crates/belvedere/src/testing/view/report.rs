//! What a page has received so far, besides its content.

#[cfg(feature = "otel")]
use opentelemetry::TraceId;
use serde_json::Value;

use crate::testing::app::page_token;
#[cfg(feature = "otel")]
use crate::testing::app::trace_of;
use crate::testing::dom::Dom;
use crate::testing::view::{Outcome, TestView};
use crate::wire::token::SessionId;

impl TestView {
    /// The title that the server last sent.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The events pushed to the browser, in order.
    #[must_use]
    pub fn events(&self) -> &[(String, Value)] {
        &self.events
    }

    /// The replies received since the join, in order: `{"status":…,"response":…}`.
    #[must_use]
    pub fn replies(&self) -> &[Value] {
        &self.replies
    }

    /// The diffs received since the join, without title, events and reply; the first is the whole
    /// tree.
    #[must_use]
    pub fn diffs(&self) -> &[Value] {
        &self.diffs
    }

    /// Bytes of the last frame received.
    #[must_use]
    pub fn last_frame_bytes(&self) -> usize {
        self.received_bytes
    }

    /// The last diff received, the one of the join included: `{"0":"12"}`.
    #[must_use]
    pub fn last_diff(&self) -> Option<&Value> {
        self.last_diff.as_ref()
    }

    /// Frames received since the page was opened, joins included.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.received_frames
    }

    /// What became of the page.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Whether a join has succeeded and nothing has ended it.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.tree.is_some() && self.outcome == Outcome::Open
    }

    /// The session that the page was rendered for.
    ///
    /// # Panics
    ///
    /// When the page's token is not this application's.
    #[must_use]
    pub fn session(&self) -> SessionId {
        page_token(&self.app.runtime, &self.session).session_id
    }

    /// The trace of the page, to which those of joins and events link; zero when tracing was off.
    /// Needs the feature `otel`.
    ///
    /// # Panics
    ///
    /// When the page's token is not this application's.
    #[cfg(feature = "otel")]
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        trace_of(&page_token(&self.app.runtime, &self.session))
    }

    /// Takes nothing any more of what the server sends, as a browser behind a line that has stalled.
    /// Whatever waits for everything to be quiet waits for [`read_on`](Self::read_on) then.
    pub fn stop_reading(&self) {
        self.tab.set_reads(false);
    }

    /// Takes again what the server sends.
    pub fn read_on(&self) {
        self.tab.set_reads(true);
    }

    /// The element that the page's view stands in, without what is the runtime's:
    /// `<main class="wide">`.
    ///
    /// # Panics
    ///
    /// When the page shows no view.
    #[must_use]
    pub fn container(&self) -> String {
        let of = |tag: &str, attributes: &mut dyn Iterator<Item = (&str, &str)>| {
            let own =
                attributes.filter(|(name, _)| *name != "id" && !name.starts_with("data-phx-"));
            let own = own.map(|(name, value)| format!(" {name}=\"{value}\"")).collect::<String>();
            format!("<{tag}{own}>")
        };
        if let Some(container) = &self.container {
            let attributes = container[1].as_object().into_iter().flatten();
            let attributes = attributes.map(|(name, value)| (&**name, value.as_str()));
            let mut attributes = attributes.map(|(name, value)| (name, value.unwrap_or_default()));
            return of(container[0].as_str().unwrap_or_default(), &mut attributes);
        }
        let page = Dom::of(&self.first_html);
        let element = page.one("[data-phx-main]").value();
        of(element.name(), &mut element.attrs())
    }

    /// The topic that this page joins.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }
}

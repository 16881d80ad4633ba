//! A nested view moves its page: another URL of it is shown by the page's own view, another page is sent
//! for by a view in the layout.

use tokio::time::Instant;
use tracing::Instrument;

use crate::navigation::{History, LocalPath};
use crate::runtime::view_task::{Flow, ViewTask};
use crate::socket::pending::Going;
use crate::telemetry::{self, Act};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// Asks the page's own view to show `to`. While that is still to be joined, a view in the layout
    /// sends the page there instead.
    pub(super) fn ask_page(&mut self, to: LocalPath, history: History) {
        let identity = &self.socket.identity;
        let page = self.runtime.views.page(&identity.address.root, identity.session);
        if page.is_none() && identity.is_in_layout() {
            return self.sends_page_on(Going::Navigate(to, history));
        }
        let asked = page.map(|page| page.post_patch(to.clone(), history));
        if !matches!(asked, Some(Ok(()))) {
            log_unasked(V::name(), &to);
        }
    }

    /// A view nested in this page has asked for another URL of it.
    pub(super) async fn patch_for_nested(
        &mut self,
        to: LocalPath,
        history: History,
        queued: Instant,
    ) -> Flow {
        self.socket.flash.begin_act();
        let queued = queued + self.frame_taken().await;
        let span = self.begin_act(Act::Params, queued.elapsed());
        self.socket.pending.goes(Going::Patch(to, history));
        if self.channel.is_none() {
            // Said with the answer to the join that brings the browser back.
            return Flow::Continue;
        }
        let _panic = telemetry::FailOnPanic::new(&span, "handle_params");
        self.push_rendered().instrument(span.clone()).await
    }

    /// A view in the layout sends the page within on, and stays: at once, or behind the answer to its
    /// join.
    pub(super) fn sends_page_on(&mut self, going: Going) {
        let departure = self.departure(going);
        if self.joining {
            self.page_goes = Some(Box::new(departure));
        } else {
            self.push_departure(&departure);
        }
    }

    /// The join is answered: the page may go.
    pub(super) fn page_goes(&mut self) {
        if let Some(departure) = self.page_goes.take() {
            self.push_departure(&departure);
        }
    }
}

fn log_unasked(view: &'static str, to: &LocalPath) {
    tracing::warn!(view, %to, "the page of a nested view, which patches, has ended or is too busy");
}

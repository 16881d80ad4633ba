//! A nested view asks for another URL of its page: the page's own view shows it.

use std::time::Instant;

use tracing::Instrument;

use crate::navigation::{History, LocalPath};
use crate::runtime::view_task::{Flow, ViewTask};
use crate::socket::pending::Going;
use crate::telemetry::{self, Act};
use crate::view::LiveView;

impl<V: LiveView> ViewTask<V> {
    /// Asks the page's own view to show `to`.
    pub(super) fn ask_page(&self, to: LocalPath, history: History) {
        let identity = &self.socket.identity;
        let page = self.runtime.views.page(&identity.address.root, identity.session);
        let asked = page.map(|page| page.post_patch(to.clone(), history));
        if !matches!(asked, Some(Ok(()))) {
            let view = V::name();
            tracing::warn!(view, %to, "the page of a nested view, which patches, has ended or is too busy");
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
        let span = telemetry::act_span(&self.identity(), Act::Params);
        let queued = queued + self.frame_taken().await;
        self.callback_starts(&span, queued);
        self.socket.pending.goes(Going::Patch(to, history));
        if self.channel.is_none() {
            // Said with the answer to the join that brings the browser back.
            return Flow::Continue;
        }
        let _panic = telemetry::FailOnPanic::new(&span);
        self.push_rendered().instrument(span.clone()).await
    }
}

//! Views that wait for the first join of their page.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::waiting::Holder;
use super::{Claim, HeldPage, State, Views};
use crate::config::HoldLimits;
use crate::ended::{Ended, HeldView};
use crate::http::client_address::ClientNetwork;
use crate::telemetry::{Hold, HoldOutcome};
use crate::visit::Visit;

/// A page's view, to be held for its browser.
pub(crate) struct Page {
    pub(crate) claim: Claim,
    /// What its routes give, for the join that takes it over.
    pub(crate) visit: Visit,
    /// Of the type that `claim` names.
    pub(crate) view: HeldView,
    /// Where the browser is.
    pub(crate) network: Option<ClientNetwork>,
    /// What the view takes, as far as it can be told.
    pub(crate) bytes: usize,
}

impl Views {
    /// Keeps the view of a page until its browser joins, for at most `ttl`. The oldest holds go
    /// when a bound is reached.
    pub(crate) fn hold_page(
        self: &Arc<Self>,
        topic: Box<str>,
        page: Page,
        ttl: Duration,
        limits: &HoldLimits,
    ) {
        let Page { claim, visit, view, network, bytes } = page;
        let mut evicted = Vec::new();
        let sweeping = {
            let mut views = self.lock();
            let holder = Holder { session: claim.session, network };
            evicted.extend(views.remove_page(&topic));
            let ticket = views.waiting_pages.insert(topic.clone(), holder, bytes);
            let page = HeldPage { claim, visit, expires: Instant::now() + ttl, ticket, view };
            views.pages.insert(topic, page);
            while let Some(oldest) = views.waiting_pages.beyond(limits, holder) {
                evicted.extend(views.remove_page(&oldest));
            }
            std::mem::replace(&mut views.sweeping, true)
        };
        self.metrics.holds_ended(Hold::Page, HoldOutcome::Evicted, evicted.len());
        evicted.iter_mut().for_each(|page| page.view.give_up(Ended::GivenUp));
        if !sweeping {
            tokio::spawn(sweep_pages(Arc::clone(self)));
        }
    }

    /// Whether as many pages of a network wait for their browsers as may.
    pub(crate) fn has_no_room(&self, network: Option<ClientNetwork>, limits: &HoldLimits) -> bool {
        self.lock().waiting_pages.is_full(limits, network)
    }

    /// Takes the held view of a page over, if everything in `claim` agrees.
    pub(crate) fn claim_page(&self, topic: &str, claim: &Claim) -> Option<HeldView> {
        let mut views = self.lock();
        if !views.pages.get(topic)?.claim.agrees(claim) {
            return None;
        }
        views.remove_page(topic).map(|page| page.view)
    }
}

impl State {
    /// Removes the pages that have expired by `now`.
    fn expire(&mut self, now: Instant) -> Vec<HeldPage> {
        let mut expired = Vec::new();
        while let Some(topic) = self.waiting_pages.oldest().map(Box::<str>::from) {
            if self.pages.get(&topic).is_some_and(|page| page.expires > now) {
                break;
            }
            expired.extend(self.remove_page(&topic));
        }
        expired
    }
}

/// Drops held pages as they expire; ends when none is left.
async fn sweep_pages(views: Arc<Views>) {
    loop {
        let (expired, next) = {
            let mut state = views.lock();
            let expired = state.expire(Instant::now());
            let oldest = state.waiting_pages.oldest().and_then(|topic| state.pages.get(topic));
            let next = oldest.map(|page| page.expires);
            state.sweeping = next.is_some();
            (expired, next)
        };
        views.metrics.holds_ended(Hold::Page, HoldOutcome::Expired, expired.len());
        drop(expired);
        match next {
            Some(expires) => sleep_until(expires).await,
            None => return,
        }
    }
}

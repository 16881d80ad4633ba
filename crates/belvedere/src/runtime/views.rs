//! Every view this process knows: held since its page, running with a browser, or running without
//! one for its grace period; and who may take which over.
//!
//! All access goes through one short lock; nothing here runs an author's code while holding it.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::config::HoldLimits;
use crate::ended::{Ended, HeldView};
use crate::http::client_address::ClientNetwork;
use crate::navigation::LocalPath;
use crate::runtime::attachment::JoinCount;
use crate::runtime::inspect::{Portrait, ViewSnapshot};
use crate::runtime::mailbox::Inbox;
use crate::socket::{Identity, PageAddress};
use crate::telemetry::{Hold, HoldOutcome, Metrics, PageTrace};
use crate::visit::Visit;
use crate::wire::token::SessionId;

pub(crate) use pages::Page;
use waiting::{Holder, Waiting};

mod pages;
mod waiting;

/// What must agree for a join to adopt a view.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) session: SessionId,
    pub(crate) view: TypeId,
    /// The URL that the view shows now; nothing where that does not matter.
    pub(crate) url: Option<LocalPath>,
}

impl Claim {
    /// Whether a view that this says of itself is the one that `other` asks for.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let is_same_url = other.url.as_ref().is_none_or(|asked| self.url.as_ref() == Some(asked));
        (self.session, self.view) == (other.session, other.view) && is_same_url
    }
}

/// The registry, by topic.
#[derive(Default)]
pub(crate) struct Views {
    state: Mutex<State>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct State {
    /// Mounted for a page whose browser has not joined yet.
    pages: HashMap<Box<str>, HeldPage>,
    /// The order of `pages`; all have the same time to live.
    waiting_pages: Waiting,
    /// Views whose task runs. Boxed, since a table has room for twice as many as it has now.
    running: HashMap<Box<str>, Box<Running>>,
    /// Those of `running` that have lost their browser.
    waiting_views: Waiting,
    /// A task waits for the oldest page to expire.
    sweeping: bool,
}

struct HeldPage {
    claim: Claim,
    /// What its routes give, for the join that takes it over.
    visit: Visit,
    expires: Instant,
    /// Place in `waiting_pages`.
    ticket: u64,
    /// Of the type that `claim` names.
    view: HeldView,
}

struct Running {
    claim: Claim,
    /// Distinguishes the task from a later one under the same topic.
    task: u64,
    inbox: Arc<dyn Inbox>,
    portrait: Portrait,
    /// What its page shows.
    address: Arc<PageAddress>,
    /// The join that it was given to last.
    joined: JoinCount,
    /// Place in `waiting_views`, while the view has no browser.
    ticket: Option<u64>,
}

impl Running {
    /// Whether a join may take it over that agrees with it. One whose browser has joined another server since
    /// then is what the page was, not what it is.
    fn is_free(&self, rejoin: Rejoin) -> bool {
        let is_free = self.ticket.is_some() || rejoin.is_one();
        is_free && !rejoin.was_elsewhere(self.joined) && !self.inbox.has_overflowed()
    }
}

/// What a join says of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejoin {
    /// Of a view that is found by its topic.
    OfPage(JoinCount),
    /// Of a view that lives and ends with another one, which is found so; so often was it joined.
    Within(u32),
}

impl Rejoin {
    const fn is_one(self) -> bool {
        let (Self::OfPage(JoinCount { mounts, .. }) | Self::Within(mounts)) = self;
        mounts > 0
    }

    /// Whether the view that waits for the first join of its page is what that was before.
    pub(crate) const fn is_past_page(self) -> bool {
        matches!(self, Self::OfPage(JoinCount { mounts, number, .. }) if mounts > 0 && number != 0)
    }

    /// Whether the page has seen the answer of another view since `before`, the last join of the one that asks:
    /// what it has seen last is neither the answer to that, nor, should that be lost, what it had seen by then.
    /// Without the page's script the answers that were seen are counted, and a lost one is not noticed.
    const fn was_elsewhere(self, before: JoinCount) -> bool {
        let Self::OfPage(JoinCount { mounts, number, seen }) = self else { return false };
        match number == 0 || before.number == 0 {
            true => mounts > before.mounts.saturating_add(1),
            false => seen != before.number && seen != before.seen,
        }
    }
}

impl Views {
    /// An empty registry that counts what becomes of holds.
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { state: Mutex::default(), metrics }
    }

    /// The mailbox of a running view, if everything in `claim` agrees. One that still has a browser
    /// is given only to a reconnect, whose old socket has not been noticed as dead.
    pub(crate) fn claim_running(
        &self,
        topic: &str,
        claim: &Claim,
        rejoin: Rejoin,
    ) -> Option<Arc<dyn Inbox>> {
        let views = self.lock();
        let running = views.running.get(topic)?;
        let is_it = running.is_free(rejoin) && running.claim.agrees(claim);
        is_it.then(|| Arc::clone(&running.inbox))
    }

    /// What the view that a join is about to take over has from its routes, if there is one.
    pub(crate) fn visit(
        &self,
        topic: &str,
        rejoin: Rejoin,
        agrees: impl Fn(&Claim) -> bool,
    ) -> Option<Visit> {
        let views = self.lock();
        if let Some(page) = views.pages.get(topic).filter(|_| !rejoin.is_past_page()) {
            return agrees(&page.claim).then(|| page.visit.clone());
        }
        let running = views.running.get(topic)?;
        let is_it = running.is_free(rejoin) && agrees(&running.claim);
        is_it.then(|| running.address.shown().2)
    }

    /// The mailbox of the page's own view that answers on `topic`, for this session.
    pub(crate) fn page(&self, topic: &str, session: SessionId) -> Option<Arc<dyn Inbox>> {
        let views = self.lock();
        let page = views.running.get(topic).filter(|view| view.claim.session == session)?;
        Some(Arc::clone(&page.inbox))
    }

    /// Tells a view that stands in a page what that shows now.
    pub(crate) fn show_page(&self, identity: &mut Identity) {
        if identity.is_in_layout() {
            let root = &*identity.address.root;
            let views = self.lock();
            let page =
                views.running.get(root).filter(|page| page.claim.session == identity.session);
            if let Some(page) = page {
                let (url, route, visit) = page.address.shown();
                identity.address.set(&url, &route, &visit);
            }
        }
        identity.look_at_page();
    }

    /// The mount of the page that the running view of this topic belongs to, for this session.
    pub(crate) fn page_trace(&self, topic: &str, session: SessionId) -> Option<PageTrace> {
        let views = self.lock();
        let view = views.running.get(topic).filter(|view| view.claim.session == session)?;
        Some(view.portrait.page)
    }

    /// Whether the view of this topic runs, for this session.
    pub(crate) fn is_running(&self, topic: &str, session: SessionId) -> bool {
        self.lock().running.get(topic).is_some_and(|view| view.claim.session == session)
    }

    /// A view's task has begun, with a browser. One that had its topic is kept for nobody any more.
    pub(crate) fn started(
        &self,
        identity: &Identity,
        claim: Claim,
        task: u64,
        inbox: Arc<dyn Inbox>,
        portrait: Portrait,
        joined: JoinCount,
    ) {
        let (topic, address) = (identity.topic.clone(), Arc::clone(&identity.address));
        let replaced = {
            let mut views = self.lock();
            let replaced = views.remove_running(&topic);
            let running = Running { claim, task, inbox, portrait, address, joined, ticket: None };
            views.running.insert(topic, Box::new(running));
            replaced
        };
        if let Some(replaced) = replaced {
            let n_held = usize::from(replaced.ticket.is_some());
            self.metrics.holds_ended(Hold::Reconnect, HoldOutcome::Evicted, n_held);
            replaced.inbox.evict(Ended::Replaced);
        }
    }

    /// A running view shows another URL, by this route.
    pub(crate) fn patched(&self, topic: &str, task: u64, url: &LocalPath, route: &Arc<str>) {
        if let Some(running) = self.lock().of_task(topic, task) {
            running.claim.url = Some(url.clone());
            running.portrait.route = Arc::clone(route);
        }
    }

    /// A running view has a browser again.
    pub(crate) fn attached(&self, topic: &str, task: u64, joined: JoinCount) {
        let mut views = self.lock();
        let ticket = views.of_task(topic, task).and_then(|running| {
            running.joined = joined;
            running.ticket.take()
        });
        if let Some(ticket) = ticket {
            views.waiting_views.remove(ticket);
        }
    }

    /// A running view that takes so many bytes lost its browser in this network. The error is why it is
    /// not to be kept.
    pub(crate) fn detached(
        &self,
        topic: &str,
        task: u64,
        network: Option<ClientNetwork>,
        bytes: usize,
        limits: &HoldLimits,
    ) -> Result<(), Ended> {
        let mut evicted = Vec::new();
        let kept = {
            let mut views = self.lock();
            let Some(session) = views.of_task(topic, task).map(|view| view.claim.session) else {
                // Nothing could adopt it. Whoever has made it so is about to tell it.
                let is_replaced = views.running.contains_key(topic);
                return Err(if is_replaced { Ended::Replaced } else { Ended::SessionEnded });
            };
            let holder = Holder { session, network };
            let ticket = views.waiting_views.insert(topic.into(), holder, bytes);
            if let Some(running) = views.of_task(topic, task) {
                running.ticket = Some(ticket);
            }
            while let Some(topic) = views.waiting_views.beyond(limits, holder) {
                evicted.extend(views.remove_running(&topic));
            }
            views.of_task(topic, task).is_some()
        };
        self.metrics.holds_ended(Hold::Reconnect, HoldOutcome::Evicted, evicted.len());
        for running in evicted {
            running.inbox.evict(Ended::GivenUp);
        }
        if kept { Ok(()) } else { Err(Ended::GivenUp) }
    }

    /// A view's task is over.
    pub(crate) fn ended(&self, topic: &str, task: u64) {
        let ended = {
            let mut views = self.lock();
            match views.of_task(topic, task) {
                Some(_) => views.remove_running(topic),
                None => None,
            }
        };
        drop(ended);
    }

    /// Drops every hold of a session; views with a browser end when they lose it.
    pub(crate) fn end_session(&self, session: SessionId) {
        let (mut pages, running) = {
            let mut views = self.lock();
            let held = views.pages.iter().filter(|(_, page)| page.claim.session == session);
            let topics: Vec<_> = held.map(|(topic, _)| topic.clone()).collect();
            let pages: Vec<_> =
                topics.iter().filter_map(|topic| views.remove_page(topic)).collect();
            let running = views.running.iter().filter(|(_, view)| view.claim.session == session);
            let topics: Vec<_> = running.map(|(topic, _)| topic.clone()).collect();
            let running: Vec<_> =
                topics.iter().filter_map(|topic| views.remove_running(topic)).collect();
            (pages, running)
        };
        pages.iter_mut().for_each(|page| page.view.give_up(Ended::SessionEnded));
        drop(pages);
        for view in running {
            view.inbox.evict(Ended::SessionEnded);
        }
    }

    /// The running views, newest first, at most `limit`.
    pub(crate) fn snapshot(&self, limit: usize) -> Vec<ViewSnapshot> {
        let mut running: Vec<_> = {
            let views = self.lock();
            let listed = views.running.iter().map(|(topic, view)| {
                let (inbox, portrait) = (Arc::clone(&view.inbox), view.portrait.clone());
                (view.task, topic.clone(), inbox, portrait, view.ticket.is_none())
            });
            listed.collect()
        };
        running.sort_unstable_by_key(|(task, ..)| std::cmp::Reverse(*task));
        running.truncate(limit);
        let snapshot = |(_, topic, inbox, portrait, is_connected): (_, _, Arc<dyn Inbox>, _, _)| {
            let Portrait { name, route, .. } = portrait;
            let inspection = inbox.inspect();
            ViewSnapshot {
                name,
                route,
                topic,
                is_connected,
                memory: inspection.memory,
                mailbox_depth: inspection.mailbox_depth,
                n_components: inspection.n_components,
                events: inspection.events,
            }
        };
        running.into_iter().map(snapshot).collect()
    }

    /// How many views run.
    pub(crate) fn n_running(&self) -> usize {
        self.lock().running.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn remove_page(&mut self, topic: &str) -> Option<HeldPage> {
        let page = self.pages.remove(topic)?;
        self.waiting_pages.remove(page.ticket);
        Some(page)
    }

    fn remove_running(&mut self, topic: &str) -> Option<Box<Running>> {
        let running = self.running.remove(topic)?;
        if let Some(ticket) = running.ticket {
            self.waiting_views.remove(ticket);
        }
        Some(running)
    }

    /// The running view of this topic, unless a later task has taken its place.
    fn of_task(&mut self, topic: &str, task: u64) -> Option<&mut Running> {
        self.running
            .get_mut(topic)
            .map(|running| &mut **running)
            .filter(|running| running.task == task)
    }
}

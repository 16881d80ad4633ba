//! The view that a join is given: as the page has mounted it, as a lost socket has left it, or
//! mounted anew. The same for views of routes and for nested ones.

use std::any::TypeId;
use std::pin::pin;
use std::sync::Arc;

use tracing::{Instrument, Span};

use crate::ended::{Ended, Held as _, HeldView, OnEnd, let_go};
use crate::error::MountError;
use crate::flash::Flash;
use crate::runtime::Runtime;
use crate::runtime::attachment::{JoinCount, RouteParams, ShownUrl};
use crate::runtime::mailbox::{Inbox, Mailbox};
use crate::runtime::mounting::{Parts, has_params};
use crate::runtime::refusal::Refusal;
use crate::runtime::routes::PreparedView;
use crate::runtime::view_task::{IdleView, RunningView, ViewState};
use crate::runtime::views::{Claim, Rejoin};
use crate::socket::{Identity, Socket};
use crate::telemetry::{self, FailOnPanic, Hold, HoldOutcome, PageTrace};
use crate::view::LiveView;
use crate::visit::Visit;

/// A join that is let through.
pub(crate) struct Joining {
    pub(crate) identity: Identity,
    /// What the page was rendered with.
    pub(crate) flash: Flash,
    /// How it stands among the browser's joins of this view.
    pub(crate) count: JoinCount,
    /// The browser has come to it by live navigation.
    pub(crate) navigates: bool,
    /// The page from which it has.
    pub(crate) led_by: PageTrace,
    pub(crate) on_end: Option<OnEnd>,
    pub(crate) span: Span,
}

impl Joining {
    /// What a view `V` must agree with to be taken over. One whose URL is state is told when it has
    /// another; a nested view has none of its own.
    pub(crate) fn claim<V: LiveView>(&self) -> Claim {
        let Identity { session, url, .. } = &self.identity;
        let is_pages = self.identity.depth == 0 && !has_params::<V>();
        let url = is_pages.then(|| url.clone());
        Claim { session: *session, view: TypeId::of::<V>(), url }
    }

    /// What the view that this join is about to take over has from its routes.
    pub(crate) fn earlier<V: LiveView>(&self, runtime: &Runtime) -> Option<Visit> {
        if self.begins() {
            return None;
        }
        let claim = self.claim::<V>();
        let agrees = |own: &Claim| own.agrees(&claim);
        runtime.views.visit(&self.identity.topic, self.rejoin(), agrees)
    }

    /// Whether it is the first of a live navigation, which has a view of its own.
    fn begins(&self) -> bool {
        self.navigates && self.count.mounts == 0
    }

    fn rejoin(&self) -> Rejoin {
        match self.identity.depth == 0 || self.identity.is_in_layout() {
            true => Rejoin::OfPage(self.count),
            false => Rejoin::Within(self.count.mounts),
        }
    }

    fn tells_url<V: LiveView>(&self) -> bool {
        self.identity.depth == 0 && has_params::<V>()
    }

    /// The view of a route as its page or a lost socket has left it, if all agrees; else what to mount
    /// one from.
    pub(crate) fn adopt<V: LiveView>(
        &self,
        runtime: &Arc<Runtime>,
        parts: Parts<V>,
    ) -> Result<Box<dyn PreparedView>, Parts<V>> {
        if self.begins() {
            return Err(parts);
        }
        let shown = |params: Option<V::Params>| {
            let params = params.filter(|_| self.tells_url::<V>())?;
            let Identity { url, route, visit, .. } = &self.identity;
            let (params, route, visit) = (Box::new(params), Arc::clone(route), visit.clone());
            let params = RouteParams { params, route, visit };
            Some(Box::new(ShownUrl { url: url.clone(), params }))
        };
        // One whose page was joined, here or elsewhere, is what that was before.
        let claim = (!self.rejoin().is_past_page()).then(|| self.claim::<V>());
        let held = claim.and_then(|claim| runtime.views.claim_page(&self.identity.topic, &claim));
        match held {
            Some(held) => match self.held::<V>(runtime, held) {
                Some(idle) => Ok(Box::new(IdleView { shown: shown(parts.params), ..idle })),
                None => Err(parts),
            },
            None => match self.running::<V>(runtime, |_| true) {
                Some(running) => {
                    Ok(Box::new(RunningView { shown: shown(parts.params), ..running }))
                }
                None => Err(parts),
            },
        }
    }

    /// The view that was mounted for the page.
    pub(crate) fn held<V: LiveView>(
        &self,
        runtime: &Arc<Runtime>,
        held: HeldView,
    ) -> Option<IdleView<V>> {
        let mut state = held.into_view::<ViewState<V>>()?;
        if state.socket.mailbox.has_overflowed() {
            // A message may have been lost while the view waited: its state cannot be trusted.
            runtime.metrics.mailbox_overflowed(V::name());
            state.give_up(Ended::GivenUp);
            let_go(V::name(), || drop(state));
            return None;
        }
        runtime.metrics.holds_ended(Hold::Page, HoldOutcome::Adopted, 1);
        telemetry::record_adopted(&self.span, true);
        Some(self.idle(runtime, state))
    }

    /// The view that a lost socket left, if all agrees and it `is_own`.
    pub(crate) fn running<V: LiveView>(
        &self,
        runtime: &Runtime,
        is_own: impl FnOnce(&Arc<dyn Inbox>) -> bool,
    ) -> Option<RunningView> {
        let topic = &self.identity.topic;
        let inbox = runtime.views.claim_running(topic, &self.claim::<V>(), self.rejoin())?;
        if !is_own(&inbox) {
            return None;
        }
        runtime.metrics.holds_ended(Hold::Reconnect, HoldOutcome::Adopted, 1);
        telemetry::record_adopted(&self.span, true);
        let unanswered = self.identity.unanswered();
        Some(RunningView { inbox, join_span: self.span.clone(), unanswered, shown: None })
    }

    /// A view mounted for this join.
    pub(crate) async fn mount<V: LiveView>(
        self,
        runtime: &Arc<Runtime>,
        parts: Parts<V>,
    ) -> Result<IdleView<V>, Refusal> {
        telemetry::record_adopted(&self.span, false);
        let mailbox = Mailbox::new(runtime.config.mailbox_capacity, Arc::clone(&runtime.in_flight));
        let Self { mut identity, flash, span: join_span, on_end, navigates, led_by, .. } = self;
        let mount_span = telemetry::remount_span(V::name());
        telemetry::link_led_by(&mount_span, led_by);
        if navigates && !mount_span.is_disabled() {
            // This is the page now: what happens on it links here.
            identity.page = PageTrace::of(&mount_span);
        }
        let mut socket =
            Socket::<V>::new(Arc::new(mailbox), identity, flash, Arc::clone(&runtime.returned));
        if let Some(on_end) = on_end {
            socket.on_end(move |why| on_end(why));
        }
        let mounted = async {
            let _panic = FailOnPanic::new(&mount_span, "mount");
            parts.mount(runtime, &mut socket).await
        };
        let mounted = telemetry::caught(pin!(mounted.instrument(mount_span.clone()))).await;
        let mounted = mounted.map_err(|panicked| {
            socket.endings.why = Ended::NotMounted;
            runtime.metrics.mounted(V::name(), true, Some("panic"));
            panicked.log(V::name(), "its browser joins once more");
            Refusal::FAILED
        })?;
        runtime.metrics.mounted(V::name(), true, mounted.as_ref().err().map(MountError::kind));
        let view = mounted.map_err(|error| {
            socket.endings.why = Ended::NotMounted;
            Refusal::of(V::name(), error, std::mem::take(&mut socket.flash), &mount_span)
        })?;
        let state = ViewState { view, socket };
        Ok(IdleView { state, runtime: Arc::clone(runtime), join_span, shown: None })
    }

    fn idle<V: LiveView>(&self, runtime: &Arc<Runtime>, state: ViewState<V>) -> IdleView<V> {
        let (runtime, join_span) = (Arc::clone(runtime), self.span.clone());
        IdleView { state, runtime, join_span, shown: None }
    }
}

//! The seed of a view whose type is known: what it takes to mount it and to adopt it.

use std::any::type_name;
use std::sync::Arc;

use tracing::Instrument;

use super::{Seed, Shown, Work};
use crate::ended::{Ended, HeldView, OnEnd};
use crate::flash::Flash;
use crate::nested::registry;
use crate::runtime::Runtime;
use crate::runtime::adoption::Joining;
use crate::runtime::attachment::{Attachment, JoinCount};
use crate::runtime::children::Child;
use crate::runtime::mailbox::Inbox;
use crate::runtime::mounting::Parts;
use crate::runtime::page;
use crate::runtime::refusal::Refusal;
use crate::runtime::routes::PreparedView;
use crate::runtime::view_task::IdleView;
use crate::socket::Identity;
use crate::telemetry::{self, PageTrace};
use crate::view::LiveView;
use crate::wire::response::JoinRefusal;

/// The seed of a `V`.
pub(crate) struct SeedOf<V: LiveView> {
    extract: V::Extract,
    on_end: Option<OnEnd>,
}

impl<V: LiveView<Extract: Clone + Sync>> SeedOf<V> {
    /// As the parent's registry keeps it.
    pub(crate) fn planted(extract: V::Extract, on_end: Option<OnEnd>) -> registry::Seed {
        let seed: Arc<dyn Seed> = Arc::new(Self { extract, on_end });
        Arc::new(seed)
    }

    fn joining(&self, identity: Identity, flash: Flash, count: JoinCount) -> Joining {
        let span = telemetry::join_span(&identity.for_spans::<V>());
        Joining {
            identity,
            flash,
            count,
            navigates: false,
            led_by: PageTrace::NONE,
            on_end: self.on_end.clone(),
            span,
        }
    }

    async fn find(
        &self,
        runtime: &Arc<Runtime>,
        child: &Arc<Child>,
        joining: Joining,
    ) -> Result<Box<dyn PreparedView>, Refusal> {
        let held = child.take_held();
        if let Some(idle) = held.and_then(|held| joining.held::<V>(runtime, held)) {
            return Ok(ChildView::idle(child, idle));
        }
        let running = joining.running::<V>(runtime, |inbox| child.has_started(inbox));
        if let Some(running) = running {
            let (child, inbox) = (Arc::clone(child), Arc::clone(&running.inbox));
            return Ok(Box::new(ChildView { child, inbox, view: Box::new(running) }));
        }
        let idle = joining
            .mount::<V>(
                runtime,
                Parts { extract: self.extract.clone(), params: None, is_seen: true },
            )
            .await?;
        Ok(ChildView::idle(child, idle))
    }
}

impl<V: LiveView<Extract: Clone + Sync>> Seed for SeedOf<V> {
    fn type_name(&self) -> &'static str {
        type_name::<V>()
    }

    fn show<'a>(
        &'a self,
        runtime: &'a Arc<Runtime>,
        own: Identity,
        unjoined: Ended,
    ) -> Work<'a, Option<Shown>> {
        Box::pin(async move {
            let span = telemetry::mount_span(V::name());
            let extract = self.extract.clone();
            let (flash, on_end) = (Flash::default(), self.on_end.clone());
            let parts = Parts { extract, params: None, is_seen: true };
            let mounted = page::mount::<V>(runtime, own, flash, parts, on_end, &span).await;
            drop(span);
            let mut state = mounted
                .inspect_err(|refusal| {
                    if let Some(times) = runtime.told.not_shown.again() {
                        let status = refusal.status().as_u16();
                        tracing::warn!(
                            view = V::name(),
                            status,
                            times,
                            "a nested view is not shown"
                        );
                    }
                })
                .ok()?;
            let html = page::render(runtime, &mut state).await.ok()?;
            state.socket.endings.why = unjoined;
            let flash = state.socket.flash.clone();
            let noted = std::mem::take(&mut state.socket.noted);
            Some(Shown { html, flash, noted, state: HeldView::new(state) })
        })
    }

    fn join<'a>(
        &'a self,
        runtime: &'a Arc<Runtime>,
        child: &'a Arc<Child>,
        flash: Flash,
        count: JoinCount,
    ) -> Work<'a, Result<Box<dyn PreparedView>, Refusal>> {
        Box::pin(async move {
            let mut identity = child.identity.clone();
            runtime.views.show_page(&mut identity);
            let joining = self.joining(identity, flash, count);
            let span = joining.span.clone();
            let found = self.find(runtime, child, joining).instrument(span.clone()).await;
            found.inspect_err(|refusal| {
                telemetry::fail(&span, "refused", refusal.status().as_str());
            })
        })
    }

    fn join_in_layout<'a>(
        &'a self,
        runtime: &'a Arc<Runtime>,
        mut identity: Identity,
        flash: Flash,
        count: JoinCount,
    ) -> Work<'a, Result<Box<dyn PreparedView>, Refusal>> {
        Box::pin(async move {
            runtime.views.show_page(&mut identity);
            let joining = self.joining(identity, flash, count);
            let span = joining.span.clone();
            let from = Parts { extract: self.extract.clone(), params: None, is_seen: true };
            let from = match joining.adopt::<V>(runtime, from) {
                Ok(view) => return Ok(view),
                Err(from) => from,
            };
            let mounted = joining.mount::<V>(runtime, from).instrument(span.clone()).await;
            let mounted = mounted.inspect_err(|refusal| {
                telemetry::fail(&span, "refused", refusal.status().as_str());
            })?;
            Ok(Box::new(mounted) as Box<dyn PreparedView>)
        })
    }
}

/// The view for a join, which ends with its parent from then on.
struct ChildView {
    child: Arc<Child>,
    inbox: Arc<dyn Inbox>,
    view: Box<dyn PreparedView>,
}

impl ChildView {
    fn idle<V: LiveView>(child: &Arc<Child>, idle: IdleView<V>) -> Box<dyn PreparedView> {
        let inbox = Arc::clone(&idle.state.socket.mailbox) as Arc<dyn Inbox>;
        Box::new(Self { child: Arc::clone(child), inbox, view: Box::new(idle) })
    }
}

impl PreparedView for ChildView {
    fn attach(self: Box<Self>, attachment: Box<Attachment>) {
        // Should the parent end from here on, the new task finds that in its mailbox.
        if self.child.start(&self.inbox) {
            self.view.attach(attachment);
        } else {
            attachment.refuse(&JoinRefusal::Stale);
        }
    }
}

//! What the guards of a page say of an event, before its callback.

use tracing::Instrument;

use crate::error::CallbackError;
use crate::event::Declared;
use crate::navigation::LocalPath;
use crate::runtime::view_task::ViewTask;
use crate::socket::Identity;
use crate::socket::pending::Going;
use crate::telemetry::{self, attribute};
use crate::view::LiveView;
use crate::visit::{EventRefusal, GuardedEvent, Refused};

impl<V: LiveView> ViewTask<V> {
    /// Whether an event of the view, or of its component of this name, passes all guards. What comes of
    /// one that does not is asked of the socket. An error of a guard keeps the event out as well.
    pub(super) async fn passes(
        &mut self,
        component: Option<&'static str>,
        event: Declared,
    ) -> Result<bool, CallbackError> {
        if self.socket.identity.visit.guards().is_empty() {
            return Ok(true);
        }
        // Boxed: most views have no guards, and no room for them either.
        match Box::pin(check(V::name(), &self.socket.identity, component, event)).await {
            Ok(()) => Ok(true),
            Err(refusal) => self.refused(component, event, refusal).map(|()| false),
        }
    }

    /// Asks the socket for what a guard wants to happen instead of the event.
    fn refused(
        &mut self,
        component: Option<&'static str>,
        event: Declared,
        refusal: EventRefusal,
    ) -> Result<(), CallbackError> {
        let (flash, what) = refusal.into_parts();
        let going = match what {
            Refused::Stays => None,
            Refused::Redirect(to) => Some(Going::Redirect(LocalPath::new(to)?)),
            Refused::Navigate(to, history) => Some(Going::Navigate(LocalPath::new(to)?, history)),
            Refused::Failed(error) => return Err(error),
        };
        let is_unseen = flash.is_some() && going.is_none() && !self.socket.shows_flash;
        log(V::name(), component, event.name, is_unseen);
        if let Some((kind, text)) = flash {
            self.socket.put_flash(kind, text);
        }
        if let Some(going) = going {
            self.socket.pending.goes(going);
        }
        Ok(())
    }
}

fn log(view: &'static str, component: Option<&str>, event: &str, is_unseen: bool) {
    tracing::debug!(view, component, event, "a guard refused an event");
    if cfg!(debug_assertions) && is_unseen {
        tracing::warn!(
            view,
            component,
            event,
            "a guard refused an event with a flash, which no template of the view shows; splice \
             `(flash())`"
        );
    }
}

/// Asks the guards of a page, the outermost first; the first that refuses is the last one asked.
async fn check(
    view: &'static str,
    identity: &Identity,
    component: Option<&'static str>,
    Declared { name, only_reads }: Declared,
) -> Result<(), EventRefusal> {
    let Identity { url, route, visit, .. } = identity;
    let path = url.as_str();
    let event = GuardedEvent { name, only_reads, view, component, path, route, visit };
    let span = telemetry::guard_span(view);
    let _panic = telemetry::FailOnPanic::new(&span, "guard");
    let checking = async {
        for guard in visit.guards() {
            guard.check(&event).await?;
        }
        Ok::<_, EventRefusal>(())
    };
    let checked = checking.instrument(span.clone()).await;
    let outcome =
        checked.as_ref().map_or_else(EventRefusal::outcome, |()| attribute::OUTCOME_PASSED);
    telemetry::record_guarded(&span, outcome);
    checked
}

//! What a browser has brought is put into a view that was mounted anew.

use std::time::SystemTime;

use super::stored::look_up;
use super::{Brought, owner_of};
use crate::runtime::attachment::Attachment;
use crate::runtime::view_task::ViewTask;
use crate::snapshot::{SnapshotError, StoreFailure};
use crate::telemetry::{self, Told};
use crate::view::LiveView;
use crate::wire::token::{SnapshotHandle, SnapshotToken};

/// Most bytes of a sealed snapshot beyond what its state takes.
const MAX_AROUND_BYTES: usize = 2 * 1024;

impl<V: LiveView> ViewTask<V> {
    /// Puts what the browser has brought into a view that was mounted anew. What nobody has touched of its
    /// forms says nothing new to a view that keeps what was done.
    pub(in super::super) async fn restore(&mut self, attachment: &mut Attachment) -> Brought {
        if attachment.is_rejoin() {
            self.forms.begin_recovery(self.snapshots.0.is_some());
        }
        let Some(sealed) = attachment.snapshot.take() else { return Brought::Nothing };
        match self.found(&sealed).await.and_then(|token| self.given(token)) {
            Ok(build) => {
                self.socket.is_restored = true;
                self.metrics.snapshot_returned(None);
                telemetry::record_restored(&attachment.span, &build);
                Brought::Restored
            }
            Err(reason) => {
                self.metrics.snapshot_returned(Some(reason));
                log_misfit(V::name(), reason);
                // The browser keeps its handle: another join may find what it leads to.
                let is_unknown = [StoreFailure::Down, StoreFailure::Slow].map(StoreFailure::reason);
                if is_unknown.contains(&reason) { Brought::Unknown } else { Brought::Refused }
            }
        }
    }

    /// What was kept: by the browser, or where the handle leads that it has brought.
    async fn found(&mut self, brought: &str) -> Result<SnapshotToken, &'static str> {
        if brought.len() != SnapshotHandle::TEXT_BYTES {
            return self.opened(brought);
        }
        // The view goes on under a key of its own: another page may have brought the same handle.
        let sealed = look_up(&self.runtime, self.socket.identity.session, brought).await?;
        self.opened(&sealed)
    }

    fn opened(&self, sealed: &str) -> Result<SnapshotToken, &'static str> {
        let options = &self.runtime.config.snapshots;
        let max_bytes = options.max_bytes.div_ceil(3).saturating_mul(4);
        if sealed.len() > max_bytes.saturating_add(MAX_AROUND_BYTES) {
            return Err("too_large");
        }
        let opened =
            SnapshotToken::open(sealed, &self.runtime.keys, SystemTime::now(), options.max_age);
        let token = opened.map_err(|error| error.reason())?;
        token.owner.differs(&owner_of(&self.socket)).map_or(Ok(token), Err)
    }

    /// The build whose state the view has taken over.
    fn given(&mut self, token: SnapshotToken) -> Result<String, &'static str> {
        let SnapshotToken { build, version, components, state: json, .. } = token;
        let _panic = telemetry::FailOnPanic::part(None, "snapshot");
        let state = self.snapshots.0.as_ref();
        match state.and_then(|state| state.declared.as_ref()) {
            Some(declared) if !json.is_empty() => {
                declared.give(&mut self.view, version, &json).map_err(|error| {
                    log_lost(&self.runtime.told.unrestored, V::name(), &build, &error);
                    error.reason()
                })?;
            }
            None if !json.is_empty() => return Err("not_declared"),
            _ => {}
        }
        self.socket.components.restore(components);
        Ok(build)
    }
}

fn log_misfit(view: &'static str, reason: &'static str) {
    tracing::debug!(view, reason, "a snapshot does not fit its join");
}

fn log_lost(told: &Told, view: &'static str, build: &str, error: &SnapshotError) {
    let Some(times) = told.again() else { return };
    let error = error as &dyn std::error::Error;
    tracing::warn!(view, %build, error, times, "what an earlier build has kept of a view is lost");
}

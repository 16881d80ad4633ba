//! A view built from its extracted parts, and told its URL: the same for a page and for a join.

use std::any::TypeId;
use std::sync::Arc;

use tracing::Instrument;

use crate::error::MountError;
use crate::runtime::Runtime;
use crate::runtime::arrivals;
use crate::socket::Socket;
use crate::telemetry;
use crate::view::LiveView;

/// Whether the URL of a view is state of it.
pub(crate) fn has_params<V: LiveView>() -> bool {
    TypeId::of::<V::Params>() != TypeId::of::<()>()
}

/// What a view is mounted from: a nested one has no URL.
pub(crate) struct Parts<V: LiveView> {
    pub(crate) extract: V::Extract,
    pub(crate) params: Option<V::Params>,
    /// Whether somebody is to see what the first response waits for.
    pub(crate) is_seen: bool,
}

impl<V: LiveView> Parts<V> {
    /// The view, unless one of its callbacks fails, with the pieces of work that its first response waits
    /// for; `params` are not read by a view that `mount` has sent elsewhere.
    pub(crate) async fn mount(
        self,
        runtime: &Arc<Runtime>,
        socket: &mut Socket<V>,
    ) -> Result<V, MountError> {
        let mounted = self.mount_told(runtime, socket).await;
        mounted.map_err(|mut error| {
            runtime.returned.look_at_mount(V::name(), &mut error);
            error
        })
    }

    async fn mount_told(
        self,
        runtime: &Arc<Runtime>,
        socket: &mut Socket<V>,
    ) -> Result<V, MountError> {
        if !self.is_seen {
            socket.pieces.shown();
        }
        let mut view = {
            let _panic = telemetry::FailOnPanic::part(None, "mount");
            V::mount(self.extract, socket).await?
        };
        if let (Some(params), true, None) = (self.params, has_params::<V>(), &socket.pending.going)
        {
            let span = telemetry::params_span(V::name());
            let _panic = telemetry::FailOnPanic::new(&span, "handle_params");
            view.handle_params(params, socket).instrument(span.clone()).await?;
        }
        if socket.pending.going.is_none() {
            arrivals::within(runtime, &mut view, socket).await;
        }
        Ok(view)
    }
}

//! A live view as a route: one handler that answers the page's `GET` with HTML and a join's
//! internal `GET` with the view, and a patch's with what its URL says.

use std::any::TypeId;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use http::request::Parts;

use crate::base_path::BasePath;
use crate::http::error_pages::ForAuthor;
use crate::http::requested::{Extracting, group_of};
use crate::http::{dead_render, join_route, layout_route, patch_route};
use crate::runtime::Runtime;
use crate::runtime::routes::{Asking, RouteAsk};
use crate::view::LiveView;

/// Said in the log, and in a debug build on the page.
const NOT_SERVED: &str = "a live view was requested, but its router is not served by a \
                          `LiveRuntime`; wrap it: `LiveRuntime::new(config).serve(router)`";

/// On a request: the served router stands elsewhere than its runtime believes.
#[derive(Clone, Debug)]
pub(super) struct Misplaced {
    /// The path less what the router's own routes see of it.
    prefix: Box<str>,
    base: BasePath,
}

impl Misplaced {
    /// Compares what the browser asked for with what is left of it here.
    pub(super) fn of(request: &Request, base: &BasePath) -> Option<Self> {
        let own = request.uri().path();
        let asked = request.extensions().get::<OriginalUri>().map_or(own, |uri| uri.0.path());
        let prefix = asked.strip_suffix(own).or_else(|| (own == "/").then_some(asked))?;
        (prefix != base.as_str()).then(|| Self { prefix: prefix.into(), base: base.clone() })
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, base } = self;
        let show =
            |path: &str| if path.is_empty() { "the root".to_owned() } else { format!("`{path}`") };
        write!(
            formatter,
            "the router of a `LiveRuntime` stands at {}, but its pages look for their scripts and \
             their socket at {}: nest it where `LiveConfig::base_path` says, and let a proxy in \
             front keep the path",
            show(prefix),
            show(base.as_str())
        )
    }
}

/// Adds live views to an axum router.
pub trait LiveRouter<S> {
    /// Serves the live view `V` at `path`: the page, its joins and its events.
    ///
    /// The router's layers, added before [`LiveRuntime::serve`](crate::LiveRuntime::serve), guard
    /// the page and the join alike.
    ///
    /// # Panics
    ///
    /// When `path` is no route of axum's, or already answers `GET`.
    #[must_use]
    #[track_caller]
    fn live<V>(self, path: &str) -> Self
    where
        V: LiveView,
        V::Extract: FromRequestParts<S>,
        V::Params: FromRequestParts<S>;
}

impl<S: Clone + Send + Sync + 'static> LiveRouter<S> for Router<S> {
    #[track_caller]
    fn live<V>(self, path: &str) -> Self
    where
        V: LiveView,
        V::Extract: FromRequestParts<S>,
        V::Params: FromRequestParts<S>,
    {
        self.route(path, get(live_handler::<V, S>))
    }
}

/// The runtime that serves a page; without one, or in a place where it cannot be, what its author reads.
fn served_by(view: &'static str, parts: &Parts) -> Result<Arc<Runtime>, Box<Response>> {
    let Some(runtime) = parts.extensions.get::<Arc<Runtime>>() else {
        tracing::error!(view, "{NOT_SERVED}");
        let shown = if cfg!(debug_assertions) { NOT_SERVED } else { "" };
        return Err(Box::new((StatusCode::INTERNAL_SERVER_ERROR, shown).into_response()));
    };
    if let (true, Some(misplaced)) = (cfg!(debug_assertions), parts.extensions.get::<Misplaced>()) {
        let said = (StatusCode::INTERNAL_SERVER_ERROR, misplaced.to_string());
        return Err(Box::new((Extension(ForAuthor), said).into_response()));
    }
    Ok(Arc::clone(runtime))
}

async fn live_handler<V, S>(State(state): State<S>, request: Request) -> Response
where
    V: LiveView,
    V::Extract: FromRequestParts<S>,
    V::Params: FromRequestParts<S>,
    S: Clone + Send + Sync + 'static,
{
    let (mut parts, _body) = request.into_parts();
    let runtime = match served_by(V::name(), &parts) {
        Ok(runtime) => runtime,
        Err(for_author) => return *for_author,
    };
    let Some(ask) = parts.extensions.remove::<RouteAsk>() else {
        return dead_render::answer::<V, S>(&runtime, &mut parts, &state).await;
    };
    parts.extensions.insert(Extracting);
    match ask.what() {
        Asking::Join(join) => {
            join_route::answer::<V, S>(&runtime, &ask, join, &mut parts, &state).await
        }
        Asking::InLayout(join) => {
            layout_route::answer::<V, S>(&runtime, &ask, join, &mut parts, &state).await
        }
        Asking::Patch { view, group, visit } => {
            let is_its = (*view, *group) == (TypeId::of::<V>(), group_of(&parts));
            let earlier = is_its.then_some(visit);
            patch_route::answer::<V, S>(earlier, &runtime, &ask, &mut parts, &state).await
        }
    }
}

/// Where the application stands under its host, for links and redirects of a view or a plain page
/// within it; the root in a router that no runtime serves.
impl<S: Sync> FromRequestParts<S> for BasePath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let runtime = parts.extensions.get::<Arc<Runtime>>();
        Ok(runtime.map(|runtime| runtime.config.base_path.clone()).unwrap_or_default())
    }
}

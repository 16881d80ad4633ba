//! What a request asks for: which route, by which path, for a page or for a join.

use std::sync::Arc;

use axum::extract::{MatchedPath, OriginalUri};
use http::request::Parts;
use http::{Extensions, Uri};

use crate::http::page::Layout;
use crate::navigation::Group;
use crate::runtime::Runtime;
use crate::runtime::routes::RouteAsk;

/// Whether a request is the internal `GET` of a join or a patch and not a browser's. Takes the
/// request's extensions.
///
/// For layers that count or log requests, and for extractors of a view, which run at both. No
/// request from outside can be taken for a join.
#[must_use]
pub fn is_join(extensions: &Extensions) -> bool {
    extensions.get::<RouteAsk>().is_some() || extensions.get::<Extracting>().is_some()
}

/// On the extensions of a request, where a layer has put it that knows who asks: the page is made, however many of
/// the same address wait for their browsers ([`LiveConfig::page_hold_limits`](crate::LiveConfig::page_hold_limits)).
/// For those who look after a service, while strangers behind the same address take what they can.
///
/// ```
/// use axum::extract::Request;
/// use axum::middleware::{Next, from_fn};
/// use axum::{Router, response::Response};
/// use belvedere::http::AlwaysAdmitted;
///
/// # fn is_operator(_: &Request) -> bool { true }
/// async fn admit(mut request: Request, next: Next) -> Response {
///     if is_operator(&request) {
///         request.extensions_mut().insert(AlwaysAdmitted);
///     }
///     next.run(request).await
/// }
/// # let _: Router = Router::new().layer(from_fn(admit));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AlwaysAdmitted;

/// What [`is_join`] finds while a view's extractors run: the handler keeps the question itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extracting;

/// On a request whose page is being made: what its view extracts stays with the view.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfView;

/// Whether what is extracted now sets no cookie: it is for a view, or for a join.
pub(super) fn is_without_response(extensions: &Extensions) -> bool {
    extensions.get::<OfView>().is_some() || is_join(extensions)
}

/// The matched route, e.g. `/users/{id}`; the path itself outside of a router.
pub(super) fn route_of(parts: &Parts) -> Arc<str> {
    let matched = parts.extensions.get::<MatchedPath>();
    matched.map_or_else(|| parts.uri.path(), MatchedPath::as_str).into()
}

/// The group of the matched route: of its layout.
pub(super) fn group_of(parts: &Parts) -> Group {
    if let Some(layout) = parts.extensions.get::<Layout>() {
        return layout.group_at(&route_of(parts));
    }
    let runtime = parts.extensions.get::<Arc<Runtime>>();
    runtime.map_or_else(Group::default, |runtime| runtime.config.layout.group_of_others())
}

/// The URI as the browser sent it, whatever routers the route is nested in.
pub(super) fn original_uri(parts: &Parts) -> &Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}

/// Path and query as the browser sent them.
pub(super) fn path_of(parts: &Parts) -> &str {
    original_uri(parts).path_and_query().map_or("/", |path| path.as_str())
}

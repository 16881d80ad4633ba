//! The application's own router, answering joins and patches: each becomes an internal `GET` that passes every
//! layer a browser's request would pass.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::uri::InvalidUri;
use http::{HeaderValue, Method, Request, StatusCode, header};
use tower::ServiceExt;

use crate::http::join_route::is_marked;
use crate::http::refusal::RedirectFlash;
use crate::navigation::LocalPath;
use crate::runtime::Runtime;
use crate::runtime::client::Client;
use crate::runtime::routes::{RouteAnswer, RouteAsk, Routes};

/// The router that serves the pages.
pub(super) struct AppRoutes {
    /// At the base path, since joins name the paths that browsers see.
    router: Router,
    /// Put into each request, as the layer of `LiveRuntime::serve` does for browsers. Weak, because
    /// the runtime owns this.
    runtime: Weak<Runtime>,
}

impl AppRoutes {
    pub(super) fn new(router: Router, runtime: &Arc<Runtime>) -> Self {
        let base = &runtime.config.base_path;
        let router =
            if base.is_root() { router } else { Router::new().nest(base.as_str(), router) };
        Self { router, runtime: Arc::downgrade(runtime) }
    }
}

impl Routes for AppRoutes {
    fn ask<'a>(
        &'a self,
        client: &'a Client,
        ask: &'a RouteAsk,
    ) -> Pin<Box<dyn Future<Output = RouteAnswer> + Send + 'a>> {
        Box::pin(async move {
            let Some(runtime) = self.runtime.upgrade() else { return RouteAnswer::Failed };
            let mut request = match internal_request(client, ask) {
                Ok(request) => request,
                Err(error) => {
                    if let Some(times) = runtime.told.no_urls.again() {
                        let url = ask.url();
                        tracing::error!(%url, %error, times, "no request can be made for a URL");
                    }
                    return RouteAnswer::NotAUrl;
                }
            };
            request.extensions_mut().insert(runtime);
            match self.router.clone().oneshot(request).await {
                Ok(response) => translate(&response, ask),
                Err(never) => match never {},
            }
        })
    }
}

fn internal_request(client: &Client, ask: &RouteAsk) -> Result<Request<Body>, InvalidUri> {
    // Path and query alone: an absolute URL would show in extractors of the original URI.
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = ask.url().as_str().parse()?;
    *request.headers_mut() = client.headers.to_map();
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    *request.extensions_mut() = client.extensions.clone();
    if let Some(peer) = client.peer {
        request.extensions_mut().insert(ConnectInfo(peer));
    }
    request.extensions_mut().insert(ask.clone());
    Ok(request)
}

/// A response counts as accepted only with the live handler's mark, so that a layer which refuses
/// after the handler has run is obeyed.
fn translate(response: &Response, ask: &RouteAsk) -> RouteAnswer {
    let status = response.status();
    if is_marked(response) && status == StatusCode::OK {
        return RouteAnswer::Accepted;
    }
    let has_cookies = response.headers().contains_key(header::SET_COOKIE);
    if has_cookies && cfg!(debug_assertions) {
        tracing::warn!(
            url = %ask.url(),
            "a layer set cookies in its answer to a join, which no browser receives"
        );
    }
    match status {
        // A redirect that also sets cookies is repeated by the browser, which can store them.
        _ if status.is_redirection() && !has_cookies => redirect(response),
        _ if status.is_success() && ask.is_accepted() => {
            tracing::error!(
                url = %ask.url(),
                "a layer replaced the live handler's response and lost its extensions, by which \
                 a join is known to be let through; keep the response's extensions"
            );
            RouteAnswer::Failed
        }
        _ if status.is_success() || status.is_redirection() => RouteAnswer::NotThisView,
        _ => RouteAnswer::of_failure(status),
    }
}

fn redirect(response: &Response) -> RouteAnswer {
    let location = response.headers().get(header::LOCATION);
    let flash = response.extensions().get::<RedirectFlash>().map(|flash| flash.0.clone());
    match location.and_then(|to| to.to_str().ok()).map(LocalPath::new) {
        Some(Ok(to)) => RouteAnswer::Redirect { to, flash },
        // To another site, mostly: the browser asks for itself.
        Some(Err(_)) | None => RouteAnswer::NotThisView,
    }
}

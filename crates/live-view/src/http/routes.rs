//! The application's own router, answering joins: each becomes an internal `GET` that passes every
//! layer a browser's request would pass.

use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, Method, Request, StatusCode, header};
use tower::ServiceExt;

use crate::http::join_route::is_marked;
use crate::navigation::LocalPath;
use crate::runtime::client::Client;
use crate::runtime::join::{JoinAsk, RouteAnswer, Routes};

/// The router that serves the pages, with the runtime in its extensions.
pub(super) struct AppRoutes(pub(super) Router);

impl Routes for AppRoutes {
    fn join<'a>(
        &'a self,
        client: &'a Client,
        ask: &'a JoinAsk,
    ) -> Pin<Box<dyn Future<Output = RouteAnswer> + Send + 'a>> {
        Box::pin(async move {
            let Some(request) = internal_request(client, ask) else { return RouteAnswer::Failed };
            match self.0.clone().oneshot(request).await {
                Ok(response) => translate(&response),
                Err(never) => match never {},
            }
        })
    }
}

fn internal_request(client: &Client, ask: &JoinAsk) -> Option<Request<Body>> {
    // Path and query alone: an absolute URL would show in extractors of the original URI.
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = ask.url().as_str().parse().ok()?;
    *request.headers_mut() = client.headers.to_map();
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    *request.extensions_mut() = client.extensions.clone();
    request.extensions_mut().insert(ask.clone());
    Some(request)
}

/// A response counts as accepted only with the live handler's mark, so that a layer which refuses
/// after the handler has run is obeyed.
fn translate(response: &Response) -> RouteAnswer {
    let status = response.status();
    if is_marked(response) && status == StatusCode::OK {
        return RouteAnswer::Accepted;
    }
    let has_cookies = response.headers().contains_key(header::SET_COOKIE);
    if status.is_redirection() && !has_cookies {
        let location = response.headers().get(header::LOCATION);
        let to = location.and_then(|to| to.to_str().ok()).map(LocalPath::new);
        return match to {
            Some(Ok(to)) => RouteAnswer::Redirect(to),
            Some(Err(_)) | None => RouteAnswer::NotThisView,
        };
    }
    match status {
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND
        | StatusCode::GONE => RouteAnswer::Refused(status.as_u16()),
        // A redirect that also sets cookies is repeated by the browser, which can store them.
        _ if status.is_success() || status.is_redirection() => RouteAnswer::NotThisView,
        StatusCode::REQUEST_TIMEOUT => RouteAnswer::Failed,
        _ if status.is_server_error() => RouteAnswer::Failed,
        _ => RouteAnswer::Refused(status.as_u16()),
    }
}

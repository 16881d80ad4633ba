//! In a debug build: a page on its way out, which is held against the Content-Security-Policy that it
//! goes out with. That is known where its response leaves the served router: a layer may have set another
//! than the application's.

use std::sync::Arc;

use axum::response::Response;
use http::header::{CONTENT_SECURITY_POLICY, HOST};
use http::{Extensions, HeaderMap, Uri};
use maud::Markup;

use crate::http::content_security_policy::needs::Noted;
use crate::http::content_security_policy::refused::Policy;
use crate::http::origin::origin_part;
use crate::runtime::Runtime;
use crate::socket::Identity;

/// On the response of a page.
#[derive(Clone, Debug)]
pub(super) struct Unchecked {
    document: Box<str>,
    route: Arc<str>,
    noted: Vec<Noted>,
    html: String,
}

impl Unchecked {
    /// What a page's response carries along: nothing in a release build.
    pub(super) fn of(page: &Identity, noted: Vec<Noted>, html: &Markup) -> Extensions {
        let mut extensions = Extensions::new();
        if cfg!(debug_assertions) {
            let (document, route) = (page.address.root.clone(), Arc::clone(&page.route));
            extensions.insert(Self { document, route, noted, html: html.0.clone() });
        }
        extensions
    }
}

/// Whom a page takes for its own host: as the application says, else as the request does.
pub(super) fn own_host(runtime: &Runtime, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let public_url = runtime.config.public_url.as_deref();
    let configured = public_url.and_then(|url| Some(origin_part(url).split_once("://")?.1));
    let header = || headers.get(HOST)?.to_str().ok();
    let requested = || header().or_else(|| Some(uri.authority()?.as_str()));
    configured.or_else(requested).map(str::to_owned)
}

/// Says in the log what of the page the policy of its response refuses.
pub(super) fn check(runtime: &Runtime, own: Option<String>, response: &mut Response) {
    let Some(page) = response.extensions_mut().remove::<Unchecked>() else { return };
    let headers = response.headers().get_all(CONTENT_SECURITY_POLICY);
    let policies: Vec<_> = headers.iter().filter_map(|header| header.to_str().ok()).collect();
    let policy = Policy { header: policies.join(","), own };
    let Unchecked { document, route, noted, html } = page;
    runtime.sent_policies.page(document, &route, policy, &noted, &html);
}

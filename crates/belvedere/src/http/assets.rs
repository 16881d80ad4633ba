//! Files embedded in the binary and served under names that change with their content.
//!
//! Here are the browser client (the unmodified npm packages, fetched by the build script, and the script
//! that connects them to this server), the [`Asset`] an application's own embedded files use too, and the
//! negotiation of their encoding.
//! What a page is made of is the root layout's business, which puts [`client_tags`] in its head:
//!
//! ```
//! use belvedere::http::assets;
//!
//! let layout = maud::html! {
//!     head {
//!         (assets::client_tags())
//!         (assets::bootstrap_tag())       // or a script of the application's own that connects
//!     }
//! };
//! # assert_eq!(layout.into_string().matches("<script defer").count(), 4);
//! let app: axum::Router = assets::router();   // serves what those tags name
//! ```

use std::sync::LazyLock;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, LINK, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response};
use maud::{Markup, html};

use crate::base_path::BasePath;
use crate::wire::scan::{Sought, first_of};
use encoding::Encoding;

mod embedded {
    use crate::http::assets::Asset;

    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}
mod encoding;
mod folder;
mod own;

pub use folder::{AssetFolder, AssetFolderError};
pub(crate) use own::embedded_paths;

/// Version of the `phoenix_live_view` bundle that is served, which every join reply repeats.
///
/// The client logs a warning when the two differ.
pub const CLIENT_VERSION: &str = embedded::VERSION;

/// Where the page's script opens its socket, less the transport's name.
pub(super) const LIVE_PATH: &str = "/live";

/// Where the licence texts of the client's packages are served, as their licence asks.
const LICENSES_PATH: &str = "/live/client/LICENSES.txt";

/// A name that changes with the content may be kept for ever.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// One embedded file in its three encodings, served at a path that contains its content's hash.
///
/// Any values will do, as long as `path` changes when the content does: answers carry
/// `cache-control: immutable`. An encoding that was not prepared is an empty slice.
#[derive(Clone, Copy)]
pub struct Asset {
    /// URL path from the root, such as `/assets/app-09f8….css`.
    pub path: &'static str,
    /// Media type with its charset, such as `text/css; charset=utf-8`.
    pub content_type: &'static str,
    /// The file as it is.
    pub identity: &'static [u8],
    /// The file compressed with gzip; empty when there is none.
    pub gzip: &'static [u8],
    /// The file compressed with Brotli; empty when there is none.
    pub brotli: &'static [u8],
}

impl std::fmt::Debug for Asset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asset")
            .field("path", &self.path)
            .field("identity_bytes", &self.identity.len())
            .field("gzip_bytes", &self.gzip.len())
            .field("brotli_bytes", &self.brotli.len())
            .finish_non_exhaustive()
    }
}

impl Asset {
    /// Adds this file's route to `router`.
    pub fn route<S: Clone + Send + Sync + 'static>(&'static self, router: Router<S>) -> Router<S> {
        router
            .route(self.path, get(move |headers: HeaderMap| async move { self.response(&headers) }))
    }

    /// The answer to a request with these headers: the smallest encoding the client accepts.
    #[must_use]
    pub fn response(&self, request: &HeaderMap) -> Response<Body> {
        let (body, encoding) = self.encoded(request);
        let mut response = Response::new(Body::from(Bytes::from_static(body)));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, IMMUTABLE);
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if let Some(name) = encoding.header() {
            headers.insert(CONTENT_ENCODING, name);
        }
        response
    }

    fn encoded(&self, request: &HeaderMap) -> (&'static [u8], Encoding) {
        let accepted = encoding::preferred(request.get_all(ACCEPT_ENCODING), |encoding| {
            !self.bytes(encoding).is_empty()
        });
        (self.bytes(accepted), accepted)
    }

    fn bytes(&self, encoding: Encoding) -> &'static [u8] {
        match encoding {
            Encoding::Brotli => self.brotli,
            Encoding::Gzip => self.gzip,
            Encoding::Identity => self.identity,
        }
    }
}

/// One script of the browser client, to be loaded as a classic script with `defer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientScript {
    /// URL path from the root.
    pub path: &'static str,
}

/// The scripts of the browser client, in the order in which they must be loaded.
///
/// They define the globals `Phoenix`, `LiveView` and `Belvedere`. The last has `Belvedere.connect`, which
/// reads the CSRF token from `<meta name="csrf-token">` and opens the socket at `/live`, or at the
/// `data-live-path` of its own element. One more script calls it, either [`bootstrap_script`] or
/// [one of the application's own](crate::_browser#a-script-of-your-own).
#[must_use]
pub const fn client_scripts() -> [ClientScript; 3] {
    let [phoenix, live_view, belvedere, _] = CLIENT;
    [
        ClientScript { path: phoenix.path },
        ClientScript { path: live_view.path },
        ClientScript { path: belvedere.path },
    ]
}

/// The script that connects a page to its live views, for applications without one of their own.
#[must_use]
pub const fn bootstrap_script() -> ClientScript {
    let [.., bootstrap] = CLIENT;
    ClientScript { path: bootstrap.path }
}

/// The `<script>` elements of [`client_scripts`], tracked so that a change can be noticed; for an
/// application at the root of its host. A layout has [`Page::client_tags`](super::page::Page).
#[must_use]
pub fn client_tags() -> Markup {
    client_tags_at(&BasePath::default(), None)
}

/// The `<script>` element of [`bootstrap_script`]; for an application at the root of its host. A
/// layout has [`Page::bootstrap_tag`](super::page::Page).
#[must_use]
pub fn bootstrap_tag() -> Markup {
    bootstrap_tag_at(&BasePath::default())
}

/// What the client is told of long polling, where that is not the default: after how long, or never.
#[derive(Clone, Copy, Debug)]
pub(super) struct LongPollAfter(pub(super) Option<Duration>);

pub(super) fn client_tags_at(base: &BasePath, polls: Option<LongPollAfter>) -> Markup {
    /// What most pages say.
    static AT_ROOT: LazyLock<Markup> =
        LazyLock::new(|| write_client_tags(&BasePath::default(), None));
    if base.is_root() && polls.is_none() { AT_ROOT.clone() } else { write_client_tags(base, polls) }
}

fn write_client_tags(base: &BasePath, polls: Option<LongPollAfter>) -> Markup {
    let [phoenix, live_view, belvedere] = client_scripts().map(|script| base.path(script.path));
    // At a base path the script is told where the socket is.
    let live_path = (!base.is_root()).then(|| base.path(LIVE_PATH));
    let poll_after = polls.map(|LongPollAfter(after)| after.unwrap_or_default().as_millis());
    html! {
        (script_tag(&phoenix))
        (script_tag(&live_view))
        script defer phx-track-static src=(belvedere) data-live-path=[live_path]
            data-long-poll-after=[poll_after] {}
    }
}

pub(super) fn bootstrap_tag_at(base: &BasePath) -> Markup {
    static AT_ROOT: LazyLock<Markup> = LazyLock::new(|| script_tag(bootstrap_script().path));
    if base.is_root() {
        return AT_ROOT.clone();
    }
    script_tag(&base.path(bootstrap_script().path))
}

/// A deferred, tracked `<script>` element.
///
/// `defer` keeps the order of the page, so an application's script may rely on the client's.
#[must_use]
pub fn script_tag(path: &str) -> Markup {
    html! { script defer phx-track-static src=(path) {} }
}

/// Serves the browser client, the script that connects it, and the client's licences.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    CLIENT
        .iter()
        .fold(Router::new(), |router, asset| {
            router.route(
                asset.path,
                get(move |headers: HeaderMap| async move { script(asset, &headers) }),
            )
        })
        .route(LICENSES_PATH, get(licenses))
}

/// Whether the tracked files of a page are the ones this server serves today.
///
/// `tracked` is `_track_static` of a join: absolute or local URLs, whose query is ignored. `served`
/// are the paths of this server's assets. A tracked file is outdated when `served` has the same
/// name with another hash; a file `served` knows nothing of is somebody else's and counts as
/// current.
///
/// ```
/// use belvedere::http::assets::tracked_are_current;
///
/// let served = ["/assets/app-0a1b2c3d4e5f6071.css"];
/// assert!(tracked_are_current(["http://localhost/assets/app-0a1b2c3d4e5f6071.css"], &served));
/// assert!(!tracked_are_current(["http://localhost/assets/app-ffffffffffffffff.css"], &served));
/// assert!(tracked_are_current(["https://fonts.example/a.css"], &served));
/// ```
pub fn tracked_are_current<'a>(
    tracked: impl IntoIterator<Item = &'a str>,
    served: &[&str],
) -> bool {
    tracked.into_iter().all(|url| {
        let end = first_of(url.as_bytes(), 0, [b'?', b'#'].map(Sought::byte));
        let url = end.map_or(url, |end| &url[..end]);
        if served.iter().any(|path| url.ends_with(path)) {
            return true;
        }
        unhashed(url).is_none_or(|(stem, extension)| {
            let is_outdated =
                |(of_path, e): (&str, &str)| stem.ends_with(of_path) && extension == e;
            !served.iter().any(|path| unhashed(path).is_some_and(is_outdated))
        })
    })
}

const CLIENT: &[Asset; 4] =
    &[embedded::PHOENIX, embedded::PHOENIX_LIVE_VIEW, embedded::BELVEDERE, embedded::BOOTSTRAP];

fn script(asset: &Asset, request: &HeaderMap) -> Response<Body> {
    let mut response = asset.response(request);
    let licence = HeaderValue::from_static("<LICENSES.txt>; rel=\"license\"");
    response.headers_mut().insert(LINK, licence);
    response
}

async fn licenses() -> &'static str {
    embedded::LICENSES
}

/// Splits `/app-<hash>.css` into `/app` and `css`; `None` when there is no hash in the name.
fn unhashed(path: &str) -> Option<(&str, &str)> {
    let (rest, extension) = path.rsplit_once('.')?;
    let (stem, hash) = rest.rsplit_once('-')?;
    (hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit())).then_some((stem, extension))
}

#[cfg(test)]
mod tests;

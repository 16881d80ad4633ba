//! The page around a live view: rendered once, never patched by the client but for its title. And the
//! page in its place, when there is no view to show.

use std::any::type_name;
use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Extensions, StatusCode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::de::DeserializeOwned;

use crate::base_path::BasePath;
use crate::http::assets::{Asset, LIVE_PATH, bootstrap_tag_at, client_tags_at, script_tag};
use crate::http::session_value::Caller;
use crate::navigation::Group;
use crate::visit::SharedValues;

/// Ids of a layout's containers that are remembered: those of one that names them anew each time run out.
const MAX_IDS: usize = 64;

/// What a layout is given for one response.
#[derive(Debug)]
pub struct Page<'a> {
    /// The title that the view has set. After a live navigation to a view without one, the browser shows
    /// what the `title` element says as `data-default`, or else goes on showing the last.
    pub title: Option<&'a str>,
    /// Belongs into `<meta name="csrf-token" content=…>`, where the client's script finds it.
    pub csrf_token: &'a str,
    /// The view in its container; belongs into the body.
    pub view: PreEscaped<&'a str>,
    /// Path of the page as the browser shows it, without its query.
    pub path: &'a str,
    /// Where the application stands under its host, for links and the application's own files.
    pub base_path: &'a BasePath,
    /// Of the page's request: what the application's layers put there, such as who is signed in.
    pub extensions: &'a Extensions,
}

impl Page<'_> {
    /// The `<script>` elements of the browser client; belong into the head.
    #[must_use]
    pub fn client_tags(&self) -> Markup {
        client_tags_at(self.base_path, self.extensions.get().copied())
    }

    /// The `<script>` element that connects the page, for a layout without a script of its own that
    /// calls `Belvedere.connect`; belongs behind [`client_tags`](Self::client_tags).
    #[must_use]
    pub fn bootstrap_tag(&self) -> Markup {
        bootstrap_tag_at(self.base_path)
    }

    /// The `<link>` element of a style sheet of the application's own; belongs into the head. Like the
    /// next one it is tracked: a page that shows an earlier file is loaded anew when it reconnects.
    #[must_use]
    pub fn style_tag(&self, style: &Asset) -> Markup {
        html! { link rel="stylesheet" phx-track-static href=(self.base_path.path(style.path)); }
    }

    /// The `<script>` element of a script of the application's own, deferred; belongs behind
    /// [`client_tags`](Self::client_tags).
    #[must_use]
    pub fn script_tag(&self, script: &Asset) -> Markup {
        script_tag(&self.base_path.path(script.path))
    }

    /// Where the socket is: `/live`, below the base path. `Belvedere.connect` knows it; a script that makes
    /// a `LiveSocket` by itself is to be told.
    #[must_use]
    pub fn live_path(&self) -> String {
        self.base_path.path(LIVE_PATH)
    }

    /// What the application keeps with the visitor's session
    /// ([`Visitor::start_session`](crate::http::Visitor::start_session)), if there is such a value.
    #[must_use]
    pub fn session_value<T: DeserializeOwned>(&self) -> Option<T> {
        Caller::value_in(self.extensions)
    }

    /// What the pages of this route [share](crate::http::share), if they share a `T`. As everything
    /// around the view it stays what it was when the page was loaded, also over live navigation.
    #[must_use]
    pub fn shared<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.get::<SharedValues>()?.get_ref()
    }
}

/// What an error page is given for one response.
#[derive(Clone, Copy, Debug)]
pub struct PageError<'a> {
    /// Status of the response.
    pub status: StatusCode,
    /// Path that the browser asked for, without its query.
    pub path: &'a str,
    /// Where the application stands under its host.
    pub base_path: &'a BasePath,
    /// Of the request: what the application's layers put there, such as who is signed in.
    pub extensions: &'a Extensions,
}

impl PageError<'_> {
    /// As [`Page::session_value`].
    #[must_use]
    pub fn session_value<T: DeserializeOwned>(&self) -> Option<T> {
        Caller::value_in(self.extensions)
    }

    /// As [`Page::shared`]; what is not loaded when the page fails is not there.
    #[must_use]
    pub fn shared<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.extensions.get::<SharedValues>()?.get_ref()
    }
}

/// The page around live views: the application's
/// ([`LiveConfig::layout`](crate::LiveConfig::layout)), or that of some routes.
///
/// Any closure will do, so it may hold what it shows. On routes it goes as a layer, for a part of an
/// application with a look of its own:
///
/// ```
/// use axum::{Extension, Router};
/// use belvedere::http::page::{Layout, Page};
/// use maud::{Markup, html};
///
/// #[derive(Clone)]
/// struct SignedIn { name: String }
///
/// fn plain(page: &Page<'_>) -> Markup {
///     html! {
///         html {
///             head { meta name="csrf-token" content=(page.csrf_token); (page.client_tags()) }
///             body {
///                 @if let Some(user) = page.extensions.get::<SignedIn>() { p { (user.name) } }
///                 (page.view)
///             }
///         }
///     }
/// }
///
/// let part: Router = Router::new().layer(Extension(Layout::new(plain)));
/// ```
///
/// Routes with the same layout are a group: between its pages live navigation stays on the socket, and
/// everything around the view stays as it is. A link out of the group loads its page. Layouts are told
/// apart by the function that draws them, or by the name that [`group`](Self::group) gives. Two closures
/// cannot be told apart: as a layer, one without such a name makes each of its routes a group of its own.
///
/// A layout that panics is answered with the error page of status 500, and a line in the log.
#[derive(Clone)]
pub struct Layout {
    around: Arc<dyn Fn(&Page<'_>) -> Markup + Send + Sync>,
    sharing: Sharing,
    placed: Arc<Placed>,
}

/// What a layout was seen to place, for whichever visitor.
#[derive(Default)]
struct Placed {
    /// The most views of one drawing.
    n_views: AtomicUsize,
    /// Ids that their authors have given to the views' containers, `MAX_IDS` at most.
    ids: Mutex<BTreeSet<Box<str>>>,
}

/// Which routes with a layout are one group.
#[derive(Clone, Copy)]
enum Sharing {
    /// Those of layouts of this name.
    Named(Group),
    /// Those with this function.
    Function(Group),
    /// Each is its own: closures that one function makes have one name, whatever they hold.
    Closure(&'static str),
}

/// A layout, or an error page, has panicked. It is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

impl Layout {
    /// Puts this page around the views.
    pub fn new<F>(layout: F) -> Self
    where
        F: Fn(&Page<'_>) -> Markup + Send + Sync + 'static,
    {
        let name = type_name::<F>();
        let is_function = size_of::<F>() == 0 && !name.contains("{{closure}}");
        let sharing = match is_function {
            true => Sharing::Function(Group::named(name)),
            false => Sharing::Closure(name),
        };
        Self { sharing, around: Arc::new(layout), placed: Arc::default() }
    }

    /// Names the group of the routes with this layout: two layouts of one name are one group, and the
    /// same function under two names is two. [`LiveConfig::layout`](crate::LiveConfig::layout) may have
    /// one as well. The name is the same on all machines, and from one release
    /// to the next, for pages that stay open meanwhile.
    ///
    /// ```
    /// # use axum::{Extension, Router};
    /// # use belvedere::http::page::{Layout, default_layout};
    /// let admin: Router = Router::new().layer(Extension(Layout::new(default_layout).group("admin")));
    /// ```
    #[must_use]
    pub fn group(mut self, name: &str) -> Self {
        self.sharing = Sharing::Named(Group::named(name));
        self
    }

    /// The group of a route with this layout as a layer.
    pub(super) fn group_at(&self, route: &str) -> Group {
        match self.sharing {
            Sharing::Named(group) | Sharing::Function(group) => group,
            Sharing::Closure(name) => Group::named(&format!("{name} at {route}")),
        }
    }

    /// The group of the routes without a layout of their own, of which this is the application's.
    pub(super) fn group_of_others(&self) -> Group {
        match self.sharing {
            Sharing::Named(group) => group,
            Sharing::Function(_) | Sharing::Closure(_) => Group::default(),
        }
    }

    /// How many views it places, as far as it was drawn.
    pub(super) fn n_views(&self) -> usize {
        self.placed.n_views.load(Ordering::Relaxed)
    }

    /// The ids of containers of views in it, as far as it was drawn.
    pub(super) fn ids(&self) -> Vec<Box<str>> {
        self.placed.ids().iter().cloned().collect()
    }

    /// A view in it has this id for its container.
    pub(super) fn keeps_id(&self, id: &str) {
        let mut ids = self.placed.ids();
        if ids.len() < MAX_IDS && !ids.contains(id) {
            ids.insert(id.into());
        }
    }

    /// It was drawn, and has placed so many views.
    pub(super) fn places(&self, n_views: usize) {
        self.placed.n_views.fetch_max(n_views, Ordering::Relaxed);
    }

    pub(super) fn around(&self, page: &Page<'_>) -> Result<Markup, Panicked> {
        catch_unwind(AssertUnwindSafe(|| (self.around)(page))).map_err(|_| {
            tracing::error!(
                path = page.path,
                "the layout panicked, so that its page is answered with 500; the panic's own words \
                 are above"
            );
            Panicked
        })
    }
}

impl Placed {
    fn ids(&self) -> MutexGuard<'_, BTreeSet<Box<str>>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Layout {
    /// [`default_layout`].
    fn default() -> Self {
        Self::new(default_layout)
    }
}

impl fmt::Debug for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Layout").finish_non_exhaustive()
    }
}

/// The page in place of a view: the application's
/// ([`LiveConfig::error_page`](crate::LiveConfig::error_page)), or, as a layer, that of some routes.
///
/// It is shown when a view refuses to mount or has failed, and when an extractor of a view refuses the
/// request with plain words, as axum's own do; an answer in HTML or JSON stays as it is. The layer
/// [`error_pages`](crate::http::error_pages()) shows it for the rest of the application, unknown
/// addresses among them. What went wrong in the server is in the log, and never on this page.
#[derive(Clone)]
pub struct ErrorPage(Arc<dyn Fn(&PageError<'_>) -> Markup + Send + Sync>);

impl ErrorPage {
    /// Shows this page.
    pub fn new(page: impl Fn(&PageError<'_>) -> Markup + Send + Sync + 'static) -> Self {
        Self(Arc::new(page))
    }

    /// The page; the default one when it panics.
    pub(super) fn of(&self, error: &PageError<'_>) -> Markup {
        catch_unwind(AssertUnwindSafe(|| (self.0)(error))).unwrap_or_else(|_| {
            tracing::error!(
                path = error.path,
                status = error.status.as_u16(),
                "the error page panicked, and the default one is shown; the panic's own words are above"
            );
            default_error_page(error)
        })
    }
}

impl Default for ErrorPage {
    /// [`default_error_page`].
    fn default() -> Self {
        Self::new(default_error_page)
    }
}

impl fmt::Debug for ErrorPage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ErrorPage").finish_non_exhaustive()
    }
}

/// A bare page: the client's scripts, the one that connects it, the view.
#[must_use]
pub fn default_layout(page: &Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="csrf-token" content=(page.csrf_token);
                // What a view without a title shows after one with: the client keeps the old one else.
                title data-default="" { (page.title.unwrap_or_default()) }
                (no_icon())
                (page.client_tags())
                (page.bootstrap_tag())
            }
            body { (page.view) }
        }
    }
}

/// Says that a page has no icon: a browser would ask for `/favicon.ico` and be answered with 404.
fn no_icon() -> Markup {
    html! { link rel="icon" href="data:,"; }
}

/// The status in words, and nothing about its cause.
#[must_use]
pub fn default_error_page(error: &PageError<'_>) -> Markup {
    let status = error.status;
    let words = status.canonical_reason().unwrap_or("Error");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (status.as_u16()) " " (words) }
                (no_icon())
            }
            body {
                h1 { (status.as_u16()) " " (words) }
                @if status == StatusCode::TOO_MANY_REQUESTS {
                    p { "Too many pages were opened at your address. Please try again in a moment." }
                }
            }
        }
    }
}

//! The nested views that a layout places: what its drawing asks for, and what it shows of them.
//!
//! A layout is drawn at once, and a view takes its time to mount. So a drawing notes what it places,
//! the page mounts that, and the layout is drawn again.

use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use maud::{Markup, PreEscaped};

use super::NestedView;
use super::registry::{Placed, Seed, id_part};
use crate::container::Container;
use crate::http::page::Page;
use crate::runtime::views::Claim;
use crate::view::LiveView;
use crate::wire::token::SessionId;

/// What ends the topic of a view that a layout places; no id of an author's has it.
const MARK: &str = "__layout";

/// Views that one layout may place. More are no frame around a page.
const MAX_VIEWS: usize = 8;

/// On the extensions of a request whose layout is drawn.
#[derive(Clone, Default)]
pub(crate) struct LayoutViews(Arc<Mutex<Vec<LayoutView>>>);

/// A nested view as a layout places it.
#[derive(Clone)]
pub(crate) struct LayoutView {
    view: TypeId,
    pub(crate) name: &'static str,
    /// The last part of its topic.
    pub(crate) part: String,
    pub(crate) seed: Seed,
    pub(crate) element: Container,
    /// What the layout shows; none until the page has mounted the view.
    container: Option<String>,
    /// This drawing has placed it.
    is_drawn: bool,
}

impl LayoutView {
    /// What a join must agree with to take over the one that its page has mounted.
    pub(crate) fn claim(&self, session: SessionId) -> Claim {
        Claim { session, view: self.view, url: None }
    }
}

impl LayoutViews {
    /// The layout is drawn: it says anew what it places.
    pub(crate) fn begin_drawing(&self) {
        self.lock().iter_mut().for_each(|view| view.is_drawn = false);
    }

    /// What the layout shows of a view, which is `planted` the first time.
    fn place(&self, placed: &Placed<'_>, planted: impl FnOnce() -> (Seed, Container)) -> String {
        let (mut views, part) = (self.lock(), id_part(placed.id));
        if let Some(view) = views.iter_mut().find(|view| view.part == part) {
            if view.is_drawn || view.view != placed.view {
                tracing::error!(
                    view = placed.name,
                    placed = view.name,
                    id = placed.id,
                    "a layout places two views with the same id; the second place shows nothing"
                );
                return String::new();
            }
            view.is_drawn = true;
            return view.container.clone().unwrap_or_default();
        }
        if views.len() >= MAX_VIEWS {
            tracing::error!(
                view = placed.name,
                id = placed.id,
                "a layout places more than {MAX_VIEWS} views; this one is not shown"
            );
            return String::new();
        }
        let (seed, element) = planted();
        let (view, name) = (placed.view, placed.name);
        views.push(LayoutView { view, name, part, seed, element, container: None, is_drawn: true });
        String::new()
    }

    /// Those of the last drawing that are to be mounted.
    pub(crate) fn wanted(&self) -> Vec<LayoutView> {
        self.lock().iter().filter(|view| view.container.is_none()).cloned().collect()
    }

    /// Says what the next drawing shows in a place.
    pub(crate) fn put(&self, part: &str, container: String) {
        if let Some(view) = self.lock().iter_mut().find(|view| view.part == part) {
            view.container = Some(container);
        }
    }

    /// The view whose topic has this last part.
    pub(crate) fn find(&self, part: &str) -> Option<LayoutView> {
        self.lock().iter().find(|view| view.part == part).cloned()
    }

    /// How many views the layout places.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<LayoutView>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The topic of a view that the layout of a page places; `root` is that of the page's own view.
pub(crate) fn topic_of(root: &str, part: &str) -> Box<str> {
    format!("{root}-{part}{MARK}").into()
}

/// The topic of the page's own view, and the last part of that of a view in its layout.
pub(crate) fn parts_of(topic: &str) -> Option<(&str, &str)> {
    topic.strip_suffix(MARK)?.rsplit_once('-')
}

impl<V: LiveView<Extract: Clone + Sync>> NestedView<V> {
    /// The view as a part of a layout, which lasts while the page within changes: a player that goes on,
    /// a chat that keeps what was typed.
    ///
    /// It is mounted with the page that the browser loads, and lives as long as that document: over each
    /// live navigation of the group, a lost connection and a page that crashes. It ends when the browser
    /// loads another document or closes the tab. Each tab has its own.
    ///
    /// ```
    /// use belvedere::http::page::Page;
    /// use belvedere::{LiveConfig, nested};
    /// use maud::{DOCTYPE, Markup, html};
    /// # use belvedere::{LiveView, MountError, Render, SecretKeyBase, Socket, live};
    /// # struct Player;
    /// # impl LiveView for Player {
    /// #     type Extract = ();
    /// #     type Params = ();
    /// #     type Event = ();
    /// #     type Message = ();
    /// #     async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> { Ok(Self) }
    /// #     fn render(&self) -> impl Render { live! { p { "♪" } } }
    /// # }
    ///
    /// fn layout(page: &Page<'_>) -> Markup {
    ///     html! {
    ///         (DOCTYPE)
    ///         html {
    ///             head {
    ///                 meta name="csrf-token" content=(page.csrf_token);
    ///                 title data-default="Radio" { (page.title.unwrap_or("Radio")) }
    ///                 (page.client_tags()) (page.bootstrap_tag())
    ///             }
    ///             body {
    ///                 (page.view)
    ///                 (nested::<Player>("player", ()).in_layout(page))
    ///             }
    ///         }
    ///     }
    /// }
    /// # let mut config = LiveConfig::new(SecretKeyBase::random());
    /// config.layout = belvedere::http::page::Layout::new(layout);
    /// ```
    ///
    /// A layout that places views is drawn once more than others, and each time that a browser joins one
    /// of them, also after the server has started anew: it says whether the view is placed, and what it
    /// is given. It is drawn for the page that the browser shows then, whose layers and extractors have
    /// let the visitor through, and without [`Page::title`] and [`Page::view`]. So it should place the
    /// same views on all pages of its group, by what it finds in [`Page::extensions`] alone.
    ///
    /// The view never takes its page along. It shows nothing when its `mount` refuses or redirects, or when
    /// the layout places it no more, which the log says; after a panic it is joined anew.
    ///
    /// Its events pass the guards of the page that the browser shows, which may be any of the group: what
    /// guards a view in a layout stands on all routes of its group.
    ///
    /// The view shows no URL of its own. [`Socket::path`](crate::Socket::path) is what the page shows
    /// at the time of a callback; [`patch`](crate::Socket::patch) and
    /// [`navigate`](crate::Socket::navigate) move the page, and the view stays; in `mount`, once it is
    /// joined. It sets no title.
    ///
    /// A layout may place up to eight, and up to four views may be nested in each. All of them count as
    /// joins of [`LiveConfig::max_joins_per_socket`](crate::LiveConfig), and each of the layout's as a
    /// view of the bounds on holds.
    pub fn in_layout(self, page: &Page<'_>) -> Markup {
        let Some(views) = page.extensions.get::<LayoutViews>() else {
            let view = V::name();
            tracing::error!(view, "a view is placed in a layout that is not drawn for a page");
            return PreEscaped(String::new());
        };
        PreEscaped(views.place(&self.placed(), || self.planted()))
    }
}

impl fmt::Debug for LayoutViews {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.lock().iter().map(|view| &view.part)).finish()
    }
}

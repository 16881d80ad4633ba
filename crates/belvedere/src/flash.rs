//! Flash messages: short notes to the visitor, shown until dismissed or replaced.
//!
//! A view sets them through its [`Socket`](crate::Socket); its template shows them by splicing
//! [`flash`]. A redirect carries them to the next page in a signed cookie (`wire::token`).

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::time::SystemTime;

use belvedere_macros::live;

use crate::template::Render;
use crate::wire::token::{FlashToken, Keys, StaticToken};

mod cut;

/// Most bytes of messages that a page's token carries; more than anybody reads.
const MAX_PAGE_BYTES: usize = 16 * 1024;

/// The messages of one view, each under a kind such as `info` or `error`, in the order set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flash {
    messages: Vec<(String, String)>,
    /// How many of them, from the first, were shown before the act in progress.
    n_shown: usize,
}

impl Flash {
    /// The messages that a token carried.
    pub(crate) fn from_pairs(messages: Vec<(String, String)>) -> Self {
        Self { messages, n_shown: 0 }
    }

    /// The messages as a token carries them.
    pub(crate) fn into_pairs(self) -> Vec<(String, String)> {
        self.messages
    }

    /// The signed text by which the page of a view carries the messages to the view's join, should it be
    /// mounted anew; empty when there are none. A long one is cut, so that the join fits into
    /// `max_frame_bytes`.
    pub(crate) fn into_page_token(
        mut self,
        view_id: &str,
        max_frame_bytes: usize,
        keys: &Keys,
        now: SystemTime,
    ) -> String {
        if self.is_empty() {
            return String::new();
        }
        cut::to(MAX_PAGE_BYTES.min(max_frame_bytes / 4), &mut self.messages);
        StaticToken { view_id: view_id.to_owned(), flash: self.messages }.sign(keys, now)
    }

    /// The signed text by which a redirect carries the messages, as far as they fit into a cookie;
    /// `None` when there are none.
    pub(crate) fn into_token(mut self, keys: &Keys, now: SystemTime) -> Option<String> {
        if cut::to(cut::MAX_COOKIE_FLASH_BYTES, &mut self.messages) && cfg!(debug_assertions) {
            tracing::warn!(
                "a flash was cut to pass over a redirect, whose cookie takes 3,000 bytes of it; show \
                 a longer text on the page that it leads to"
            );
        }
        let has_any = !self.is_empty();
        has_any.then(|| FlashToken { flash: self.into_pairs() }.sign(keys, now))
    }

    /// True when there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The message of this kind, if there is one.
    #[must_use]
    pub fn get(&self, kind: &str) -> Option<&str> {
        self.messages.iter().find(|(key, _)| key == kind).map(|(_, text)| text.as_str())
    }

    pub(crate) fn put(&mut self, kind: String, text: String) {
        self.clear(&kind);
        self.messages.push((kind, text));
    }

    pub(crate) fn clear(&mut self, kind: &str) {
        if let Some(index) = self.messages.iter().position(|(key, _)| key == kind) {
            self.messages.remove(index);
            self.n_shown -= usize::from(index < self.n_shown);
        }
    }

    pub(crate) fn clear_all(&mut self) {
        self.messages.clear();
        self.n_shown = 0;
    }

    /// An act begins: what is there was put before.
    pub(crate) fn begin_act(&mut self) {
        self.n_shown = self.messages.len();
    }

    /// Clears what was put before the act in progress.
    pub(crate) fn clear_shown(&mut self) {
        self.messages.drain(..self.n_shown.min(self.messages.len()));
        self.n_shown = 0;
    }
}

/// What [`flash`](flash()) shows.
#[derive(Debug, Default)]
struct Shown {
    flash: Flash,
    /// The id of the container, of a view within another one or in the layout.
    nested: Option<Box<str>>,
}

thread_local! {
    /// Of the view this thread is rendering. A render is synchronous, so it is set for exactly as long as
    /// the render runs.
    static RENDERED: RefCell<Shown> = const {
        RefCell::new(Shown { flash: Flash { messages: Vec::new(), n_shown: 0 }, nested: None })
    };

    /// Whether a template has spliced the flash since this was last asked.
    static IS_SHOWN: Cell<bool> = const { Cell::new(false) };
}

/// Whether a template has spliced [`flash`](flash()) since this was last asked.
pub(crate) fn take_shown() -> bool {
    IS_SHOWN.take()
}

/// Runs `render` with `flash` as what [`flash()`](flash()) shows, in a view that is nested in this container.
pub(crate) fn with_flash<T>(flash: &Flash, nested: Option<&str>, render: impl FnOnce() -> T) -> T {
    /// Puts the outer flash back, also when `render` panics.
    struct Restore(Shown);
    impl Drop for Restore {
        fn drop(&mut self) {
            RENDERED.set(std::mem::take(&mut self.0));
        }
    }
    let shown = Shown { flash: flash.clone(), nested: nested.map(Box::from) };
    let _restore = Restore(RENDERED.replace(shown));
    render()
}

/// A function component: the flash messages of the view being rendered, each dismissed by a click. It has
/// its place once in a view's template.
///
/// The group has the class `flashes` and the id `flash`, or `flash-` and the container's id in a
/// [nested](crate::nested()) view; each message has the class `flash` and its kind as a class, and
/// is announced by screen readers.
///
/// ```
/// use belvedere::{flash, live};
/// let page = live! { main { (flash()) h1 { "Users" } } };
/// # assert!(belvedere::template::to_html(&page).contains("id=\"flash\""));
/// ```
#[must_use]
pub fn flash() -> impl Render {
    IS_SHOWN.set(true);
    let (flash, id) = RENDERED.with_borrow(|Shown { flash, nested }| {
        let id = nested.as_ref().map_or(Cow::from("flash"), |view| format!("flash-{view}").into());
        (flash.clone(), id)
    });
    live! {
        div.flashes id=(id) aria-live="polite" {
            @for (kind, text) in &flash.messages, key=(kind) {
                button type="button" class={ "flash " (kind) } role="alert"
                    title="Dismiss" phx-click="lv:clear-flash" phx-value-key=(kind) { (text) }
            }
        }
    }
}

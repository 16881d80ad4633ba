//! Live templates: what `live!` yields, and its HTML. No state, no I/O, no wire.
//!
//! A template is its *statics*, the text that never changes, and *holes* between them:
//!
//! ```
//! use belvedere::{live, template::{Render, to_html}};
//!
//! fn greeting(name: &str, is_new: bool) -> impl Render {
//!     live! {
//!         p.new[is_new] { "Hello " (name) }
//!         @if is_new { small { "Welcome!" } }
//!     }
//! }
//!
//! assert_eq!(
//!     to_html(&greeting("Ada & Co", true)),
//!     r#"<p class="new">Hello Ada &amp; Co</p><small>Welcome!</small>"#,
//! );
//! ```
//!
//! Its statics are `<p class="`, `">Hello `, `</p>` and the empty text; its holes the toggled
//! class, the name and the `@if`, whose body is a template of its own: statics `<small>Welcome!</small>`
//! and no hole. A browser that has the statics is sent a hole's new text and nothing else; which
//! holes changed is the business of the module `diff`.
//!
//! What the macro leaves at run time, in the order in which data flows: a `Template`
//! per body, a `static` that has maud render the skeleton once and splits it at its marks; a
//! closure that walks the holes; a [`Renderer`] that the closure writes to, which makes either HTML
//! or a diff of it; and the choice of how a spliced value is written (`pick`).
//!
//! # What may be spliced
//!
//! A hole in a body takes a live template, an iterator of live templates, a `maud::Render` or a
//! `Display` value, tried in that order; an attribute takes the latter two. Control flow in an
//! attribute's value is one hole.
//!
//! # Composition
//!
//! A component without state of its own is a function. What it shows inside comes as a parameter:
//! content and named slots that are there once as `impl Render`, optional ones as `Option`, and a
//! slot that is shown for each of several items as a closure:
//!
//! ```
//! # use belvedere::{live, template::{Render, to_html}};
//! fn card(title: &str, content: impl Render, footer: Option<impl Render>) -> impl Render {
//!     live! {
//!         section.card {
//!             h2 { (title) }
//!             (content)
//!             @if let Some(footer) = &footer { footer { (footer) } }
//!         }
//!     }
//! }
//!
//! fn table<'a, T, R: Render>(rows: &'a [T], row: impl Fn(&'a T) -> R) -> impl Render {
//!     live! { table { @for item in rows { tr { (row(item)) } } } }
//! }
//!
//! let users = ["Ada", "Bob"];
//! let page = live! {
//!     (card("Users", table(&users, |name| live! { td { (name) } }), Some(live! { "2 users" })))
//! };
//! assert_eq!(
//!     to_html(&page),
//!     "<section class=\"card\"><h2>Users</h2>\
//!      <table><tr><td>Ada</td></tr><tr><td>Bob</td></tr></table>\
//!      <footer>2 users</footer></section>",
//! );
//! ```
//!
//! A template of exactly one element, as `card` is, is left alone by the browser while nothing in it
//! changes.
//!
//! The lifetime in `table` lets the closure's template borrow from the item. Slots are templates of
//! the caller, so a change within one sends its own hole and nothing of the component around it.
//!
//! # Rows
//!
//! A row of `@for` is recognised again by its key, else by its index:
//!
//! ```
//! # use belvedere::{live, template::{Render, to_html}};
//! # struct User { id: u32, name: String }
//! # fn row(user: &User) -> impl Render { live! { b { (user.name) } } }
//! # let users = vec![User { id: 1, name: "Ada".into() }];
//! let table = live! {
//!     @for user in &users { li key=(user.id) { (user.name) } }
//!     @for user in &users, key=(user.id) { (row(user)) }
//! };
//! assert_eq!(to_html(&table), "<li>Ada</li><b>Ada</b>");
//! ```
//!
//! # Captures
//!
//! A template is rendered from `&self`, as often as needed, so its expressions borrow what they
//! name: iterate over `&users`. A template in a splice of another, `(card(live! { (title) }))`, borrows what
//! it shows, so both may show it. Behind `@let`, in a closure, a block or an arm it takes what it shows
//! with it, as it may be shown when that is gone: borrow an owned value first (`@let title = &title;`)
//! where the template around shows it too.

mod pick;
#[doc(hidden)]
pub mod private;
mod render;
pub(crate) mod renderer;
mod rows;
pub(crate) mod statics;

pub use crate::diff::Key;
pub use render::{Element, Render};
pub use renderer::Renderer;

use crate::diff::{Changes, Differ, Memory, Root};

/// The HTML of a template, the same that `maud::html!` prints but for the first line break of a
/// `textarea`, `pre` or `listing`, which is written twice because HTML drops it.
pub fn to_html<T: Render + ?Sized>(template: &T) -> String {
    Renderer::html(template, str::to_owned)
}

/// Appends the HTML of a template to `html`.
pub fn append_html<T: Render + ?Sized>(template: &T, html: &mut String) {
    Renderer::html(template, |text| html.push_str(text));
}

/// Appends the members of the diff from what `memory` says the browser has to what `template` shows
/// now, without the enclosing braces; then `memory` is of the new render.
///
/// Appends nothing when nothing changed. With empty memory it is the full tree, with its statics.
/// The first member has no comma before it. A render that changes nothing allocates nothing beyond
/// what the template's own expressions allocate.
///
/// # Panics
///
/// When an expression of the template does. `memory` then remembers nothing and `out` is empty;
/// other renders on the thread are not affected.
#[doc(hidden)]
pub fn diff<T: Render + ?Sized>(template: &T, memory: &mut Memory, out: &mut String) -> Changes {
    let (old, target) = (std::mem::take(&mut memory.0), std::mem::take(out));
    let (tape, target, changes) =
        Renderer::diff(template, |differ| differ.begin(old, target, Root::View), Differ::finish);
    memory.0 = tape;
    *out = target;
    changes
}

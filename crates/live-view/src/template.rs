//! Live templates: what `live!` yields, and its HTML. No state, no I/O, no wire.
//!
//! A template is its *statics*, the text that never changes, and *holes* between them:
//!
//! ```
//! use live_view::{live, template::{Render, to_html}};
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
//! holes changed is the business of [`diff`](crate::diff).
//!
//! What the macro leaves at run time, in the order in which data flows: a `Template`
//! per body, a `static` that has maud render the skeleton once and splits it at its marks; a
//! closure that walks the holes; a [`Renderer`] that the closure writes to, which makes either HTML
//! or a diff of it; and the choice of how a spliced value is written (`pick`).
//!
//! # What may be spliced
//!
//! A hole in a body takes a live template, a `maud::Render` or a `Display` value, tried in that
//! order; an attribute takes the latter two. Control flow in an attribute's value is one hole.
//!
//! # Rows
//!
//! A row of `@for` is recognised again by its key, else by its index:
//!
//! ```
//! # use live_view::{live, template::{Render, to_html}};
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
//! name: iterate over `&users`, and borrow an owned value (`let title = &title;`) before a template
//! nested in a splice names it too.

mod pick;
#[doc(hidden)]
pub mod private;
mod render;
mod renderer;
mod statics;

pub use render::{Key, Render};
pub use renderer::Renderer;
pub(crate) use statics::{Fingerprint, Statics};

/// The HTML of a template, the same that `maud::html!` prints.
pub fn to_html<T: Render + ?Sized>(template: &T) -> String {
    Renderer::html(template, str::to_owned)
}

/// Appends the HTML of a template to `html`.
pub fn append_html<T: Render + ?Sized>(template: &T, html: &mut String) {
    Renderer::html(template, |text| html.push_str(text));
}

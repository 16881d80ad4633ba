//! [`focus_wrap`]: a part of the page that keeps the focus while it is there.

use belvedere_macros::live;

use crate::js::{Js, Target};
use crate::template::{Element, Render};

/// Content that keeps the focus, as a dialog does: it takes the focus when it comes, Tab goes round in it,
/// and when it goes, the focus is again where it was before. Where that has gone too, or nothing had the
/// focus, it goes to what the page marks with `data-focus`, or to its heading.
///
/// ```
/// use belvedere::{LiveEvent, Render, focus_wrap, live, portal};
///
/// #[derive(LiveEvent)]
/// enum Event { Open, Close }
///
/// fn page(is_open: bool) -> impl Render {
///     live! {
///         button phx-click=(Event::Open) { "Rename" }
///         @if is_open {
///             (portal("dialog", "body", focus_wrap("rename", live! {
///                 form role="dialog" aria-modal="true" phx-window-keydown=(Event::Close) phx-key="Escape" {
///                     label { "Name" input #name name="name"; }
///                     button { "Rename" }
///                 }
///             })))
///         }
///     }
/// }
/// # let _ = page(true);
/// ```
///
/// `id` is unique in the document. The focus comes back by the `phx-remove` of this element, which the
/// browser runs where it is the outermost that goes, as in an `@if` or in a [`portal`](crate::portal()).
/// Where something around it goes, that says `phx-remove=(Js::new().exec("phx-remove", "#rename"))`.
/// Content in which nothing takes the focus has it as a whole, and Tab leaves it there.
pub fn focus_wrap(id: &str, content: impl Render) -> impl Element {
    live! {
        // The client's hook, within, takes the focus when it comes, which is after this element's
        // commands.
        div id=(id) phx-mounted=(come()) phx-remove=(go()) {
            div id={ (id) "-focus" } tabindex="-1" phx-hook="Phoenix.FocusWrap" {
                div id={ (id) "-start" } tabindex="0" aria-hidden="true" {}
                (content)
                div id={ (id) "-end" } tabindex="0" aria-hidden="true" {}
            }
        }
    }
}

/// Remembers what has the focus, and takes it where the hook finds nothing to give it to.
///
/// What is pushed here is popped when the content goes, so something is pushed whenever it comes: a button
/// that was clicked has no focus in Safari.
fn come() -> Js {
    const FOCUSED: &str = ":focus,body:not(:has(:focus))";
    const ALONE: &str =
        ":scope>:not(:has(a,button,input,select,textarea,[tabindex]:not([aria-hidden])))";
    Js::new().push_focus(FOCUSED).focus(Target::Inner(ALONE))
}

/// Gives the focus back. `client/belvedere.js` hears of it, and looks whether anything has taken it.
fn go() -> Js {
    Js::new().pop_focus().dispatch("live_view:focus-back", Target::This)
}

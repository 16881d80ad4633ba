//! A dialog with a URL of its own: a reload shows it again, the back button closes it, and without
//! JavaScript it is a page.
//!
//! ```text
//! @if let Some(form) = &self.dialog {
//!     (dialog("edit", "Edit user", self.list(), live! { form field=(form) { … } }))
//! }
//! ```

use std::fmt::Display;

use belvedere::{Element, Js, Render, focus_wrap, live};

/// The dialog. `close` is where it leads to when it is closed: by its button, by Escape, by a click beside
/// it. That takes the place of the dialog's URL, so the back button does not open it again. The focus goes to
/// the first input of `content` and, when the dialog goes, back to where it was.
pub fn dialog<'a>(
    id: &'a str,
    title: &'a str,
    close: impl Display + 'a,
    content: impl Render + 'a,
) -> impl Element + 'a {
    let closed = format!("#{id}-close");
    focus_wrap(
        id,
        live! {
            div.backdrop {
                section.dialog role="dialog" aria-modal="true" aria-labelledby={ (id) "-title" }
                    phx-click-away=(Js::new().dispatch("click", &closed))
                    phx-window-keydown=(Js::new().dispatch("click", &closed)) phx-key="Escape"
                {
                    h2 id={ (id) "-title" } { (title) }
                    (content)
                    // The last in the order of the keyboard, the first to the eye.
                    a.close id={ (id) "-close" } patch=(close) replace aria-label="Close" { "×" }
                }
            }
        },
    )
}

//! What was just done, with a button that takes it back.

use std::fmt::Display;

use belvedere::js::Target;
use belvedere::{Element, Js, Render, live};

/// The place of the notice, which screen readers watch; `notice` is there while something can be undone.
pub fn undo_place(notice: Option<impl Render>) -> impl Element {
    live! { div.undo-place role="status" { @if let Some(notice) = &notice { (notice) } } }
}

/// The notice: `text` says what was done, `undo` takes it back, `dismiss` takes the notice away. Its button
/// takes the focus, which what was deleted had; both commands give it to what is left on the page. `id` tells
/// one deed from the next.
pub fn undo<'a>(
    id: impl Display + 'a,
    text: impl Display + 'a,
    undo: Js,
    dismiss: Js,
) -> impl Element + 'a {
    live! {
        p.undo {
            span { (text) }
            button.quiet id={ "undo-" (id) } type="button" phx-click=(undo)
                phx-mounted=(Js::new().focus(Target::This)) { "Undo" }
            button.close type="button" phx-click=(dismiss) aria-label="Dismiss" { "×" }
        }
    }
}

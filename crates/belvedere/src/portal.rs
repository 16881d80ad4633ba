//! [`portal`]: a part of a view's page that stands elsewhere in the document.

use crate::live;
use crate::template::Render;

/// Content that the browser shows inside the element that `target` selects, and that still belongs to
/// this view: a dialog or a notice that has to stand outside of what clips or covers it.
///
/// ```
/// use belvedere::{LiveEvent, Render, live, portal, template::to_html};
///
/// #[derive(LiveEvent)]
/// enum Event { Close }
///
/// fn page(dialog: Option<&str>) -> impl Render {
///     live! {
///         main { "…" }
///         @if let Some(text) = dialog {
///             (portal("dialog", "body", live! {
///                 section role="dialog" { (text) button phx-click=(Event::Close) { "Close" } }
///             }))
///         }
///     }
/// }
///
/// assert_eq!(
///     to_html(&page(Some("Saved"))),
///     "<main>…</main><template id=\"dialog\" data-phx-portal=\"body\"><div id=\"dialog-content\">\
///      <section role=\"dialog\">Saved<button phx-click=\"close\">Close</button></section>\
///      </div></template>",
/// );
/// ```
///
/// The content is in a `div` whose id is `id` with `-content`, which the browser appends to the
/// target. There it changes as the rest of the page does: only what is new is sent, its events go to
/// this view, or to the component that the portal is in, and it goes when the template around the
/// portal drops it. `id` is unique in the document.
///
/// `target` is a CSS selector for one element, outside of the view or in a part of it that stays;
/// while there is none, every change of the page breaks off with an error in the browser. A browser
/// without JavaScript, and one that has not joined yet, shows nothing of the content.
pub fn portal(id: &str, target: &str, content: impl Render) -> impl Render {
    live! {
        template id=(id) data-phx-portal=(target) {
            div id={ (id) "-content" } { (content) }
        }
    }
}

//! [`portal`]: a part of a view's page that stands elsewhere in the document.

use belvedere_macros::live;

use crate::js::Js;
use crate::template::renderer::Mode;
use crate::template::{Render, Renderer};

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
/// let html = to_html(&page(Some("Saved")));
/// assert!(html.contains("<div id=\"dialog\"><section role=\"dialog\">Saved<button"));
/// ```
///
/// The content is in a `div` with this `id`, which the browser appends to the target. There it changes
/// as the rest of the page does: only what is new is sent, its events go to this view, or to the
/// component that the portal is in, and it goes when the template around the portal drops it. `id` is
/// unique in the document; the `template` in the place of the portal has `id` with `:portal`.
///
/// What is to happen when the content goes stands in a `phx-remove` within it, such as
/// `Js::new().pop_focus()`, which gives the focus back to who had it before a dialog. The browser runs
/// those of the outermost elements that have one, and waits for their transitions, where the portal
/// itself is what goes: `@if is_open { (portal(…)) }`. When an element around the portal goes, it drops
/// the content at once.
///
/// `target` is a CSS selector for one element, outside of the view or in a part of it that stays;
/// while there is none, every change of the page breaks off with an error in the browser. A browser
/// without JavaScript, and one that has not joined yet, shows nothing of the content.
pub fn portal(id: &str, target: &str, content: impl Render) -> impl Render {
    let own = css_string(id);
    let leaving = format!("[id={own}] [phx-remove]:not([id={own}] [phx-remove] *)");
    let template = live! {
        template id={ (id) ":portal" } data-phx-portal=(target)
            phx-remove=(Js::new().exec("phx-remove", &leaving)) {
            div id=(id) { (content) }
        }
    };
    Portal { id, template }
}

/// A portal's template, which its view keeps in mind: the browser takes the content away with the first
/// message after the one that dropped it.
struct Portal<'a, T> {
    id: &'a str,
    template: T,
}

impl<T: Render> Render for Portal<'_, T> {
    fn render_to(&self, renderer: &mut Renderer) {
        // A row of a stream is not rendered again, so that nothing would be known of a portal there.
        if renderer.is_lent() && renderer.mode() == Mode::Diff && !renderer.is_in_stream_row() {
            let components = renderer.components();
            let (owner, _) = components.placing();
            components.nested.place_portal(owner, self.id);
        }
        self.template.render_to(renderer);
    }
}

/// `text` as a string in a selector.
fn css_string(text: &str) -> String {
    let mut string = String::from("\"");
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            string.push('\\');
        }
        string.push(letter);
    }
    string.push('"');
    string
}

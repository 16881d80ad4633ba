//! What is a live template.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use super::Renderer;

/// A live template: what `live!` yields, and text.
///
/// A function that takes content takes `impl Render`: a template, a text, a number or ready markup, as in
/// `card("Nothing here yet")`.
///
/// Return `impl Render` from a function and splice it as a component; use `Box<dyn Render>` where a
/// component contains itself. `Option` shows nothing when `None`. A `Vec` or slice is a list whose
/// items are told apart by their index, and so is, in a splice, any iterator of templates that can be
/// cloned (`(users.iter().map(row))`); `@for` with a key knows an item that moved.
///
/// An implementation by hand renders exactly one other template:
///
/// ```
/// use belvedere::{live, template::{Render, Renderer, to_html}};
///
/// struct Badge(u32);
///
/// impl Render for Badge {
///     fn render_to(&self, renderer: &mut Renderer) {
///         live! { b.badge { (self.0) } }.render_to(renderer);
///     }
/// }
///
/// assert_eq!(to_html(&live! { p { (Badge(3)) } }), r#"<p><b class="badge">3</b></p>"#);
/// ```
///
/// One that renders nothing leaves its place empty; one that renders two templates panics, since
/// the browser has one place for it.
pub trait Render {
    /// Renders the template once.
    fn render_to(&self, renderer: &mut Renderer);
}

/// A live template of exactly one element, which a component's is: a `live!` with one element and,
/// before or after it, nothing but `@let`.
#[diagnostic::on_unimplemented(
    message = "this template is not known to be exactly one element",
    label = "not `Element`",
    note = "the template of a live component has one root element: wrap what it shows in a `div`, \
            and put `@if` and `@for` inside",
    note = "a function that makes such a template returns `impl Element`, which says more than \
            `impl Render`"
)]
pub trait Element: Render {}

impl<T: Element + ?Sized> Element for &T {}
impl<T: Element + ?Sized> Element for Box<T> {}

impl Render for str {
    fn render_to(&self, renderer: &mut Renderer) {
        renderer.text_alone(self);
    }
}

impl Render for String {
    fn render_to(&self, renderer: &mut Renderer) {
        renderer.text_alone(self);
    }
}

impl Render for Cow<'_, str> {
    fn render_to(&self, renderer: &mut Renderer) {
        renderer.text_alone(self);
    }
}

impl<T: AsRef<str>> Render for maud::PreEscaped<T> {
    fn render_to(&self, renderer: &mut Renderer) {
        renderer.text_alone(self);
    }
}

impl<T: Render + ?Sized> Render for &T {
    fn render_to(&self, renderer: &mut Renderer) {
        T::render_to(self, renderer);
    }
}

impl<T: Render + ?Sized> Render for Box<T> {
    fn render_to(&self, renderer: &mut Renderer) {
        T::render_to(self, renderer);
    }
}

impl<T: Render + ?Sized> Render for Rc<T> {
    fn render_to(&self, renderer: &mut Renderer) {
        T::render_to(self, renderer);
    }
}

impl<T: Render + ?Sized> Render for Arc<T> {
    fn render_to(&self, renderer: &mut Renderer) {
        T::render_to(self, renderer);
    }
}

impl<T: Render> Render for Option<T> {
    fn render_to(&self, renderer: &mut Renderer) {
        match self {
            Some(template) => template.render_to(renderer),
            None => renderer.empty(),
        }
    }
}

impl<T: Render> Render for [T] {
    fn render_to(&self, renderer: &mut Renderer) {
        renderer.items(self.iter());
    }
}

impl<T: Render> Render for Vec<T> {
    fn render_to(&self, renderer: &mut Renderer) {
        self.as_slice().render_to(renderer);
    }
}

impl<T: Render, const N: usize> Render for [T; N] {
    fn render_to(&self, renderer: &mut Renderer) {
        self.as_slice().render_to(renderer);
    }
}

//! What the expansion of `live!` names. Not part of the API: it changes with the macro.

use std::fmt;

use super::{Element, Render, Renderer};
pub use super::{
    pick::{Pick, ViaDisplay, ViaIterator, ViaLive, ViaMaud, ViaNeither, ViaText},
    renderer::{Done, Hole, Node},
    rows::{Rows, ViaList, ViaStream},
    statics::{Template, constant},
};
pub use crate::event::written::{
    FieldPick, Variants, ViaJson, ViaQuoted, brought, given, may_be_given, open, typed, written,
};

/// A template as the closure that walks its holes.
pub struct Live<F>(F);

/// Makes a template of the closure that `live!` wrote.
pub fn live<F: Fn(&mut Renderer) -> Done>(walk: F) -> Live<F> {
    Live(walk)
}

impl<F: Fn(&mut Renderer) -> Done> Render for Live<F> {
    fn render_to(&self, renderer: &mut Renderer) {
        (self.0)(renderer);
    }
}

impl<F> fmt::Debug for Live<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Live(..)")
    }
}

/// A template of exactly one element.
pub struct LiveElement<F>(F);

/// Makes a template of the closure that `live!` wrote for exactly one element.
pub fn element<F: Fn(&mut Renderer) -> Done>(walk: F) -> LiveElement<F> {
    LiveElement(walk)
}

impl<F: Fn(&mut Renderer) -> Done> Element for LiveElement<F> {}

impl<F: Fn(&mut Renderer) -> Done> Render for LiveElement<F> {
    fn render_to(&self, renderer: &mut Renderer) {
        (self.0)(renderer);
    }
}

impl<F> fmt::Debug for LiveElement<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LiveElement(..)")
    }
}

/// A whole template as one hole, for input that maud understands and `live!` does not.
#[must_use]
pub fn markup(markup: maud::Markup) -> impl Render {
    live(move |renderer| renderer.markup(&markup))
}

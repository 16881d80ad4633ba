//! How a spliced value is written, chosen by its type while the author's crate compiles.
//!
//! `(&&&&&&Pick(&value)).pick()` finds the first trait, by the number of references it strips, whose
//! bound the value meets: [`ViaLive`], [`ViaIterator`], [`ViaText`], [`ViaMaud`], [`ViaDisplay`].
//! [`ViaNeither`] has no bound; its tag then asks for a trait that nothing implements, whose message
//! the author reads. A blanket `impl Render for T: maud::Render` instead would shut out `Display`,
//! `&T` and `Box<dyn Render>`.

use std::{
    borrow::Cow,
    fmt::{Display, Write},
    rc::Rc,
    sync::Arc,
};

use super::{Render, Renderer};

/// A reference to a spliced value, `Pick<&T>`.
#[derive(Debug)]
pub struct Pick<T>(pub T);

/// First choice in a body: a live template.
pub trait ViaLive {
    /// Says how a body writes it.
    fn pick(&self) -> Live {
        Live
    }
}

/// Second choice in a body: templates one after the other.
pub trait ViaIterator {
    /// Says how a body writes it.
    fn pick(&self) -> Iterated {
        Iterated
    }
}

/// Third choice, the first in an attribute: a string, as maud would render it.
pub trait ViaText {
    /// Says how a body writes it.
    fn pick(&self) -> Text {
        Text
    }

    /// Says how an attribute writes it.
    fn pick_text(&self) -> Text {
        Text
    }
}

/// Fourth choice: what maud can render.
pub trait ViaMaud {
    /// Says how a body writes it.
    fn pick(&self) -> Maud {
        Maud
    }

    /// Says how an attribute writes it.
    fn pick_text(&self) -> Maud {
        Maud
    }
}

/// Fifth choice: what has a textual form, escaped.
pub trait ViaDisplay {
    /// Says how a body writes it.
    fn pick(&self) -> Shown {
        Shown
    }

    /// Says how an attribute writes it.
    fn pick_text(&self) -> Shown {
        Shown
    }
}

/// Last resort, which does not compile when used.
pub trait ViaNeither {
    /// Says why a body does not.
    fn pick(&self) -> Neither {
        Neither
    }

    /// Says why an attribute does not.
    fn pick_text(&self) -> NeitherText {
        NeitherText
    }
}

impl<T: Render> ViaLive for &&&&&Pick<T> {}
impl<T: Iterator<Item: Render> + Clone> ViaIterator for &&&&Pick<&T> {}
impl<T: Textual> ViaText for &&&Pick<T> {}
impl<T: maud::Render> ViaMaud for &&Pick<T> {}
impl<T: Display> ViaDisplay for &Pick<T> {}
impl<T> ViaNeither for Pick<T> {}

#[derive(Debug)]
pub struct Live;
#[derive(Debug)]
pub struct Iterated;
#[derive(Debug)]
pub struct Text;
#[derive(Debug)]
pub struct Maud;
#[derive(Debug)]
pub struct Shown;
#[derive(Debug)]
pub struct Neither;
#[derive(Debug)]
pub struct NeitherText;

impl Live {
    pub fn splice<T: Render + ?Sized>(self, template: &T, renderer: &mut Renderer) {
        renderer.live(template);
    }
}

impl Iterated {
    pub fn splice<T: Iterator<Item: Render> + Clone>(self, items: &T, renderer: &mut Renderer) {
        renderer.items(items.clone());
    }
}

impl Text {
    pub fn splice<T: Textual + ?Sized>(self, value: &T, renderer: &mut Renderer) {
        renderer.begin_text();
        self.write(value, renderer.text());
        renderer.end_text();
    }

    /// Most texts have nothing to escape. Finding that out goes many bytes at a time, where maud's
    /// escaping takes one after the other: a third of the render of a table.
    pub fn write<T: Textual + ?Sized>(self, value: &T, text: &mut String) {
        let value = value.as_text();
        if has_markup(value) {
            maud::Render::render_to(value, text);
        } else {
            text.push_str(value);
        }
    }
}

/// Whether maud escapes anything in `text`. Without a way out in the middle, so that the compiler
/// makes it wide instructions.
fn has_markup(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | matches!(byte, b'&' | b'<' | b'>' | b'"'))
}

/// What holds a string and nothing else.
pub trait Textual {
    /// The string.
    fn as_text(&self) -> &str;
}

impl Textual for str {
    fn as_text(&self) -> &str {
        self
    }
}

impl Textual for String {
    fn as_text(&self) -> &str {
        self
    }
}

impl Textual for Cow<'_, str> {
    fn as_text(&self) -> &str {
        self
    }
}

impl<T: Textual + ?Sized> Textual for &T {
    fn as_text(&self) -> &str {
        T::as_text(self)
    }
}

impl<T: Textual + ?Sized> Textual for Box<T> {
    fn as_text(&self) -> &str {
        T::as_text(self)
    }
}

impl<T: Textual + ?Sized> Textual for Rc<T> {
    fn as_text(&self) -> &str {
        T::as_text(self)
    }
}

impl<T: Textual + ?Sized> Textual for Arc<T> {
    fn as_text(&self) -> &str {
        T::as_text(self)
    }
}

impl Maud {
    pub fn splice<T: maud::Render + ?Sized>(self, value: &T, renderer: &mut Renderer) {
        renderer.begin_text();
        self.write(value, renderer.text());
        renderer.end_text();
    }

    pub fn write<T: maud::Render + ?Sized>(self, value: &T, text: &mut String) {
        value.render_to(text);
    }
}

impl Shown {
    pub fn splice<T: Display + ?Sized>(self, value: &T, renderer: &mut Renderer) {
        renderer.begin_text();
        self.write(value, renderer.text());
        renderer.end_text();
    }

    pub fn write<T: Display + ?Sized>(self, value: &T, text: &mut String) {
        // A `String` takes every write, so an error here is the value's own: what it wrote stands,
        // as in maud.
        let _ = write!(maud::Escaper::new(text), "{value}");
    }
}

impl Neither {
    pub fn splice<T: Spliced + ?Sized>(self, _value: &T, _renderer: &mut Renderer) {}
}

impl NeitherText {
    pub fn write<T: Attribute + ?Sized>(self, _value: &T, _text: &mut String) {}
}

/// Never implemented: its message is the error for a value that cannot be spliced.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be spliced into `live!`",
    label = "neither a live template, nor `maud::Render`, nor `Display`",
    note = "splice a `live!` template, a `maud::Markup`, a string or a number; or implement \
            `maud::Render` for `{Self}`",
    note = "`@for` shows the items of a list, `component::<…>(id, props)` a live component, \
            `nested::<…>(id, extract)` a live view"
)]
pub trait Spliced {}

/// Never implemented: its message is the error for a value that cannot stand in an attribute.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an attribute value in `live!`",
    label = "neither `maud::Render` nor `Display`",
    note = "an attribute takes a string, a number or a `maud::Render` value; a live template \
            cannot stand inside an attribute",
    note = "an event that a form fills is named by its constant: `Event::SAVE` for \
            `Event::Save(…)`"
)]
pub trait Attribute {}

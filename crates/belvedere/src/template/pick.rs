//! How a spliced value is written, chosen by its type while the author's crate compiles.
//!
//! `(&&&&&&Pick(&value)).pick()` finds the first trait, by the number of references it strips, whose
//! bound the value meets: [`ViaText`], [`ViaLive`], [`ViaIterator`], [`ViaMaud`], [`ViaDisplay`].
//! Text comes first because it is a template too, for functions that take content, and written straight
//! into a hole it costs less.
//! [`ViaNeither`] has no bound; its tag then asks for a trait that nothing implements, whose message
//! the author reads. A blanket `impl Render for T: maud::Render` instead would shut out `Display`,
//! `&T` and `Box<dyn Render>`.

use std::{
    borrow::Cow,
    fmt::{Display, Write},
    rc::Rc,
    sync::Arc,
};

use super::{Render, Renderer, renderer::Hole};
use crate::diff::Hashing;
use crate::wire::json::{number, write_json_string};
use crate::wire::scan::{Sought, first_of};

/// A reference to a spliced value, `Pick<&T>`.
#[derive(Debug)]
pub struct Pick<T>(pub T);

/// First choice: a text or a number, as maud would render it.
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

/// Second choice, in a body: a live template.
pub trait ViaLive {
    /// Says how a body writes it.
    fn pick(&self) -> Live {
        Live
    }
}

/// Third choice, in a body: templates one after the other.
pub trait ViaIterator {
    /// Says how a body writes it.
    fn pick(&self) -> Iterated {
        Iterated
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

impl<T: Textual> ViaText for &&&&&Pick<T> {}
impl<T: Render> ViaLive for &&&&Pick<T> {}
impl<T: Iterator<Item: Render> + Clone> ViaIterator for &&&Pick<&T> {}
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
    pub fn splice<T: Render + ?Sized>(self, template: &T, renderer: &mut Renderer, hole: Hole) {
        renderer.go_to(hole);
        renderer.live(template);
    }
}

impl Iterated {
    pub fn splice<T: Iterator<Item: Render> + Clone>(
        self,
        items: &T,
        renderer: &mut Renderer,
        hole: Hole,
    ) {
        renderer.go_to(hole);
        renderer.items(items.clone());
    }
}

impl Text {
    pub fn splice<T: Textual + ?Sized>(self, value: &T, renderer: &mut Renderer, hole: Hole) {
        renderer.hole_value(hole, value);
    }

    pub fn write<T: Textual + ?Sized>(self, value: &T, text: &mut String) {
        value.write(text);
    }
}

/// What maud escapes.
const MARKUP: [Sought; 2] = [Sought::either(b'<', b'>'), Sought::either(b'&', b'"')];

/// What holds text and nothing else.
pub trait Textual {
    /// Appends it, escaped.
    fn write(&self, text: &mut String);

    /// Tells it from what is written differently, where it can be told without being written: most
    /// of what a render goes through has not changed, and then nothing has to be written.
    fn hash(&self, _: &Hashing) -> Option<u64> {
        None
    }

    /// Appends what [`write`](Self::write) does as a JSON string.
    fn write_json(&self, json: &mut String) {
        write_as_json(self, json);
    }
}

fn write_as_json<T: Textual + ?Sized>(value: &T, json: &mut String) {
    let mut text = String::new();
    value.write(&mut text);
    write_json_string(json, &text);
}

impl Textual for str {
    /// Most texts have nothing to escape. Finding that out goes many bytes at a time, where maud's
    /// escaping takes one after the other: a third of the render of a table.
    fn write(&self, text: &mut String) {
        if first_of(self.as_bytes(), 0, MARKUP).is_some() {
            maud::Render::render_to(self, text);
        } else {
            text.push_str(self);
        }
    }

    fn hash(&self, hashing: &Hashing) -> Option<u64> {
        Some(hashing.text(self))
    }

    /// What neither HTML nor JSON escapes is looked at once.
    fn write_json(&self, json: &mut String) {
        let [angle, other] = MARKUP;
        if first_of(self.as_bytes(), 0x20, [angle, other, Sought::byte(b'\\')]).is_none() {
            json.reserve(self.len() + 2);
            json.push('"');
            json.push_str(self);
            json.push('"');
        } else {
            write_as_json(self, json);
        }
    }
}

/// What shows what it leads to.
macro_rules! leads_to {
    ($($pointer:ty => $to:ty $(where $any:ident)?,)*) => {$(
        impl$(<$any: Textual + ?Sized>)? Textual for $pointer {
            fn write(&self, text: &mut String) {
                <$to>::write(self, text);
            }

            fn hash(&self, hashing: &Hashing) -> Option<u64> {
                <$to>::hash(self, hashing)
            }

            fn write_json(&self, json: &mut String) {
                <$to>::write_json(self, json);
            }
        }
    )*};
}

leads_to! {
    String => str,
    Cow<'_, str> => str,
    &T => T where T,
    Box<T> => T where T,
    Rc<T> => T where T,
    Arc<T> => T where T,
}

/// Ready markup, as it is.
impl<T: AsRef<str>> Textual for maud::PreEscaped<T> {
    fn write(&self, text: &mut String) {
        text.push_str(self.0.as_ref());
    }
}

/// Types whose own rendering needs no escaping.
macro_rules! plain {
    ($($plain:ty)*) => {$(
        impl Textual for $plain {
            fn write(&self, text: &mut String) {
                maud::Render::render_to(self, text);
            }
        }

        impl Render for $plain {
            fn render_to(&self, renderer: &mut Renderer) {
                renderer.text_alone(self);
            }
        }
    )*};
}

plain!(i128 u128 f32 f64 char);

/// The same, of which equal numbers of any type are written alike.
macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Textual for $integer {
            fn write(&self, text: &mut String) {
                maud::Render::render_to(self, text);
            }

            fn hash(&self, hashing: &Hashing) -> Option<u64> {
                Some(hashing.integer(*self as i128))
            }

            fn write_json(&self, json: &mut String) {
                json.push('"');
                number(json, *self);
                json.push('"');
            }
        }

        impl Render for $integer {
            fn render_to(&self, renderer: &mut Renderer) {
                renderer.text_alone(self);
            }
        }
    )*};
}

integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl Maud {
    pub fn splice<T: maud::Render + ?Sized>(self, value: &T, renderer: &mut Renderer, hole: Hole) {
        renderer.go_to(hole);
        renderer.begin_text();
        self.write(value, renderer.text());
        renderer.end_text();
    }

    pub fn write<T: maud::Render + ?Sized>(self, value: &T, text: &mut String) {
        value.render_to(text);
    }
}

impl Shown {
    pub fn splice<T: Display + ?Sized>(self, value: &T, renderer: &mut Renderer, hole: Hole) {
        renderer.go_to(hole);
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
    pub fn splice<T: Spliced + ?Sized>(self, _value: &T, _renderer: &mut Renderer, _hole: Hole) {}
}

impl NeitherText {
    pub fn splice<T: Attribute + ?Sized>(self, _value: &T, _renderer: &mut Renderer, _hole: Hole) {}

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

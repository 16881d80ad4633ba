//! Events that are written out in a template: their names stand in its text, and only what their
//! fields hold is sent with each render.
//!
//! ```text
//! phx-click=(Event::Delete { id })  ─▶  [["push",{"event":"delete","value":{"id":⟨0⟩}}]]
//! ```
//!
//! The quotes of a field that is always text stand in the template too, so both sides ask one trait,
//! [`Text`], whether it is: the template's text by [`Probe`], the render by [`FieldPick`].

use std::borrow::Cow;

use super::EventField;
use super::command::{PushCommand, PushEvent, json_of_field};

/// What the variants of an enum of events are called on the wire. Derived.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of events",
    label = "this attribute takes an event",
    note = "derive it: `#[derive(LiveEvent)] enum {Self} {{ … }}`",
    note = "what writes an attribute's value by itself stands in braces here: `phx-click={{ (value) }}`"
)]
pub trait Variants: PushEvent {
    /// Those with fields.
    const VARIANTS: &'static [Variant];
}

/// A variant with fields.
#[derive(Debug)]
pub struct Variant {
    /// As declared.
    pub ident: &'static str,
    /// On the wire.
    pub name: &'static str,
    /// Its fields, in order of declaration.
    pub fields: &'static [Field],
}

/// A field of a variant.
#[derive(Debug)]
pub struct Field {
    /// As declared.
    pub ident: &'static str,
    /// On the wire.
    pub key: &'static str,
    /// Whether it is text whatever it holds.
    pub is_text: bool,
}

/// An event of type `T` in the text of a template, with a mark for the value of each field that the
/// template gives. `event` only says the type and is never called.
///
/// # Panics
/// When no variant of `T` is declared so, which the expansion of `live!` rules out.
pub fn written<T: Variants>(
    _event: impl FnOnce() -> T,
    ident: &str,
    marks: &[(&str, &str)],
) -> maud::PreEscaped<String> {
    let variant = T::VARIANTS.iter().find(|variant| variant.ident == ident);
    let variant = variant.expect("a variant that compiles is declared");
    let mut text = String::new();
    super::command::render(&mut text, |text| {
        let push = PushCommand::begin(text, variant.name);
        marks.iter().fold(push, |push, (ident, mark)| {
            let field = variant.fields.iter().find(|field| field.ident == *ident);
            let field = field.expect("a field that compiles is declared");
            push.mark(field.key, mark, field.is_text)
        })
    });
    maud::PreEscaped(text)
}

/// The value of an attribute in the text of a template, which `write` writes.
pub fn constant(write: impl FnOnce(&mut String)) -> maud::PreEscaped<String> {
    let mut text = String::new();
    write(&mut text);
    maud::PreEscaped(text)
}

/// Says what type an event's fields have, and is never called.
pub fn typed<T>(_event: impl FnOnce() -> T) {}

/// A field that the template gives, in what only says a type.
///
/// # Panics
/// Always.
pub fn given<T>(_field: &T) -> T {
    unreachable!("an event of a template is written, not made")
}

/// A field of the browser's, in what only says a type.
///
/// # Panics
/// Always.
#[must_use]
pub fn brought<T>() -> T {
    unreachable!("an event of a template is written, not made")
}

/// What is written as text, whatever it holds.
pub trait Text: EventField {}

impl Text for String {}
impl Text for Box<str> {}
impl Text for Cow<'static, str> {}
impl Text for char {}

/// Whether a type is [`Text`]: `Probe::<T>::IS_TEXT`, where [`NotText`] is in scope.
#[derive(Debug)]
pub struct Probe<T>(T);

impl<T: Text> Probe<T> {
    /// It is.
    pub const IS_TEXT: bool = true;
}

/// The answer for all types to which nothing better applies.
pub trait NotText {
    /// It is not.
    const IS_TEXT: bool = false;
}

impl<T> NotText for Probe<T> {}

/// A reference to a field's value, which is written as its type says: `(&&FieldPick(&id)).pick()`.
#[derive(Debug)]
pub struct FieldPick<T>(pub T);

/// First choice: text, whose quotes stand in the template.
pub trait ViaQuoted {
    /// Says how it is written.
    fn pick(&self) -> Quoted {
        Quoted
    }
}

/// Everything else.
pub trait ViaJson {
    /// Says how it is written.
    fn pick(&self) -> Json {
        Json
    }
}

impl<T: Text> ViaQuoted for &FieldPick<&T> {}
impl<T: EventField> ViaJson for FieldPick<&T> {}

#[derive(Debug)]
pub struct Quoted;
#[derive(Debug)]
pub struct Json;

impl Quoted {
    pub fn write<T: Text>(self, value: &T, out: &mut String) {
        const QUOTE: &str = "&quot;";
        let start = out.len();
        json_of_field(value, out);
        let end = out.len() - QUOTE.len();
        out.truncate(end);
        out.drain(start..start + QUOTE.len());
    }
}

impl Json {
    /// A value that cannot be serialised is `null`: the page stays whole, and the event is refused
    /// with its field named.
    pub fn write<T: EventField>(self, value: &T, out: &mut String) {
        let start = out.len();
        if !json_of_field(value, out) {
            out.truncate(start);
            out.push_str("null");
        }
    }
}

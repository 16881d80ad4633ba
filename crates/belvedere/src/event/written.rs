//! Events that are written out in a template: their names stand in its text, and only what their
//! fields hold is sent with each render.
//!
//! ```text
//! phx-click=(Event::Delete { id })  ─▶  [["push",{"event":"delete","value":{"id":⟨0⟩}}]]
//! ```
//!
//! One that leaves fields to the browser is no value of its type. Where it does not stand alone, as among
//! the commands of a `Js`, it is an [`Open`].
//!
//! The quotes of a field that is always text stand in the template too, so both sides ask one trait,
//! [`Text`], whether it is: the template's text by [`Probe`], the render by [`FieldPick`].

use std::borrow::Cow;
use std::fmt;

use super::EventField;
use super::command::{PushCommand, PushEvent, json_of_field};
use super::names::is_same;

/// What the variants of an enum of events are called on the wire. Derived.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of events",
    label = "this attribute takes an event",
    note = "derive it: `#[derive(LiveEvent)] enum {Self} {{ … }}`",
    note = "what writes an attribute's value by itself stands in braces here: `phx-click={{ (value) }}`"
)]
pub trait Variants: PushEvent {
    /// The variants that have fields.
    const VARIANTS: &'static [Variant];
}

/// A variant with fields.
#[derive(Debug)]
pub struct Variant {
    /// Its name as it is declared.
    pub ident: &'static str,
    /// Its name on the wire.
    pub name: &'static str,
    /// Its fields, in order of declaration.
    pub fields: &'static [Field],
}

/// A field of a variant.
#[derive(Debug)]
pub struct Field {
    /// Its name as it is declared.
    pub ident: &'static str,
    /// Its name on the wire.
    pub key: &'static str,
    /// Whether it is text whatever it holds.
    pub is_text: bool,
    /// Whether it is read from the whole form, so that only the browser can bring it.
    pub is_form: bool,
}

/// An event of type `T` in the text of a template, with a mark for the value of each field that the
/// template gives. `event` only says the type and is never called.
pub fn written<T: Variants>(
    _event: impl FnOnce() -> T,
    ident: &str,
    marks: &[(&str, &str)],
) -> maud::PreEscaped<String> {
    let variant = variant_of::<T>(ident);
    let mut text = String::new();
    super::command::render(&mut text, |text| {
        let push = PushCommand::begin(text, variant.name);
        let push =
            push.brings(variant.left_open(|field| marks.iter().any(|(ident, _)| *ident == field)));
        marks.iter().fold(push, |push, (ident, mark)| {
            let field = variant.field(ident);
            push.mark(field.key, mark, field.is_text)
        })
    });
    maud::PreEscaped(text)
}

/// Refuses, while a template is compiled, that it gives a field which a form fills.
///
/// # Panics
/// There.
#[track_caller]
pub const fn may_be_given(variants: &[Variant], ident: &str, field: &str) {
    let mut at = 0;
    while at < variants.len() {
        let mut of = 0;
        while is_same(variants[at].ident, ident) && of < variants[at].fields.len() {
            let Field { ident, is_form, .. } = variants[at].fields[of];
            assert!(
                !(is_form && is_same(ident, field)),
                "the browser brings this field from the form: write `_` in place of its value"
            );
            of += 1;
        }
        at += 1;
    }
}

fn variant_of<T: Variants>(ident: &str) -> &'static Variant {
    let variant = T::VARIANTS.iter().find(|variant| variant.ident == ident);
    variant.expect("a variant that compiles is declared")
}

/// An event that leaves fields to the browser, as a value; `write` writes those that are `given`.
pub fn open<T: Variants, W>(
    _event: impl FnOnce() -> T,
    ident: &str,
    given: &'static [&'static str],
    write: W,
) -> Open<W>
where
    W: for<'a> Fn(&'static Variant, PushCommand<'a>) -> PushCommand<'a>,
{
    Open { variant: variant_of::<T>(ident), given, write }
}

/// See [`open`].
pub struct Open<W> {
    variant: &'static Variant,
    given: &'static [&'static str],
    write: W,
}

impl<W> PushEvent for Open<W>
where
    W: for<'a> Fn(&'static Variant, PushCommand<'a>) -> PushCommand<'a>,
{
    fn push<'a>(&self, out: &'a mut String) -> PushCommand<'a> {
        let push = PushCommand::begin(out, self.variant.name);
        (self.write)(
            self.variant,
            push.brings(self.variant.left_open(|field| self.given.contains(&field))),
        )
    }
}

impl<W> maud::Render for Open<W>
where
    W: for<'a> Fn(&'static Variant, PushCommand<'a>) -> PushCommand<'a>,
{
    fn render_to(&self, buffer: &mut String) {
        super::command::render_event(self, buffer);
    }
}

impl<W> fmt::Debug for Open<W> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Open").field(self.variant).finish()
    }
}

impl Variant {
    /// The name of a field on the wire.
    #[must_use]
    pub fn key(&self, ident: &str) -> &'static str {
        self.field(ident).key
    }

    /// The wire names of the fields that are not given.
    fn left_open(
        &'static self,
        is_given: impl Fn(&'static str) -> bool,
    ) -> impl Iterator<Item = &'static str> {
        self.fields.iter().filter(move |field| !is_given(field.ident)).map(|field| field.key)
    }

    fn field(&self, ident: &str) -> &'static Field {
        let field = self.fields.iter().find(|field| field.ident == ident);
        field.expect("a field that compiles is declared")
    }
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

/// Whether a type is `Text`: `Probe::<T>::IS_TEXT`, where [`NotText`] is in scope.
#[derive(Debug)]
pub struct Probe<T>(T);

impl<T: Text> Probe<T> {
    /// Yes: it is text.
    pub const IS_TEXT: bool = true;
}

/// The answer for all types to which nothing better applies.
pub trait NotText {
    /// No: it is not text.
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

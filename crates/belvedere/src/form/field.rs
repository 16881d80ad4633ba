//! One input as a template shows it: its name and id, its text, what is wrong with it.

use std::fmt::{self, Display, Write as _};

use super::schema::Slot;
use super::state::{InputState, Wrong};

/// Ends the id of what shows errors, as no name of a field and no value of a choice does.
pub(super) const ERROR: &str = "--error";

/// One input of a form: `form.field(|f| f.email)`.
///
/// A template takes it whole, as `field=(…)` and `errors=(…)`, and writes the right attributes for
/// the element; the methods are for what an author writes in another way. A function that shows any
/// input takes a `Field<'_>`, whatever the form.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// How its name begins: that of the form or row.
    pub(super) of: &'a str,
    pub(super) slot: &'a Slot,
    pub(super) state: &'a InputState,
}

impl<'a> Field<'a> {
    /// The name by which it is sent: `user[address][city]`, or `user[tags][]` of a list.
    #[must_use]
    pub const fn name(&self) -> Name<'a> {
        Name { name: self.of, suffix: self.slot.suffix.as_str() }
    }

    /// An id that no other input of the page has: `user_address_city`.
    #[must_use]
    pub const fn id(&self) -> Id<'a> {
        Id { name: self.name(), end: "" }
    }

    /// The id of the element that shows what is wrong: `user_address_city--error`.
    #[must_use]
    pub const fn error_id(&self) -> Id<'a> {
        Id { name: self.name(), end: ERROR }
    }

    /// The id of one of several inputs with this name, by its value: `user_plan-pro`.
    pub fn choice_id(&self, value: impl Display) -> String {
        format!("{}-{}", self.id(), Slug(value))
    }

    /// The text in it, as it was typed; empty when there is none.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.values().last().map_or("", String::as_str)
    }

    /// The texts in it, of a list one for each choice.
    #[must_use]
    pub fn values(&self) -> &'a [String] {
        self.state.raw.texts()
    }

    /// Whether this is, or is among, what stands in it: whether a box is ticked, an option chosen.
    pub fn holds(&self, value: impl Display) -> bool {
        let is_value = |text: &String| Same::of(text, &value);
        let is_yes =
            |text: &String| matches!(text.as_str(), "on" | "1") && Same::of("true", &value);
        self.values().iter().any(|text| is_value(text) || is_yes(text))
    }

    /// Whether a person has been in it, or has sent the form.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        self.state.used
    }

    /// Whether something is wrong with it that the person should see: it was used.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.shown().is_some()
    }

    /// The value of `aria-invalid`.
    #[must_use]
    pub fn invalid(&self) -> &'static str {
        if self.is_wrong() { "true" } else { "false" }
    }

    /// What is wrong with it, one text for each; nothing before it was used.
    pub fn errors(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        self.shown().into_iter().flat_map(Wrong::texts)
    }

    /// What is wrong with it, as one text; empty when nothing is, or before it was used.
    #[must_use]
    pub fn error(&self) -> ErrorText<'a> {
        ErrorText(self.shown())
    }

    fn shown(&self) -> Option<&'a Wrong> {
        let wrong = &self.state.wrong;
        (self.state.used && !wrong.is_empty()).then_some(wrong)
    }
}

impl fmt::Debug for Field<'_> {
    /// Without what was typed.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Field({})", self.name())
    }
}

/// The name of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    pub(super) name: &'a str,
    pub(super) suffix: &'a str,
}

impl Display for Name<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)?;
        formatter.write_str(self.suffix)
    }
}

/// The id of an element that belongs to an input: its name without brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id<'a> {
    pub(super) name: Name<'a>,
    pub(super) end: &'static str,
}

impl Display for Id<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { name, suffix } = self.name;
        for letter in name.chars().chain(suffix.trim_end_matches("[]").chars()) {
            match letter {
                ']' => {}
                letter if is_plain(letter) => formatter.write_char(letter)?,
                _ => formatter.write_char('_')?,
            }
        }
        formatter.write_str(self.end)
    }
}

/// Whether a selector can name it as it stands.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '-' || letter == '_'
}

/// A value as the end of an id, of which the first `-` begins it.
struct Slug<T>(T);

impl<T: Display> Display for Slug<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        text.chars().try_for_each(|letter| match is_plain(letter) && letter != '-' {
            true => formatter.write_char(letter),
            false => write!(formatter, "_{:x}", u32::from(letter)),
        })
    }
}

/// What is wrong with an input, a list or a form, as one text.
#[derive(Clone, Copy, Debug)]
pub struct ErrorText<'a>(pub(super) Option<&'a Wrong>);

impl Display for ErrorText<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = self.0.into_iter().flat_map(Wrong::texts);
        for (index, text) in texts.enumerate() {
            formatter.write_str(if index == 0 { "" } else { ", " })?;
            formatter.write_str(text)?;
        }
        Ok(())
    }
}

/// Compares what is displayed with a text, piece by piece.
struct Same<'a>(Option<&'a str>);

impl<'a> Same<'a> {
    fn of(text: &'a str, value: &impl Display) -> bool {
        let mut rest = Self(Some(text));
        write!(rest, "{value}").is_ok() && rest.0 == Some("")
    }
}

impl fmt::Write for Same<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0 = self.0.and_then(|rest| rest.strip_prefix(piece));
        if self.0.is_some() { Ok(()) } else { Err(fmt::Error) }
    }
}

//! A label, an input and what is wrong with it: one function for each kind of input.
//!
//! ```text
//! form field=(&self.form) phx-change=(Event::VALIDATE) phx-submit=(Event::SAVE) {
//!     (field::text("Name", self.form.field(|f| f.name)))
//!     (field::number("Age", self.form.field(|f| f.age)))
//!     button phx-disable-with="Saving…" { "Save" }
//! }
//! ```

use belvedere::form::Choice;
use belvedere::{Field, Render, live};

/// One line of text.
#[must_use]
pub fn text<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        div.field {
            label field=(field) { (label) }
            input type="text" field=(field) autocomplete="off";
            (wrong(field))
        }
    }
}

/// A number: text with a keyboard of digits. Of a number that it cannot read, an input of the type
/// `number` sends nothing, so that nothing could be said about it.
#[must_use]
pub fn number<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        div.field {
            label field=(field) { (label) }
            input type="text" inputmode="numeric" field=(field) autocomplete="off";
            (wrong(field))
        }
    }
}

/// Several lines of text.
#[must_use]
pub fn text_area<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        div.field {
            label field=(field) { (label) }
            textarea rows="4" field=(field) {}
            (wrong(field))
        }
    }
}

/// A box to tick.
#[must_use]
pub fn checkbox<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        div.field {
            label.box { input type="checkbox" field=(field); (label) }
            (wrong(field))
        }
    }
}

/// A choice, each with its words. `prompt` stands there before anything is chosen.
pub fn select<'a, C: Choice>(
    label: &'a str,
    field: Field<'a>,
    prompt: &'a str,
    words: impl Fn(&C) -> &'static str + 'a,
) -> impl Render + 'a {
    live! {
        div.field {
            label field=(field) { (label) }
            select field=(field) {
                option value="" { (prompt) }
                @for choice in C::ALL { option value=(choice.value()) { (words(choice)) } }
            }
            (wrong(field))
        }
    }
}

/// Always there, so that nothing moves when the text comes.
fn wrong<'a>(field: Field<'a>) -> impl Render + 'a {
    live! { p.error errors=(field) {} }
}

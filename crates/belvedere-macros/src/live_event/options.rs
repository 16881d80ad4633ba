//! `#[live_event(…)]` on a variant or a field.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, LitStr};

/// What is said of a variant or a field.
#[derive(Default)]
pub(super) struct Options {
    /// Its name on the wire.
    pub(super) name: Option<String>,
    flags: Vec<String>,
}

impl Options {
    /// Reads the attributes, of which `known` may stand here.
    pub(super) fn of(attributes: &[Attribute], known: &[&str]) -> Result<Self, Error> {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|found| found.path().is_ident("live_event")) {
            attribute.parse_nested_meta(|option| {
                let name = option.path.get_ident().map(ToString::to_string).unwrap_or_default();
                if !known.contains(&name.as_str()) {
                    return Err(unknown(option.path.span(), known));
                }
                if name == "name" {
                    options.name = Some(wire_name(&option.value()?.parse()?)?);
                } else {
                    options.flags.push(name);
                }
                Ok(())
            })?;
        }
        Ok(options)
    }

    pub(super) fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|found| found == flag)
    }
}

fn unknown(span: Span, known: &[&str]) -> Error {
    let spelled = |option: &&str| match *option {
        "name" => "`name = \"…\"`".to_owned(),
        flag => format!("`{flag}`"),
    };
    let known: Vec<_> = known.iter().map(spelled).collect();
    Error::new(span, format!("`live_event` has here {}", known.join(", ")))
}

/// A name that needs escaping nowhere, neither in JSON nor in HTML, and that is none of the client's own.
fn wire_name(name: &LitStr) -> Result<String, Error> {
    let text = name.value();
    let is_plain =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':');
    if text.is_empty() || !text.chars().all(is_plain) || text.starts_with("lv:") {
        return Err(Error::new(
            name.span(),
            "a name on the wire has letters and digits of ASCII, `_`, `-`, `.` and `:`, and does not \
             begin with `lv:`",
        ));
    }
    Ok(text)
}

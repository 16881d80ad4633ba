//! As much of cargo-generate's templates as the starter uses: a variable, and a part that is left out
//! where a variable is empty.

use std::fmt;

/// A variable without a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MissingVariable(pub(super) String);

impl fmt::Display for MissingVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the template names `{}`, which has no value", self.0)
    }
}

/// The text with the variables' values.
pub(super) fn expand(text: &str, values: &[(&str, &str)]) -> Result<String, MissingVariable> {
    let value = |name: &str| {
        let found = values.iter().find(|(known, _)| *known == name.trim());
        found.map(|(_, value)| *value).ok_or_else(|| MissingVariable(name.trim().to_owned()))
    };
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, condition)) = rest.split_once("{% if ") {
        let (name, body) = condition.split_once(" != \"\" %}").expect("the only condition used");
        let (body, after) = body.split_once("{% endif %}").expect("an end");
        whole += before;
        whole += if value(name)?.is_empty() { "" } else { body };
        rest = after;
    }
    whole += rest;
    let mut expanded = String::new();
    let mut rest = whole.as_str();
    while let Some((before, variable)) = rest.split_once("{{") {
        let (name, after) = variable.split_once("}}").expect("an end");
        expanded += before;
        expanded += value(name)?;
        rest = after;
    }
    Ok(expanded + rest)
}

//! An error that knows its way: which field, then what is wrong with it.

use std::fmt::{self, Display};

use serde::de::{Error, Expected, Unexpected};

use crate::event::{EventError, FieldProblem, Found};

/// A problem and the keys that lead to it, innermost first.
#[derive(Debug)]
pub(in crate::event) struct DecodeError {
    path: Vec<String>,
    problem: FieldProblem,
}

impl DecodeError {
    pub(super) const fn new(problem: FieldProblem) -> Self {
        Self { path: Vec::new(), problem }
    }

    /// The same problem, seen from the value that holds `key`.
    pub(in crate::event) fn within(mut self, key: impl Into<String>) -> Self {
        self.path.push(key.into());
        self
    }

    /// The problem of a value that was left blank.
    pub(super) fn of_blank(mut self) -> Self {
        if self.path.is_empty() && !matches!(self.problem, FieldProblem::Missing) {
            self.problem = FieldProblem::Empty;
        }
        self
    }

    /// The problem alone, of a value that has no field around it.
    pub(in crate::event) fn into_problem(self) -> FieldProblem {
        self.problem
    }

    /// The problem as the author sees it, the field written as the name of a form's input:
    /// `user[tags][0]`.
    pub(in crate::event) fn of_event(self, event: &'static str) -> EventError {
        let mut keys = self.path.into_iter().rev();
        let mut field = keys.next().unwrap_or_default();
        for key in keys {
            field.push('[');
            field.push_str(&key);
            field.push(']');
        }
        EventError::Malformed { event, field, problem: self.problem }
    }
}

impl Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(formatter)
    }
}

impl std::error::Error for DecodeError {}

/// serde's own words would repeat the value; users' input stays out of messages.
impl Error for DecodeError {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(FieldProblem::Refused(message.to_string()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(FieldProblem::Missing).within(field)
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (found(unexpected), expected.to_string());
        Self::new(FieldProblem::Type { found, expected })
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(unexpected, expected)
    }

    fn unknown_variant(_variant: &str, expected: &'static [&'static str]) -> Self {
        let expected = format!("one of {expected:?}");
        Self::new(FieldProblem::Type { found: Found::Text, expected })
    }

    fn unknown_field(_field: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("it has a key that is none of {expected:?}"))
    }
}

const fn found(unexpected: Unexpected<'_>) -> Found {
    match unexpected {
        Unexpected::Unit | Unexpected::Option => Found::Null,
        Unexpected::Bool(_) => Found::Boolean,
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => Found::Number,
        Unexpected::Seq | Unexpected::TupleVariant => Found::List,
        Unexpected::Map | Unexpected::StructVariant | Unexpected::Enum => Found::Object,
        _ => Found::Text,
    }
}

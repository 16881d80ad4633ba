//! Why an event from a browser is refused.
//!
//! Every one is counted and given to [`LiveView::handle_unread`](crate::LiveView::handle_unread); the
//! view lives on. No message repeats a value the user typed. `Display` is for the log, in the
//! author's words; `for_visitor` (in `words`) for the page.

use std::fmt;

use super::LiveEvent;

mod words;

/// Characters kept of a name that no view declares.
const MAX_NAME_CHARS: usize = 64;

/// Why an event does not reach its view.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The view declares no event of that name.
    #[error("unknown event {name:?}, declared are {declared:?}")]
    Unknown {
        /// The client's word, cut short; for the developer's log, never for a span or metric.
        name: String,
        /// What the view declares.
        declared: &'static [&'static str],
    },
    /// The payload lacks what the event needs.
    #[error("event `{event}`: {} {problem}", Field(.field))]
    Malformed {
        /// The declared event.
        event: &'static str,
        /// Which part, written as the `name` of a form's input: `user[tags][0]`. Empty for the
        /// payload as a whole.
        field: String,
        /// What is wrong with it.
        problem: FieldProblem,
    },
    /// The payload could not be read at all, whatever the event.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl EventError {
    /// A name that `E` does not declare.
    #[must_use]
    pub fn unknown<E: LiveEvent>(name: &str) -> Self {
        Self::Unknown { name: name.chars().take(MAX_NAME_CHARS).collect(), declared: E::NAMES }
    }

    /// The declared event it was about, if it got that far.
    #[must_use]
    pub const fn event(&self) -> Option<&'static str> {
        match self {
            Self::Malformed { event, .. } => Some(*event),
            Self::Unknown { .. } | Self::Value(_) => None,
        }
    }

    /// Whether the author should hear of it in a release build too: what an ordinary visitor enters
    /// does not fit.
    pub(crate) const fn is_authors(&self) -> bool {
        matches!(
            self,
            Self::Value(
                ValueError::MessageTooLong { .. }
                    | ValueError::FormTooLong { .. }
                    | ValueError::TooManyFields { .. }
            )
        )
    }

    /// One word per way to fail, as the value of a metric's attribute.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown_event",
            Self::Malformed { .. } => "malformed_event",
            Self::Value(error) => error.reason(),
        }
    }
}

/// A field as it is called in a message.
struct Field<'a>(&'a str);

impl fmt::Display for Field<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => formatter.write_str("the payload"),
            field => write!(formatter, "field `{field}`"),
        }
    }
}

/// The end of a range, if it is worth saying.
struct Limit<'a, T>(&'a Option<T>);

impl<T: fmt::Display> fmt::Display for Limit<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(limit) => write!(formatter, ", which ends at {limit}"),
            None => Ok(()),
        }
    }
}

/// What is wrong with one field; reads on after its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It was left blank, and its type has no such value.
    #[error("is empty")]
    Empty,
    /// It is beyond the greatest number of its type.
    #[error("is too large for `{of}`{}", Limit(.most))]
    TooLarge {
        /// The type, as `u8`.
        of: &'static str,
        /// The type's greatest whole number.
        most: Option<u128>,
    },
    /// It is below the least number of its type.
    #[error("is too small for `{of}`{}", Limit(.least))]
    TooSmall {
        /// The type, as `u8`.
        of: &'static str,
        /// The type's least whole number.
        least: Option<i128>,
    },
    /// It is there, but cannot be read as its type.
    #[error("is {found}, expected {expected}")]
    Type {
        /// What came.
        found: Found,
        /// What the field's type says it expects.
        expected: String,
    },
    /// Its type refused it, in the type's own words.
    #[error("was refused: {0}")]
    Refused(String),
}

/// The kind of a value that came from a browser, without the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A JSON number, or text that is one.
    Number,
    /// A number with a fraction, where a whole one was expected.
    Fraction,
    /// A number so large that JSON's readers round it, where an exact one was expected.
    Rounded,
    /// Text.
    Text,
    /// A JSON array or a form's `tags[]`.
    List,
    /// A JSON object or a form's `user[name]`.
    Object,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Fraction => "a number with a fraction",
            Self::Rounded => "a number beyond 2^53, which is exact as text only",
            Self::Text => "text",
            Self::List => "a list",
            Self::Object => "an object",
        })
    }
}

/// Why the payload of an event could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ValueError {
    /// Not JSON, or nested deeper than 128 levels.
    #[error("the event's value is not readable JSON")]
    Json(#[source] serde_json::Error),
    /// A message longer than [`LiveConfig::max_frame_bytes`](crate::LiveConfig::max_frame_bytes),
    /// of which only the head was read.
    #[error(
        "a message of {n_bytes} bytes was not read, at most {max_bytes} are \
         (`LiveConfig::max_frame_bytes`); keep what people type shorter, as with `maxlength`"
    )]
    MessageTooLong {
        /// Its length.
        n_bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// A text for which there is no room, beside all others that views keep
    /// ([`AdmissionLimits::kept_bytes`](crate::AdmissionLimits::kept_bytes)).
    #[error("there is no room to keep a text of {n_bytes} bytes (`AdmissionLimits::kept_bytes`)")]
    NoRoom {
        /// Its length.
        n_bytes: usize,
    },
    /// A form event whose value is no string.
    #[error("the form event's value is not a string")]
    FormNotText,
    /// A form event whose meta data is no object.
    #[error("the form event's meta data is not an object")]
    MetaNotObject,
    /// A form longer than [`super::FormLimits::max_bytes`].
    #[error("the form has {n_bytes} bytes, at most {max_bytes} are read")]
    FormTooLong {
        /// Its length, encoded.
        n_bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// A form with more fields than [`super::FormLimits::max_fields`].
    #[error("the form has more than {max_fields} fields")]
    TooManyFields {
        /// The limit.
        max_fields: usize,
    },
    /// A field nested deeper than [`super::FormLimits::max_depth`].
    #[error("a field of the form is nested {depth} levels deep, at most {max_depth} are read")]
    TooDeep {
        /// Number of keys in the field's name.
        depth: usize,
        /// The limit.
        max_depth: usize,
    },
}

impl ValueError {
    /// One word per variant, as the value of a metric's attribute.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Json(_) => "value_not_json",
            Self::MessageTooLong { .. } => "message_too_long",
            Self::NoRoom { .. } => "no_room",
            Self::FormNotText => "form_not_text",
            Self::MetaNotObject => "meta_not_object",
            Self::FormTooLong { .. } => "form_too_long",
            Self::TooManyFields { .. } => "too_many_fields",
            Self::TooDeep { .. } => "form_too_deep",
        }
    }
}

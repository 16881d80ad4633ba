//! Every way a frame can be malformed.

use std::fmt;

/// Why bytes from the browser are no frame.
///
/// The official client never sends such a frame, so the connection that did is closed or the frame
/// dropped, and counted under [`FrameError::reason`].
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The text is not JSON.
    #[error("the frame is not JSON")]
    Json(#[source] serde_json::Error),
    /// The text is JSON but no array.
    #[error("the frame is no JSON array")]
    NotAnArray,
    /// The array has fewer than five elements.
    #[error("the frame has {found} of 5 elements")]
    TooFewElements {
        /// Number of elements there were.
        found: usize,
    },
    /// An element is neither a string nor, for the two refs, `null`.
    #[error("the {element} is not a string")]
    NotAString {
        /// Which one.
        element: FrameElement,
    },
    /// An element is a string with an escape that stands for no character.
    #[error("the {element} holds a broken escape")]
    BrokenEscape {
        /// Which one.
        element: FrameElement,
        /// What the JSON parser says.
        #[source]
        source: serde_json::Error,
    },
    /// An element is longer than [`super::MAX_ELEMENT_BYTES`].
    #[error("the {element} has {n_bytes} bytes")]
    TooLong {
        /// Which one.
        element: FrameElement,
        /// Its length.
        n_bytes: usize,
    },
    /// A binary frame without a single byte.
    #[error("the binary frame is empty")]
    EmptyBinary,
    /// A binary frame of a kind no client sends.
    #[error("binary frame of kind {0}, expected 0")]
    BinaryKind(u8),
    /// A binary frame that ends before the lengths it announces.
    #[error("the binary frame ends within the {element}")]
    Truncated {
        /// The element that is cut short.
        element: FrameElement,
    },
    /// A name in a binary frame that is not UTF-8.
    #[error("the {element} is not UTF-8")]
    NotUtf8 {
        /// Which one.
        element: FrameElement,
        /// Where the text breaks.
        #[source]
        source: std::str::Utf8Error,
    },
}

impl FrameError {
    /// One word per variant, for the close reason and as the value of a metric's attribute.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Json(_) => "not_json",
            Self::NotAnArray => "not_an_array",
            Self::TooFewElements { .. } => "too_few_elements",
            Self::NotAString { .. } => "not_a_string",
            Self::BrokenEscape { .. } => "broken_escape",
            Self::TooLong { .. } => "too_long",
            Self::EmptyBinary => "empty_binary",
            Self::BinaryKind(_) => "binary_kind",
            Self::Truncated { .. } => "truncated",
            Self::NotUtf8 { .. } => "not_utf8",
        }
    }
}

/// A named element of a frame, for [`FrameError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameElement {
    /// The lengths of a binary frame.
    Header,
    /// The first element.
    JoinRef,
    /// The second element.
    MessageRef,
    /// The third element.
    Topic,
    /// The fourth element.
    Event,
}

impl fmt::Display for FrameElement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Header => "header",
            Self::JoinRef => "join ref",
            Self::MessageRef => "message ref",
            Self::Topic => "topic",
            Self::Event => "event",
        })
    }
}

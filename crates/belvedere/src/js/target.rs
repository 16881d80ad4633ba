//! Which elements a command is for.

use std::collections::BTreeMap;

use crate::event::command::Object;

/// Which elements a command is for; a `&str` is a [`Query`](Self::Query).
///
/// Selectors are CSS, so a text of a user's has no place in one: give elements ids that you have
/// made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target<'a> {
    /// The element that has the attribute.
    #[default]
    This,
    /// All of the page that match, in this view or outside.
    Query(&'a str),
    /// All that match below the element that has the attribute.
    Inner(&'a str),
    /// The nearest that matches, from the element that has the attribute upward.
    Closest(&'a str),
}

impl Target<'_> {
    pub(super) fn write(self, args: &mut Object<'_>) {
        match self {
            Self::This => {}
            Self::Query(css) => args.entry("to", css),
            Self::Inner(css) => args.entry("to", &BTreeMap::from([("inner", css)])),
            Self::Closest(css) => args.entry("to", &BTreeMap::from([("closest", css)])),
        }
    }
}

impl<'a> From<&'a str> for Target<'a> {
    fn from(css: &'a str) -> Self {
        Self::Query(css)
    }
}

impl<'a> From<&'a String> for Target<'a> {
    fn from(css: &'a String) -> Self {
        Self::Query(css)
    }
}

//! `a patch=(to)` and `a navigate=(to)`: a real `href`, and what makes the browser's client follow it
//! without a full load. `replace` beside them leaves no new entry in its history.

use proc_macro2::TokenStream;
use quote::quote;

use super::ast::{Attribute, Value};

/// The client's word for a link.
fn kind(attribute: &Attribute) -> Option<&'static str> {
    match attribute {
        Attribute::Named { name, value: Value::Markup(_) } => match &*name.text {
            "patch" => Some("patch"),
            "navigate" => Some("redirect"),
            _ => None,
        },
        Attribute::Named { .. } | Attribute::Class { .. } | Attribute::Id(_) => None,
    }
}

/// Whether the value of `attribute` is where a live link leads.
pub(super) fn is_link(attribute: &Attribute) -> bool {
    kind(attribute).is_some()
}

/// Whether `attribute` says of a live link, and of nothing else, what becomes of the history.
pub(super) fn is_replace(attribute: &Attribute, all: &[Attribute]) -> bool {
    let is_bare = matches!(attribute, Attribute::Named { name, value: Value::Empty } if name.text == "replace");
    is_bare && all.iter().any(is_link)
}

/// What stands beside the `href` of a live link.
pub(super) fn marks(attribute: &Attribute, all: &[Attribute]) -> Option<TokenStream> {
    let kind = kind(attribute)?;
    let state = if all.iter().any(|one| is_replace(one, all)) { "replace" } else { "push" };
    Some(quote!(data-phx-link=#kind data-phx-link-state=#state))
}

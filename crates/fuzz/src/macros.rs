//! The macros: whatever tokens an author writes, they expand, twice to the same; and a derive to Rust.
//!
//! A macro's crate cannot be linked, so its modules are read here once more. The first byte says which
//! macro, the rest is the text that it is given.

use proc_macro2::TokenStream;

use crate::dice::Dice;

#[path = "../../belvedere-macros/src"]
mod of_the_crate {
    pub(crate) mod form;
    pub(crate) mod live;
    pub(crate) mod live_event;
    pub(crate) mod live_path;
}

pub(crate) use of_the_crate::live_event;
use of_the_crate::{form, live, live_path};

/// Deepest nesting of brackets. The compiler is given whole crates and has a large stack; each level of a
/// template takes some of it.
const MAX_DEPTH: usize = 24;

/// Longest text: nothing new comes of a longer one.
const MAX_BYTES: usize = 2048;

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let which = dice.below(5);
    let Ok(text) = std::str::from_utf8(dice.rest()) else { return };
    if text.len() > MAX_BYTES || is_too_deep(text) {
        return;
    }
    let Ok(tokens) = text.parse::<TokenStream>() else { return };
    match which {
        0 => is_items(form::expand, tokens),
        1 => is_items(live_event::expand, tokens),
        2 => is_items(live_path::expand, tokens),
        3 => is_expanded(live::Captures::Borrowed, tokens),
        _ => is_expanded(live::Captures::Owned, tokens),
    }
}

/// Also what syn reads by recursion without brackets: `!!!!a`, `&&&a`.
fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' | b'<' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest > MAX_DEPTH
}

fn is_items(expand: impl Fn(TokenStream) -> TokenStream, tokens: TokenStream) {
    // The compiler gives a derive macro nothing but an item.
    if syn::parse2::<syn::DeriveInput>(tokens.clone()).is_err() {
        return;
    }
    let expanded = expand(tokens.clone());
    assert_eq!(expanded.to_string(), expand(tokens).to_string());
    if let Err(error) = syn::parse2::<syn::File>(expanded.clone()) {
        panic!("{error}: {expanded}");
    }
}

/// The expressions that an author has written stand in what comes of them, whatever they are.
fn is_expanded(captures: live::Captures, tokens: TokenStream) {
    let expanded = live::expand(tokens.clone(), captures);
    assert_eq!(expanded.to_string(), live::expand(tokens, captures).to_string());
}

//! The `live!` template macro and `#[derive(LiveEvent)]` of `live-view`.
//!
//! Depend on `live-view`, which re-exports both; the expansions name `::live_view` and `::maud`.

mod live;

use proc_macro::TokenStream;

/// A live template in [maud](https://maud.lambda.xyz)'s syntax: `live! { p { "Hello " (name) } }`.
///
/// Yields a lazy value, `impl live_view::template::Render`, whose HTML is what `maud::html!`
/// prints for the same text, byte for byte, and of which only the changed holes are sent to a
/// browser that has it already. The guide is in `live_view::template`.
///
/// Beyond maud's syntax, a row of `@for` may have a key: `key=(user.id)` on its only root
/// element, or `@for user in &users, key=(user.id) { (row(user)) }`.
#[proc_macro]
pub fn live(input: TokenStream) -> TokenStream {
    live::expand(input.into()).into()
}

/// Placeholder.
#[proc_macro_derive(LiveEvent, attributes(event))]
pub fn derive_live_event(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}

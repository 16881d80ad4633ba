//! The `live!` template macro and `#[derive(LiveEvent)]` of `live-view`.

use proc_macro::TokenStream;

/// Placeholder.
#[proc_macro]
pub fn live(input: TokenStream) -> TokenStream {
    input
}

/// Placeholder.
#[proc_macro_derive(LiveEvent, attributes(event))]
pub fn derive_live_event(_input: TokenStream) -> TokenStream {
    TokenStream::new()
}

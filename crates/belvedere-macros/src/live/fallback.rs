//! What `live!` expands to when the template cannot be used.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::fill::private;

/// `maud::html!` of the author's text, so the author reads maud's error. Should maud accept what
/// our walk did not, the page is right and its whole markup is one hole.
pub(super) fn maud(input: TokenStream) -> TokenStream {
    let private = private();
    let input = without_header_keys(input);
    quote! { #private::markup(::maud::html! { #input }) }
}

/// `errors` beside a template that shows nothing, so no error about the value's type follows.
pub(super) fn nothing(errors: &TokenStream) -> TokenStream {
    let private = private();
    quote! {{
        #errors
        #private::live(|renderer| renderer.nothing())
    }}
}

/// Drops `, key=(…)` before a brace: maud does not know it, and would complain about it instead of
/// the mistake.
fn without_header_keys(input: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let [token, after @ ..] = rest {
        rest = match after {
            [key, equals, value, after @ ..] if is_header_key([token, key, equals, value]) => after,
            _ => {
                kept.push(recurse(token));
                after
            }
        };
    }
    kept.into_iter().collect()
}

fn is_header_key([comma, key, equals, value]: [&TokenTree; 4]) -> bool {
    let is_punct =
        |token: &TokenTree, sign| matches!(token, TokenTree::Punct(p) if p.as_char() == sign);
    is_punct(comma, ',')
        && matches!(key, TokenTree::Ident(ident) if ident == "key")
        && is_punct(equals, '=')
        && matches!(value, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
}

fn recurse(token: &TokenTree) -> TokenTree {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            let mut inner = Group::new(Delimiter::Brace, without_header_keys(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        token => token.clone(),
    }
}

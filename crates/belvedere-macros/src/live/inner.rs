//! Templates that stand in a splice of another, `(card(live! { p { (self.title) } }))`: they are shown where
//! they stand, so they borrow what they show, and the template around may show it as well.
//!
//! Where a template's values may be gone before it is shown, it owns them as ever: in a closure, whose
//! parameters they may be, and in a block or an arm, which may have bound them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};

/// `expression` with each such template made to borrow.
pub(super) fn borrowing(expression: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = expression.into_iter().collect();
    let mut kept = TokenStream::new();
    let mut rest = tokens.as_slice();
    let mut follows_colon = false;
    while let [token, after @ ..] = rest {
        rest = after;
        let is_in_path = std::mem::replace(
            &mut follows_colon,
            matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':'),
        );
        match (token, after) {
            // The rest may be the body of a closure.
            (TokenTree::Punct(punct), _) if punct.as_char() == '|' => {
                token.to_tokens(&mut kept);
                kept.extend(after.iter().cloned());
                break;
            }
            (
                TokenTree::Ident(name),
                [TokenTree::Punct(bang), TokenTree::Group(template), after @ ..],
            ) if name == "live" && bang.as_char() == '!' && !is_in_path => {
                let within = quote_spanned!(name.span()=> ::belvedere::__private::live_within);
                kept.extend(quote!(#within #bang #template));
                rest = after;
            }
            (TokenTree::Group(group), _) if group.delimiter() == Delimiter::Parenthesis => {
                let mut inner = Group::new(group.delimiter(), borrowing(group.stream()));
                inner.set_span(group.span());
                inner.to_tokens(&mut kept);
            }
            _ => token.to_tokens(&mut kept),
        }
    }
    kept
}

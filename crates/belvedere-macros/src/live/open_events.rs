//! Events that leave fields to the browser, wherever they stand in an attribute's expression:
//! `phx-blur=(Js::new().hide("#menu").push(Event::Move { row: id, key: _ }))`.
//!
//! `_` is no value in Rust, so each such event becomes one that the runtime knows how to push. All other
//! tokens stay as they are.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Expr, ExprStruct, Member, ext::IdentExt as _, spanned::Spanned as _};

use super::{events, fill::spanned};

/// `expression` with every such event replaced that is all of it, or the first argument of `push` or
/// `push_with`. Anywhere else the same tokens may be a pattern.
pub(super) fn replaced(expression: TokenStream) -> TokenStream {
    nested(at_start(expression))
}

/// `tokens` with what is pushed in them replaced.
fn nested(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            kept.push(token);
            continue;
        };
        let is_pushed = matches!(
            kept.last(),
            Some(TokenTree::Ident(name)) if name == "push" || name == "push_with"
        );
        let stream = if is_pushed { at_start(group.stream()) } else { group.stream() };
        let mut inner = Group::new(group.delimiter(), nested(stream));
        inner.set_span(group.span());
        kept.push(TokenTree::Group(inner));
    }
    kept.into_iter().collect()
}

/// `tokens` with the event replaced that they begin with.
fn at_start(tokens: TokenStream) -> TokenStream {
    let mut rest = tokens.clone().into_iter();
    let mut event: Vec<TokenTree> = Vec::new();
    for token in rest.by_ref() {
        let is_of_path = match &token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => punct.as_char() == ':',
            _ => false,
        };
        event.push(token);
        if !is_of_path {
            break;
        }
    }
    match syn::parse2::<ExprStruct>(event.into_iter().collect()) {
        Ok(event) if event.fields.iter().any(is_open) => {
            open(&event).into_iter().chain(rest).collect()
        }
        _ => tokens,
    }
}

fn is_open(field: &syn::FieldValue) -> bool {
    matches!(field.expr, Expr::Infer(_))
}

/// The event as a value that can be pushed. What it borrows lives to the end of the statement.
fn open(event: &ExprStruct) -> TokenStream {
    let private = super::fill::private();
    let path = &event.path;
    let (mut values, mut variables, mut names) = (Vec::new(), Vec::new(), Vec::new());
    let mut checks = TokenStream::new();
    let members = event.fields.iter().enumerate().map(|(index, field)| {
        let Member::Named(member) = &field.member else { return field.to_token_stream() };
        if is_open(field) {
            return quote!(#member: #private::brought());
        }
        checks.extend(events::may_be_given(path, member, field.expr.span()));
        let span = spanned(field.expr.span());
        let variable: Ident = format_ident!("field_{index}", span = span);
        values.push(&field.expr);
        names.push(member.unraw().to_string());
        variables.push(variable.clone());
        quote_spanned!(span=> #member: #variable)
    });
    let members: Vec<_> = members.collect();
    let variant = path.segments.last().map(|last| last.ident.unraw().to_string());
    quote! {
        match (#(&(#values),)*) {
            (#(#variables,)*) => #private::open(
                || {
                    #checks
                    #(let #variables = #private::given(#variables);)*
                    #path { #(#members),* }
                },
                #variant,
                &[#(#names),*],
                move |variant, push| push #(.field(variant.key(#names), #variables))*,
            ),
        }
    }
}

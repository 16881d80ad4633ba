//! Events that leave fields to the browser, wherever they stand in an expression:
//! `phx-blur=(Js::new().hide("#menu").push(Event::Move { row: id, key: _ }))`.
//!
//! `_` is no value in Rust, so each such event becomes one that the runtime knows how to push. All other
//! tokens stay as they are, and so do patterns, in which `_` has its own meaning.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Block, Expr, ExprStruct, Member, Stmt, ext::IdentExt as _, spanned::Spanned as _};

use super::{events, fill::spanned};

/// What an event becomes.
#[derive(Clone, Copy)]
enum Becomes {
    /// An event of a type of its own, which borrows its fields to the end of the statement.
    Event,
    /// Commands, which have one type whatever they push and borrow nothing: for a value that is returned
    /// from a closure, or is one of several.
    Commands,
}

/// `expression` with every such event replaced that is all of it, an argument, or what a closure, a block
/// or an arm yields.
pub(super) fn replaced(expression: TokenStream) -> TokenStream {
    if !mentions_underscore(&expression) {
        return expression;
    }
    match syn::parse2::<Expr>(expression.clone()) {
        Ok(mut parsed) => {
            replace(&mut parsed, Becomes::Event);
            parsed.into_token_stream()
        }
        Err(_) => expression,
    }
}

fn mentions_underscore(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions_underscore(&group.stream()),
        TokenTree::Ident(name) => name == "_",
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn replace(expression: &mut Expr, becomes: Becomes) {
    match expression {
        Expr::Struct(event) if event.fields.iter().any(is_open) => {
            let open = open(event);
            *expression = Expr::Verbatim(match becomes {
                Becomes::Event => open,
                Becomes::Commands => quote!(::belvedere::Js::new().push(#open)),
            });
        }
        Expr::Struct(of_fields) => {
            let fields = of_fields.fields.iter_mut();
            fields.for_each(|field| replace(&mut field.expr, Becomes::Commands));
        }
        Expr::Tuple(tuple) => {
            tuple.elems.iter_mut().for_each(|element| replace(element, Becomes::Commands));
        }
        Expr::Array(array) => {
            array.elems.iter_mut().for_each(|element| replace(element, Becomes::Commands));
        }
        Expr::Paren(inner) => replace(&mut inner.expr, becomes),
        Expr::Group(inner) => replace(&mut inner.expr, becomes),
        Expr::Reference(inner) => replace(&mut inner.expr, becomes),
        Expr::Call(call) => call.args.iter_mut().for_each(|argument| replace(argument, becomes)),
        Expr::MethodCall(call) => {
            replace(&mut call.receiver, becomes);
            let is_push = call.method == "push" || call.method == "push_with";
            let becomes = if is_push { Becomes::Event } else { Becomes::Commands };
            call.args.iter_mut().for_each(|argument| replace(argument, becomes));
        }
        Expr::Closure(closure) => replace(&mut closure.body, Becomes::Commands),
        Expr::Block(block) => replace_in(&mut block.block),
        Expr::If(branches) => {
            replace_in(&mut branches.then_branch);
            if let Some((_, otherwise)) = &mut branches.else_branch {
                replace(otherwise, Becomes::Commands);
            }
        }
        Expr::Match(arms) => {
            arms.arms.iter_mut().for_each(|arm| replace(&mut arm.body, Becomes::Commands));
        }
        _ => {}
    }
}

/// What a block binds, and what it yields.
fn replace_in(block: &mut Block) {
    for statement in &mut block.stmts {
        match statement {
            Stmt::Expr(expression, None) => replace(expression, Becomes::Commands),
            Stmt::Local(local) => {
                if let Some(init) = &mut local.init {
                    replace(&mut init.expr, Becomes::Commands);
                }
            }
            Stmt::Expr(..) | Stmt::Item(_) | Stmt::Macro(_) => {}
        }
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

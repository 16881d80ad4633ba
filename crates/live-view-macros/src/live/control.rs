//! Control flow in a template's body: code between the renderer's calls, without a closure per
//! body, so the author's borrows are as in a plain function.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    ast::{Arm, For, If, Markup, Splice},
    fill::{node_variable, renderer, spanned},
    jumps::Context,
    template::{branch, row},
};

pub(super) fn if_chain(chain: &If, context: &mut Context) -> TokenStream {
    let mut code = TokenStream::new();
    for (condition, body) in &chain.branches {
        context.check_jumps(condition);
        let body = branch(body, context);
        code.extend(quote!(if #condition { #body } else));
    }
    let otherwise = branch(chain.otherwise.as_deref().unwrap_or_default(), context);
    quote!(#code { #otherwise })
}

pub(super) fn match_arms(
    subject: &TokenStream,
    arms: &[Arm],
    context: &mut Context,
) -> TokenStream {
    context.check_jumps(subject);
    let arms: Vec<_> = arms
        .iter()
        .map(|Arm { head, body }| {
            context.check_jumps(head);
            let markups = match body {
                Markup::Block(markups) => markups,
                markup => std::slice::from_ref(markup),
            };
            let body = branch(markups, context);
            quote!(#head => { #body })
        })
        .collect();
    quote!(match #subject { #(#arms)* })
}

pub(super) fn for_rows(rows: &For, context: &mut Context) -> TokenStream {
    let For { pattern, iterator, key, body } = rows;
    context.check_jumps(iterator);
    let list = rows_of(key.as_ref(), body, context);
    list.around(&quote!(for #pattern in #iterator))
}

pub(super) fn while_rows(
    condition: &TokenStream,
    body: &[Markup],
    context: &mut Context,
) -> TokenStream {
    context.check_jumps(condition);
    let list = rows_of(None, body, context);
    list.around(&quote!(while #condition))
}

/// A comprehension: the `static` of its rows' template and the code of one row.
struct Rows {
    template: TokenStream,
    row: TokenStream,
}

/// Bindings before the row's first markup come before the row begins: its key may use them, and
/// they may skip the row.
fn rows_of(key: Option<&Splice>, body: &[Markup], context: &mut Context) -> Rows {
    let n_bindings = body.iter().take_while(|markup| matches!(markup, Markup::Let(_))).count();
    let (bindings, body) = body.split_at(n_bindings);
    let bindings = bindings.iter().filter_map(|markup| match markup {
        Markup::Let(statement) => Some(statement),
        _ => None,
    });
    let (template, code) = row(body, context);
    let (node, renderer) = (node_variable(), renderer());
    let entry = key.map_or_else(
        || quote!(#renderer.entry_at_index()),
        |key| {
            context.check_jumps(&key.expression);
            let (expression, span) = (&key.expression, spanned(key.span));
            quote::quote_spanned!(span=> #renderer.entry(&(#expression)))
        },
    );
    let row = quote! {
        #(#bindings)*
        let #node = #entry;
        #code
        #renderer.end_entry(#node);
    };
    Rows { template, row }
}

impl Rows {
    fn around(&self, head: &TokenStream) -> TokenStream {
        let Self { template, row } = self;
        let renderer = renderer();
        quote! {
            { #template #renderer.list(&__LIVE_TEMPLATE); }
            #head { #row }
            #renderer.end_list();
        }
    }
}

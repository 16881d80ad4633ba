//! Control flow in a template's body: code between the renderer's calls, without a closure per
//! body, so the author's borrows are as in a plain function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    ast::{Arm, For, If, Markup, Splice},
    fill::{node_variable, private, renderer, spanned},
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
    let Rows { template, row } = rows_of(key.as_ref(), body, context);
    let (private, renderer) = (private(), renderer());
    let rows = Ident::new("rows", Span::mixed_site());
    let span = iterator.clone().into_iter().next().map_or_else(Span::mixed_site, |it| it.span());
    let begin = quote_spanned! {spanned(span)=>
        (&&#private::Rows(&#rows)).kind().begin(#rows, #renderer, &__LIVE_TEMPLATE)
    };
    // `match` keeps what the iterator borrows alive to the end, as `for` itself does.
    quote! {
        match #iterator {
            #rows => {
                #template
                for #pattern in #begin { #row }
            }
        }
        #renderer.end_list();
    }
}

pub(super) fn while_rows(
    condition: &TokenStream,
    body: &[Markup],
    context: &mut Context,
) -> TokenStream {
    context.check_jumps(condition);
    let Rows { template, row } = rows_of(None, body, context);
    let renderer = renderer();
    quote! {
        { #template #renderer.list(&__LIVE_TEMPLATE); }
        while #condition { #row }
        #renderer.end_list();
    }
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
            quote_spanned!(span=> #renderer.entry(&(#expression)))
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

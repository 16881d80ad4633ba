//! Expansion of `live!`.
//!
//! `parse` walks the author's tokens into the tree of `ast`; `template` turns one body of that
//! tree into a skeleton for `maud::html!` and the code that fills its holes; `fill` has the code
//! of each kind of hole. For
//!
//! ```text
//! live! { p.done[self.done] { "Hello " (self.name) } }
//! ```
//!
//! the skeleton is `p."⟨0⟩"[true] { "Hello " "⟨1⟩" }`, where `⟨n⟩` are marks that the runtime
//! splits maud's output at, and the code is
//!
//! ```text
//! ::belvedere::template::live(move |renderer| {
//!     let node = renderer.node(&TEMPLATE);
//!     renderer.hole(node, 0); …toggle…
//!     renderer.hole(node, 1); …splice…
//!     renderer.end_node(node)
//! })
//! ```
//!
//! When the walk fails, `maud::html!` receives the author's text, so its words explain the
//! mistake.

mod ast;
mod attributes;
mod bindings;
mod control;
mod events;
mod fallback;
mod field;
mod fill;
mod inner;
mod jumps;
mod links;
mod open_events;
mod parse;
mod template;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use ast::Markup;
use fill::{private, renderer};
use jumps::Context;

/// How a template has what it shows.
#[derive(Clone, Copy)]
pub(crate) enum Captures {
    /// It owns it, so that a function may return the template.
    Owned,
    /// It borrows it from the template around.
    Borrowed,
}

/// Expands one `live!` invocation.
pub(crate) fn expand(input: TokenStream, captures: Captures) -> TokenStream {
    let Ok(markups) = parse::template.parse2(input.clone()) else {
        return fallback::maud(input);
    };
    let mut context = Context::default();
    let is_element = is_one_element(&markups);
    let body = template::node(&markups, is_element, &mut context);
    if let Some(errors) = context.into_compile_errors() {
        return fallback::nothing(&errors);
    }
    let private = private();
    let renderer = renderer();
    let kind = if is_element { quote!(element) } else { quote!(live) };
    let own = matches!(captures, Captures::Owned).then(|| quote!(move));
    quote! {
        #private::#kind(#own |#renderer: &mut ::belvedere::template::Renderer| {
            use #private::{
                ViaDisplay as _, ViaIterator as _, ViaJson as _, ViaList as _, ViaLive as _,
                ViaMaud as _, ViaNeither as _, ViaQuoted as _, ViaStream as _, ViaText as _,
            };
            #body
        })
    }
}

/// Whether a template is exactly one element, whatever its values.
fn is_one_element(markups: &[Markup]) -> bool {
    let mut roots = markups.iter().filter(|markup| !matches!(markup, Markup::Let(_)));
    matches!((roots.next(), roots.next()), (Some(Markup::Element(_)), None))
}

#[cfg(test)]
mod tests;

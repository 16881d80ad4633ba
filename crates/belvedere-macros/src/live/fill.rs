//! The code that fills one hole, and the names that the generated code uses.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    ast::{Markup, Splice},
    inner, open_events,
};

/// Attributes in which the browser expects commands: it cannot read an event's bare name there.
const COMMANDS_ONLY: [&str; 4] = ["phx-mounted", "phx-remove", "phx-connected", "phx-disconnected"];

/// Where `belvedere` keeps what only this macro calls.
pub(super) fn private() -> TokenStream {
    quote!(::belvedere::template::private)
}

/// `maud::html!` expands to `extern crate maud`, so the author's crate must depend on it anyway.
pub(super) fn maud_path() -> TokenStream {
    quote!(::maud)
}

/// Invisible to the author's expressions.
pub(super) fn renderer() -> Ident {
    Ident::new("renderer", Span::mixed_site())
}

/// The node or row whose holes are being filled.
pub(super) fn node_variable() -> Ident {
    Ident::new("node", Span::mixed_site())
}

/// The hole being filled.
pub(super) fn hole_variable() -> Ident {
    Ident::new("hole", Span::mixed_site())
}

/// A span shown where the author wrote `span`, that names nothing of the author's and that no lint
/// takes for the author's own code.
pub(super) fn spanned(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// Fills a hole with whatever the expression is: live template, `maud::Render` or `Display`.
pub(super) fn splice(splice: &Splice) -> TokenStream {
    let (private, renderer, hole) = (private(), renderer(), hole_variable());
    let Splice { expression, span } = splice;
    let expression = inner::borrowing(open_events::replaced(expression.clone()));
    quote_spanned! {spanned(*span)=>
        match #private::Pick(&(#expression)) {
            pick => (&&&&&&pick).pick().splice(pick.0, #renderer, #hole),
        }
    }
}

/// Fills a hole with what `code` renders.
pub(super) fn rendered(code: &TokenStream) -> TokenStream {
    let (renderer, hole) = (renderer(), hole_variable());
    quote! {
        #renderer.go_to(#hole);
        #code
    }
}

/// Fills a hole with the text that `run` writes.
pub(super) fn text(run: &TokenStream) -> TokenStream {
    let renderer = renderer();
    rendered(&quote! {
        #renderer.begin_text();
        #run
        #renderer.end_text();
    })
}

/// Writes `text`, escaped now as maud escapes it.
pub(super) fn literal(text: &str) -> TokenStream {
    let renderer = renderer();
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            character => escaped.push(character),
        }
    }
    quote!(#renderer.text().push_str(#escaped);)
}

/// Writes `written` when the toggle is on.
pub(super) fn toggle(toggle: &Splice, written: &TokenStream) -> TokenStream {
    let Splice { expression, span } = toggle;
    quote_spanned!(spanned(*span)=> if (#expression) { #written })
}

/// Writes ` name="value"` when there is a value.
pub(super) fn optional(name: &str, option: &Splice) -> TokenStream {
    let Splice { expression, span } = option;
    let expression = open_events::replaced(expression.clone());
    let (span, renderer) = (spanned(*span), renderer());
    let start = literal(&format!(" {name}="));
    let value = Splice { expression: quote_spanned!(span=> value), span: option.span };
    let value = write(&attribute_value(name, &value));
    quote_spanned! {span=>
        if let ::core::option::Option::Some(value) = (#expression) {
            #start
            #renderer.text().push('"');
            #value
            #renderer.text().push('"');
        }
    }
}

/// The value of the attribute `name`, checked where only commands may stand.
pub(super) fn attribute_value(name: &str, value: &Splice) -> Splice {
    let Splice { expression, span } = value.clone();
    let expression = if COMMANDS_ONLY.contains(&name) {
        quote_spanned!(spanned(span)=> ::belvedere::__private::commands(&(#expression)))
    } else {
        expression
    };
    Splice { expression, span }
}

/// Writes markup of an attribute, where no element and no live template can stand, as plain text.
pub(super) fn run(markup: &Markup) -> TokenStream {
    match markup {
        Markup::Literal(text) => literal(&text.value()),
        Markup::Splice(splice) => write(splice),
        Markup::Let(statement) => statement.clone(),
        Markup::Block(markups) => {
            let inner = run_all(markups);
            quote!({ #inner })
        }
        Markup::If(chain) => {
            let branches = chain.branches.iter().map(|(condition, body)| {
                let body = run_all(body);
                quote!(if #condition { #body } else)
            });
            let otherwise = run_all(chain.otherwise.as_deref().unwrap_or_default());
            quote!(#(#branches)* { #otherwise })
        }
        Markup::For(rows) => {
            let (pattern, iterator, body) = (&rows.pattern, &rows.iterator, run_all(&rows.body));
            quote!(for #pattern in #iterator { #body })
        }
        Markup::While { condition, body } => {
            let body = run_all(body);
            quote!(while #condition { #body })
        }
        Markup::Match { subject, arms } => {
            let arms = arms.iter().map(|arm| {
                let (head, body) = (&arm.head, run(&arm.body));
                quote!(#head => { #body })
            });
            quote!(match #subject { #(#arms)* })
        }
        // The walk lets no element into an attribute.
        Markup::Element(_) => TokenStream::new(),
    }
}

fn run_all(markups: &[Markup]) -> TokenStream {
    markups.iter().map(run).collect()
}

/// Writes the expression as text: `maud::Render` or `Display`.
fn write(splice: &Splice) -> TokenStream {
    let renderer = renderer();
    as_text(splice, "write", &quote!(#renderer.text()))
}

/// Fills a hole of an attribute, where no live template can stand, with the expression alone.
pub(super) fn text_splice(splice: &Splice) -> TokenStream {
    let (renderer, hole) = (renderer(), hole_variable());
    as_text(splice, "splice", &quote!(#renderer, #hole))
}

fn as_text(splice: &Splice, method: &str, to: &TokenStream) -> TokenStream {
    let private = private();
    let Splice { expression, span } = splice;
    // What cannot be shown is told of where it stands.
    let method = Ident::new(method, spanned(*span));
    let expression = open_events::replaced(expression.clone());
    quote_spanned! {spanned(*span)=>
        match #private::Pick(&(#expression)) {
            pick => (&&&&&&pick).pick_text().#method(pick.0, #to),
        }
    }
}

//! Events that are written out in an attribute: their names stand in the skeleton, and only the values of
//! their fields are holes.
//!
//! ```text
//! phx-click=(Event::Refresh)             no hole
//! phx-submit=(Event::SAVE)               no hole
//! phx-click=(Event::Delete { id })       one hole, `id`
//! phx-keyup=(Event::Move { id, key: _ }) one hole, `id`; the browser brings `key`
//! ```
//!
//! What the types are is not known here. A name says enough of a constant: an item of a type stands
//! for the same value wherever it is evaluated. Of a variant with fields the runtime knows the names on
//! the wire, which the derive macro lists; its type is told to the compiler by closures that are never
//! called. What is not recognised is one hole, as in any other attribute.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{
    Expr, ExprStruct, Member, Path, PathArguments, ext::IdentExt as _, spanned::Spanned as _,
};

use super::{
    ast::Splice,
    fill::{self, private, renderer, spanned},
    jumps::Context,
    template::{Body, MarkEnd},
};

/// Attributes that take an event.
const BINDINGS: [&str; 16] = [
    "phx-auto-recover",
    "phx-blur",
    "phx-change",
    "phx-click",
    "phx-click-away",
    "phx-focus",
    "phx-keydown",
    "phx-keyup",
    "phx-progress",
    "phx-submit",
    "phx-viewport-bottom",
    "phx-viewport-top",
    "phx-window-blur",
    "phx-window-focus",
    "phx-window-keydown",
    "phx-window-keyup",
];

/// An event whose name stands in the template.
pub(super) enum Event {
    /// Without fields, or the name of one that a form fills.
    Constant(Path),
    /// With fields.
    Fields { path: Path, fields: Vec<Field> },
}

/// A field of an event in a template.
pub(super) struct Field {
    member: Ident,
    /// What the template gives; else the browser brings it.
    value: Option<Expr>,
}

/// The event that is written out as the value of an attribute, if it is one.
pub(super) fn of(attribute: &str, value: &Splice) -> Option<Event> {
    if !BINDINGS.contains(&attribute) {
        return None;
    }
    match syn::parse2(value.expression.clone()).ok()? {
        Expr::Path(path) if path.attrs.is_empty() && path.qself.is_none() => {
            is_of_a_type(&path.path).then_some(Event::Constant(path.path))
        }
        Expr::Struct(event) => fields(event),
        _ => None,
    }
}

fn fields(event: ExprStruct) -> Option<Event> {
    let is_whole = event.attrs.is_empty()
        && event.qself.is_none()
        && event.dot2_token.is_none()
        && is_of_a_type(&event.path);
    let fields = event.fields.into_iter().map(|field| match field.member {
        Member::Named(member) if field.attrs.is_empty() => {
            let value = (!matches!(field.expr, Expr::Infer(_))).then_some(field.expr);
            Some(Field { member, value })
        }
        _ => None,
    });
    let fields = fields.collect::<Option<_>>()?;
    is_whole.then_some(Event::Fields { path: event.path, fields })
}

/// Whether a path is one of an item of a type, `Event::Refresh`: neither a generic parameter's
/// nor `Self`'s, which are unknown where a template's text is made.
fn is_of_a_type(path: &Path) -> bool {
    let has_arguments =
        path.segments.iter().any(|segment| !matches!(segment.arguments, PathArguments::None));
    let names: Vec<String> =
        path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
    let [.., owner, item] = names.as_slice() else { return false };
    let begins_upper = |name: &str| name.starts_with(char::is_uppercase);
    let is_type = begins_upper(owner) && owner.contains(char::is_lowercase) && owner != "Self";
    !has_arguments && is_type && begins_upper(item)
}

impl Body {
    /// Generates the value of an attribute that is an event; returns it as the skeleton has it.
    pub(super) fn event(
        &mut self,
        event: &Event,
        value: &Splice,
        context: &mut Context,
    ) -> TokenStream {
        context.check_jumps(&value.expression);
        match event {
            Event::Constant(path) => constant(path, value.span),
            Event::Fields { path, fields } => self.event_of_fields(path, fields, value.span),
        }
    }

    fn event_of_fields(&mut self, path: &Path, fields: &[Field], span: Span) -> TokenStream {
        let (private, span) = (private(), spanned(span));
        let variables: Vec<Ident> = fields
            .iter()
            .enumerate()
            .filter_map(|(index, field)| {
                let span = spanned(field.value.as_ref()?.span());
                Some(format_ident!("field_{index}", span = span))
            })
            .collect();
        let given: Vec<&Field> = fields.iter().filter(|field| field.value.is_some()).collect();
        let marks = self.event_fields(path, fields, &given, &variables, span);
        let names = given.iter().map(|field| field.member.unraw().to_string());
        let may_be_given: TokenStream = given
            .iter()
            .filter_map(|field| may_be_given(path, &field.member, field.value.as_ref()?.span()))
            .collect();
        let members = fields.iter().map(|field| {
            let member = &field.member;
            quote_spanned!(span=> #member: #private::brought())
        });
        let variant = path.segments.last().map(|last| last.ident.unraw().to_string());
        quote_spanned! {span=>
            ({
                #may_be_given
                #private::written(|| #path { #(#members),* }, #variant, &[#((#names, #marks)),*])
            })
        }
    }

    /// Adds a hole for each field that the template gives, and returns their marks. A field is borrowed,
    /// since nothing but its text is needed.
    fn event_fields(
        &mut self,
        path: &Path,
        fields: &[Field],
        given: &[&Field],
        variables: &[Ident],
        span: Span,
    ) -> Vec<TokenStream> {
        if given.is_empty() {
            return Vec::new();
        }
        let (private, renderer) = (private(), renderer());
        let outside = self.take_code();
        let marks = variables.iter().map(|variable| {
            let fill = fill::text(&quote_spanned! {variable.span()=>
                (&&#private::FieldPick(#variable)).pick().write(#variable, #renderer.text());
            });
            self.hole(MarkEnd::Keep, &fill).into_token_stream()
        });
        let marks = marks.collect();
        let holes = self.take_code();
        let mut named = variables.iter();
        let members = fields.iter().map(|field| {
            let member = &field.member;
            match field.value.as_ref().and_then(|_| named.next()) {
                Some(variable) => quote_spanned!(variable.span()=> #member: #variable),
                None => quote_spanned!(span=> #member: #private::brought()),
            }
        });
        let values = given.iter().map(|field| &field.value);
        self.put_code(quote! {
            #outside
            match (#(&(#values),)*) {
                (#(#variables,)*) => {
                    #private::typed(|| {
                        #(let #variables = #private::given(#variables);)*
                        #path { #(#members),* }
                    });
                    #holes
                }
            }
        });
        marks
    }
}

/// What refuses a field that only the browser can bring, where the path says whose variant it is of.
pub(super) fn may_be_given(path: &Path, member: &Ident, value: Span) -> Option<TokenStream> {
    let mut owner = path.clone();
    let variant = owner.segments.pop()?.ident.unraw().to_string();
    owner.segments.pop_punct();
    let last = owner.segments.last()?.ident.unraw().to_string();
    let is_enum = last.starts_with(char::is_uppercase) && last != "Self";
    let member = member.unraw().to_string();
    // All at the value's own span, so that the compiler points there and not at the whole template.
    is_enum.then(|| {
        quote_spanned! {value=>
            const _: () = ::belvedere::template::private::may_be_given(
                <#owner as ::belvedere::template::private::Variants>::VARIANTS,
                #variant,
                #member,
            );
        }
    })
}

/// Evaluated once, where the template's text is made, and written as in any other attribute.
fn constant(path: &Path, span: Span) -> TokenStream {
    let private = private();
    let text = Ident::new("text", Span::mixed_site());
    quote_spanned! {spanned(span)=>
        (#private::constant(|#text| match #private::Pick(&(#path)) {
            pick => (&&&&&&pick).pick_text().write(pick.0, #text),
        }))
    }
}

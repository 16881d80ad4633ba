//! `#[derive(LiveEvent)]`: an enum becomes the typed events of a view.
//!
//! Parsing (`variants`) turns the enum into events with everything checked; expansion here writes
//! the trait and the rendering for templates.

mod options;
mod variants;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{DeriveInput, Ident, Type, Visibility};

pub(crate) use variants::snake_case;
use variants::{Event, Field, FieldKind, Payload};

/// The derive's output, or a compile error for each mistake found.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    match variants::events(&input) {
        Ok(events) => generate(&input.ident, &input.vis, &events),
        Err(error) => error.into_compile_error(),
    }
}

fn generate(name: &Ident, visibility: &Visibility, events: &[Event<'_>]) -> TokenStream {
    let constants = constants(name, visibility, events);
    let live_event = live_event_impl(name, events);
    let push = push_impl(name, events);
    let variants = variants_impl(name, events);
    quote! {
        #constants
        #live_event
        #push
        #variants
    }
}

/// `Event::SAVE` for each variant filled from a form.
fn constants(name: &Ident, visibility: &Visibility, events: &[Event<'_>]) -> Option<TokenStream> {
    let forms = events.iter().filter(|event| matches!(event.payload, Payload::Form(_)));
    let constants: Vec<_> = forms
        .map(|event| {
            let (constant, wire_name) = (event.constant(), &event.wire_name);
            let doc =
                format!("Name of the event `{wire_name}`, for `phx-change` and `phx-submit`.");
            quote! {
                #[doc = #doc]
                #visibility const #constant: ::belvedere::event::EventName =
                    ::belvedere::event::EventName::new(#wire_name);
            }
        })
        .collect();
    (!constants.is_empty()).then(|| {
        quote! {
            #[automatically_derived]
            #[allow(dead_code, reason = "a view need not name every form in Rust")]
            impl #name {
                #(#constants)*
            }
        }
    })
}

fn live_event_impl(name: &Ident, events: &[Event<'_>]) -> TokenStream {
    let names = names(events);
    let name_arms = events.iter().map(|event| {
        let (variant, wire_name) = (event.ident, &event.wire_name);
        match &event.payload {
            Payload::Events(_) => {
                quote!(Self::#variant(ref event) => ::belvedere::event::LiveEvent::name(event),)
            }
            _ => quote!(Self::#variant { .. } => #wire_name,),
        }
    });
    let only_reads = only_reads(events);
    let without_fields = without_fields(events);
    // Those of other enums come last: their names are known to their types only.
    let (others, own): (Vec<_>, Vec<_>) =
        events.iter().partition(|event| matches!(event.payload, Payload::Events(_)));
    let decode_arms = own.into_iter().chain(others).map(decode_arm);
    quote! {
        #[automatically_derived]
        impl ::belvedere::event::LiveEvent for #name {
            const NAMES: &'static [&'static str] = #names;

            fn name(&self) -> &'static str {
                match *self {
                    #(#name_arms)*
                }
            }

            #only_reads

            fn decode(
                name: &str,
                payload: &::belvedere::event::EventValue,
            ) -> ::core::result::Result<Self, ::belvedere::event::EventError> {
                match name {
                    #(#decode_arms)*
                    _ => ::core::result::Result::Err(
                        ::belvedere::event::EventError::unknown::<Self>(name),
                    ),
                }
            }

            #without_fields
        }
    }
}

/// The events that have nothing to be read, if there are any.
fn without_fields(events: &[Event<'_>]) -> Option<TokenStream> {
    let arms: Vec<_> = events
        .iter()
        .filter(|event| match &event.payload {
            Payload::None => true,
            Payload::Fields(fields) => fields.is_empty(),
            Payload::Form(_) | Payload::Events(_) => false,
        })
        .map(|Event { ident, wire_name, .. }| {
            quote!(#wire_name => ::core::option::Option::Some(Self::#ident {}),)
        })
        .collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn without_fields(name: &str) -> ::core::option::Option<Self> {
                match name {
                    #(#arms)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    })
}

/// Which events change nothing, unless all may.
fn only_reads(events: &[Event<'_>]) -> Option<TokenStream> {
    let says = |event: &Event<'_>| event.only_reads || matches!(event.payload, Payload::Events(_));
    let arms = events.iter().map(|event| {
        let (variant, only_reads) = (event.ident, event.only_reads);
        match &event.payload {
            Payload::Events(_) => quote! {
                Self::#variant(ref event) => ::belvedere::event::LiveEvent::only_reads(event),
            },
            _ => quote!(Self::#variant { .. } => #only_reads,),
        }
    });
    events.iter().any(says).then(|| {
        quote! {
            fn only_reads(&self) -> bool {
                match *self {
                    #(#arms)*
                }
            }
        }
    })
}

/// All names in order of declaration, those of other enums in the place of their variant.
fn names(events: &[Event<'_>]) -> TokenStream {
    let wire_names = events.iter().map(|event| &event.wire_name);
    if !events.iter().any(|event| matches!(event.payload, Payload::Events(_))) {
        return quote!(&[#(#wire_names),*]);
    }
    let lists = events.iter().map(|event| match &event.payload {
        Payload::Events(ty) => {
            quote_spanned!(at(ty)=> <#ty as ::belvedere::event::LiveEvent>::NAMES)
        }
        _ => {
            let wire_name = &event.wire_name;
            quote!(&[#wire_name])
        }
    });
    quote! {{
        const LISTS: &[&[&str]] = &[#(#lists),*];
        const NAMES: [&str; ::belvedere::__private::n_names(LISTS)] =
            ::belvedere::__private::names(LISTS);
        &NAMES
    }}
}

fn decode_arm(event: &Event<'_>) -> TokenStream {
    let (variant, wire_name) = (event.ident, &event.wire_name);
    match &event.payload {
        Payload::None => quote!(#wire_name => ::core::result::Result::Ok(Self::#variant),),
        Payload::Fields(fields) if fields.is_empty() => {
            quote!(#wire_name => ::core::result::Result::Ok(Self::#variant {}),)
        }
        Payload::Fields(fields) => {
            let reads = fields.iter().map(|field| read(field, wire_name));
            let is_form = |field: &Field<'_>| field.kind == FieldKind::Form;
            let object = (!fields.iter().all(is_form))
                .then(|| quote!(let fields = payload.fields(#wire_name)?;));
            quote! {
                #wire_name => {
                    #object
                    ::core::result::Result::Ok(Self::#variant { #(#reads,)* })
                }
            }
        }
        Payload::Form(form) => {
            let read = quote_spanned!(at(form)=> payload.form::<#form>(#wire_name));
            quote!(#wire_name => ::core::result::Result::Ok(Self::#variant(#read?)),)
        }
        Payload::Events(ty) => {
            let events = quote_spanned!(at(ty)=> <#ty as ::belvedere::event::LiveEvent>);
            quote! {
                name if #events::declared_name(name).is_some() => {
                    ::core::result::Result::Ok(Self::#variant(#events::decode(name, payload)?))
                }
            }
        }
    }
}

fn read(field: &Field<'_>, wire_name: &str) -> TokenStream {
    let Field { ident, key, ty, kind } = field;
    let read = match kind {
        FieldKind::Required => quote_spanned!(at(ty)=> fields.read::<#ty>(#key)),
        FieldKind::Default => quote_spanned!(at(ty)=> fields.read_or_default::<#ty>(#key)),
        FieldKind::Form => quote_spanned!(at(ty)=> payload.form::<#ty>(#wire_name)),
    };
    quote!(#ident: #read?)
}

/// The event as the client's `push` command, which is how a template renders it.
fn push_impl(name: &Ident, events: &[Event<'_>]) -> TokenStream {
    let arms = events.iter().map(|event| {
        let (variant, wire_name) = (event.ident, &event.wire_name);
        let begin = quote!(::belvedere::__private::PushCommand::begin(out, #wire_name));
        let fields = match &event.payload {
            Payload::Fields(fields) => fields,
            Payload::Events(_) => {
                return quote! {
                    Self::#variant(event) => ::belvedere::event::PushEvent::push(event, out),
                };
            }
            Payload::None | Payload::Form(_) => return quote!(Self::#variant { .. } => #begin,),
        };
        let fields: Vec<_> = fields.iter().filter(|field| field.kind != FieldKind::Form).collect();
        let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
        let bindings: Vec<_> =
            (0..fields.len()).map(|index| format_ident!("__field_{index}")).collect();
        let writes = fields.iter().zip(&bindings).map(|(field, binding)| {
            let key = &field.key;
            quote_spanned!(at(field.ty)=> .field(#key, #binding))
        });
        quote!(Self::#variant { #(#names: #bindings,)* .. } => #begin #(#writes)*,)
    });
    // An empty enum has no value to match by reference.
    let body =
        if events.is_empty() { quote!(match *self {}) } else { quote!(match self { #(#arms)* }) };
    quote! {
        #[automatically_derived]
        impl ::belvedere::event::PushEvent for #name {
            fn push<'a>(
                &self,
                out: &'a mut ::std::string::String,
            ) -> ::belvedere::__private::PushCommand<'a> {
                #body
            }
        }

        #[automatically_derived]
        impl ::belvedere::__private::maud::Render for #name {
            fn render_to(&self, buffer: &mut ::std::string::String) {
                ::belvedere::__private::render_event(self, buffer);
            }
        }
    }
}

/// The names of the variants with fields, for events that are written out in a template.
fn variants_impl(name: &Ident, events: &[Event<'_>]) -> TokenStream {
    let variants = events.iter().filter_map(|event| {
        let Payload::Fields(fields) = &event.payload else { return None };
        let (ident, wire_name) = (event.ident.unraw().to_string(), &event.wire_name);
        let fields = fields.iter().map(|Field { ident, key, ty, kind }| {
            let is_form = *kind == FieldKind::Form;
            let ident = ident.unraw().to_string();
            let is_text = quote_spanned!(at(ty)=> ::belvedere::__private::Probe::<#ty>::IS_TEXT);
            quote! {
                ::belvedere::__private::Field {
                    ident: #ident,
                    key: #key,
                    is_text: #is_text,
                    is_form: #is_form,
                }
            }
        });
        Some(quote! {
            ::belvedere::__private::Variant {
                ident: #ident,
                name: #wire_name,
                fields: &[#(#fields),*],
            }
        })
    });
    quote! {
        #[automatically_derived]
        impl ::belvedere::__private::Variants for #name {
            const VARIANTS: &'static [::belvedere::__private::Variant] = {
                #[allow(unused_imports, reason = "all fields may be text")]
                use ::belvedere::__private::NotText as _;
                &[#(#variants),*]
            };
        }
    }
}

/// Where an error about a type is reported: at the type, with names resolved as in the expansion.
pub(crate) fn at(ty: &Type) -> Span {
    ty.span().resolved_at(Span::call_site())
}

//! An enum without fields as what a person chooses from.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{DataEnum, Error, Fields, Ident};

use super::attributes;
use crate::live_event::snake_case;

pub(super) fn expand(name: &Ident, data: &DataEnum) -> Result<TokenStream, Error> {
    for variant in &data.variants {
        attributes::refuse(&variant.attrs)?;
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new(
                variant.ident.span(),
                "a choice has no fields\n\
                 help: keep them in a struct of their own beside the choice",
            ));
        }
    }
    let Some(first) = data.variants.first().map(|variant| &variant.ident) else {
        return Err(Error::new(name.span(), "there is nothing to choose from: add a variant"));
    };
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let values: Vec<_> =
        variants.iter().map(|variant| snake_case(&variant.unraw().to_string())).collect();
    Ok(quote! {
        #[automatically_derived]
        impl ::belvedere::form::FormText for #name {
            fn read_text(
                text: &str,
            ) -> ::core::result::Result<Self, ::belvedere::event::FieldProblem> {
                match text {
                    #(#values => ::core::result::Result::Ok(Self::#variants),)*
                    other => ::core::result::Result::Err(
                        ::belvedere::form::private::no_choice(other),
                    ),
                }
            }

            fn to_text(&self) -> ::std::string::String {
                ::std::string::String::from(::belvedere::form::Choice::value(self))
            }

            fn blank() -> ::core::option::Option<Self> {
                ::core::option::Option::Some(Self::#first)
            }
        }

        #[automatically_derived]
        impl ::belvedere::form::Choice for #name {
            const ALL: &'static [Self] = &[#(Self::#variants),*];

            fn value(&self) -> &'static str {
                match self {
                    #(Self::#variants => #values,)*
                }
            }
        }

        ::belvedere::__form_text!([] #name);
    })
}

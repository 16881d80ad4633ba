//! What stands in `#[form(…)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, Ident, LitInt, LitStr, Path, Token, parenthesized};

/// Begins the names that the client and the runtime use.
const RESERVED: char = '_';

/// On the struct: `#[form(garde)]`, `#[form(check = in_order)]`.
#[derive(Default)]
pub(super) struct OfStruct {
    garde: Option<Path>,
    checks: Vec<Path>,
}

impl OfStruct {
    pub(super) fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        let mut read = Self::default();
        for attribute in ours(attributes) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("garde") {
                    read.garde = Some(meta.path);
                } else if meta.path.is_ident("check") {
                    read.checks.push(meta.value()?.parse()?);
                } else {
                    return Err(meta.error(
                        "a form knows no such attribute\n\
                         help: on the struct stand `#[form(garde)]` and `#[form(check = function)]`",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }

    /// The body of `Form::check`.
    pub(super) fn checks(&self) -> TokenStream {
        let garde = self.garde.iter().map(|_| quote!(errors.garde(self);));
        let checks = &self.checks;
        quote!(#(#garde)* #(#checks(self, errors);)*)
    }
}

/// On a field: `#[form(value)]`, `#[form(max_rows = 20)]`, `#[form(constraint("…", "is taken"))]`.
#[derive(Default)]
pub(super) struct OfField {
    pub(super) is_value: bool,
    pub(super) max_rows: Option<LitInt>,
    pub(super) constraints: Vec<(LitStr, LitStr)>,
}

impl OfField {
    pub(super) fn read(field: &Ident, attributes: &[Attribute]) -> Result<Self, Error> {
        if field.to_string().starts_with(RESERVED) {
            return Err(Error::new(
                field.span(),
                "names that begin with `_` are the browser's own in a form\n\
                 help: call the field without it",
            ));
        }
        let mut read = Self::default();
        for attribute in ours(attributes) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("value") {
                    read.is_value = true;
                } else if meta.path.is_ident("max_rows") {
                    read.max_rows = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("constraint") {
                    let content;
                    parenthesized!(content in meta.input);
                    let name = content.parse()?;
                    content.parse::<Token![,]>()?;
                    read.constraints.push((name, content.parse()?));
                } else {
                    return Err(meta.error(
                        "a form knows no such attribute\n\
                         help: on a field stand `#[form(value)]`, `#[form(max_rows = 20)]` and \
                         `#[form(constraint(\"users_email_key\", \"is taken\"))]`",
                    ));
                }
                Ok(())
            })?;
        }
        Ok(read)
    }
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("form"))
}

//! What stands in `#[form(…)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Ident, LitInt, LitStr, Path, Token, parenthesized, token};

/// Begins the names that the client and the runtime use.
const RESERVED: char = '_';

/// On the struct: `#[form(garde)]`, `#[form(check = in_order)]`, `#[form(check = in_order(first, last))]`.
#[derive(Default)]
pub(super) struct OfStruct {
    garde: Option<Path>,
    checks: Vec<Check>,
}

/// A function of the author's, and the fields that it looks at; all when none is named.
struct Check {
    function: Path,
    fields: Vec<Ident>,
}

impl Check {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let function = input.call(Path::parse_mod_style)?;
        let mut fields = Vec::new();
        if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            fields.extend(Punctuated::<Ident, Token![,]>::parse_terminated(&content)?);
        }
        Ok(Self { function, fields })
    }

    /// Calls it once what it looks at can be read.
    fn call(&self) -> TokenStream {
        let Self { function, fields } = self;
        let errors = if fields.is_empty() {
            quote!(errors.of_read())
        } else {
            let f = Ident::new("f", Span::call_site());
            let slots = fields.iter().map(
                |field| quote_spanned!(field.span()=> ::belvedere::form::private::slot(#f.#field)),
            );
            quote!(errors.of_read_fields(|#f| [#(#slots),*]))
        };
        quote!(if let ::core::option::Option::Some(errors) = &mut #errors { #function(self, errors); })
    }
}

impl OfStruct {
    pub(super) fn read(attributes: &[Attribute]) -> Result<Self, Error> {
        let mut read = Self::default();
        for attribute in ours(attributes) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("garde") {
                    read.garde = Some(meta.path);
                } else if meta.path.is_ident("check") {
                    read.checks.push(Check::parse(meta.value()?)?);
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
        let checks = self.checks.iter().map(Check::call);
        quote!(#(#garde)* #(#checks)*)
    }
}

/// On a field: `#[form(value)]`, `#[form(max_rows = 20)]`, `#[form(constraint("…", "is taken"))]`.
#[derive(Default)]
pub(super) struct OfField {
    pub(super) is_value: bool,
    pub(super) max_rows: Option<(Span, LitInt)>,
    pub(super) constraints: Vec<Constraint>,
}

/// A constraint of the database, and what is said when it refuses.
pub(super) struct Constraint {
    pub(super) span: Span,
    pub(super) name: LitStr,
    pub(super) text: LitStr,
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
                    read.max_rows = Some((meta.path.span(), meta.value()?.parse()?));
                } else if meta.path.is_ident("constraint") {
                    let content;
                    parenthesized!(content in meta.input);
                    let name = content.parse()?;
                    content.parse::<Token![,]>()?;
                    let (span, text) = (meta.path.span(), content.parse()?);
                    read.constraints.push(Constraint { span, name, text });
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

/// Refuses attributes where none means anything.
pub(super) fn refuse(attributes: &[Attribute]) -> Result<(), Error> {
    ours(attributes).next().map_or(Ok(()), |attribute| {
        Err(Error::new(
            attribute.span(),
            "a choice takes no `#[form(…)]`\n\
             help: what is to be checked stands in the struct that asks for the choice",
        ))
    })
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("form"))
}

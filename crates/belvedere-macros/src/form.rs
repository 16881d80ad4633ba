//! `#[derive(Form)]`: a struct becomes what a form asks for, an enum what a person chooses from.

mod attributes;
mod choice;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Error, Fields, Ident, Type, Visibility};

use attributes::{Constraint, OfField, OfStruct};

use crate::live_event::at;

/// The derive's output, or a compile error for each mistake found.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let expanded = syn::parse2::<DeriveInput>(input).and_then(|input| {
        if !input.generics.params.is_empty() {
            return Err(Error::new(
                input.generics.span(),
                "a form cannot be generic: the names of its inputs are fixed when the server is built\n\
                 help: write the types out; use `String` rather than `&str`",
            ));
        }
        match &input.data {
            Data::Enum(data) => {
                attributes::refuse(&input.attrs)?;
                choice::expand(&input.ident, data)
            }
            Data::Struct(data) => of_struct(&input, &data.fields),
            Data::Union(_) => Err(Error::new(input.ident.span(), MISTAKEN)),
        }
    });
    expanded.unwrap_or_else(Error::into_compile_error)
}

const MISTAKEN: &str = "`Form` is derived for a struct with named fields, or an enum without\n\
                        help: give each input a name, such as `struct SignUp { email: String }`";

/// One field of the struct.
struct Field<'a> {
    visibility: &'a Visibility,
    ident: &'a Ident,
    ty: Type,
    of: OfField,
}

impl Field<'_> {
    /// Calls what the field's type, or the wrapper of one that is foreign, has for it.
    fn call(&self, function: &str) -> TokenStream {
        let (ty, function) = (&self.ty, format_ident!("{function}"));
        let span = at(ty);
        if self.of.is_value {
            quote_spanned!(span=> ::belvedere::form::private::Foreign::<#ty>::#function)
        } else {
            quote_spanned!(span=> <#ty as ::belvedere::form::FormField>::#function)
        }
    }

    fn path_type(&self) -> TokenStream {
        let ty = &self.ty;
        let span = at(ty);
        if self.of.is_value {
            quote_spanned!(span=> ::belvedere::form::InputPath<#ty>)
        } else {
            quote_spanned!(span=> <#ty as ::belvedere::form::FormField>::Path)
        }
    }

    fn describe(&self) -> TokenStream {
        let (describe, key) = (self.call("describe"), self.ident.unraw().to_string());
        let path = self.path_type();
        let constraints = self.of.constraints.iter().map(|Constraint { span, name, text }| {
            let is_one = at_attribute(*span, "one_slot", &path);
            quote!(#is_one schema.constraint(#name, #text);)
        });
        let max_rows = self.of.max_rows.iter().map(|(span, max_rows)| {
            let is_list = at_attribute(*span, "list_of_rows", &path);
            quote!(#is_list schema.max_rows(#max_rows);)
        });
        quote! {
            #describe(#key, schema);
            #(#constraints)*
            #(#max_rows)*
        }
    }

    fn read(&self) -> TokenStream {
        let (ident, ty, read) = (self.ident, &self.ty, self.call("read"));
        if self.of.is_value {
            quote!(let #ident = #read(reader, (&&Blank::<#ty>::of()).blank());)
        } else {
            quote!(let #ident = #read(reader);)
        }
    }

    fn each(&self, function: &str, with: &TokenStream) -> TokenStream {
        let (ident, call) = (self.ident, self.call(function));
        if self.of.is_value && function == "walk" {
            quote!(#call(#with);)
        } else {
            quote!(#call(&self.#ident, #with);)
        }
    }
}

/// Fails to compile, at the attribute, where the field is of a kind that does not take it.
fn at_attribute(span: Span, takes: &str, path: &TokenStream) -> TokenStream {
    let takes = Ident::new(takes, span);
    let path = path.clone().into_iter().map(|mut token| {
        token.set_span(span);
        token
    });
    let path: TokenStream = path.collect();
    quote_spanned!(span=> ::belvedere::form::private::#takes::<#path>();)
}

fn of_struct(input: &DeriveInput, fields: &Fields) -> Result<TokenStream, Error> {
    let Fields::Named(named) = fields else {
        return Err(Error::new(input.ident.span(), MISTAKEN));
    };
    let of_struct = OfStruct::read(&input.attrs)?;
    let mut fields = Vec::new();
    for field in &named.named {
        let Some(ident) = &field.ident else { continue };
        let of = OfField::read(ident, &field.attrs)?;
        let ty = syn::parse2(named_self(field.ty.to_token_stream(), &input.ident))?;
        fields.push(Field { visibility: &field.vis, ident, ty, of });
    }
    let name = &input.ident;
    let paths = format_ident!("{name}Fields");
    let paths_struct = paths_struct(&paths, &input.vis, name, &fields);
    let form = form_impl(name, &paths, &fields, &of_struct);
    let field = field_impls(name, &paths);
    Ok(quote!(#paths_struct #form #field))
}

/// A type with the struct's name for `Self`, which is another type in `SignUpFields`.
fn named_self(ty: TokenStream, name: &Ident) -> TokenStream {
    ty.into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                TokenTree::Ident(Ident::new(&name.to_string(), ident.span()))
            }
            TokenTree::Group(group) => {
                let mut named = Group::new(group.delimiter(), named_self(group.stream(), name));
                named.set_span(group.span());
                TokenTree::Group(named)
            }
            token => token,
        })
        .collect()
}

/// `SignUpFields`, whose fields are where those of `SignUp` stand in a form.
fn paths_struct(
    paths: &Ident,
    visibility: &Visibility,
    name: &Ident,
    fields: &[Field<'_>],
) -> TokenStream {
    let doc = format!("Where the fields of [`{name}`] stand in a form.");
    let field = fields.iter().map(|field| {
        let (visibility, ident, ty) = (field.visibility, field.ident, field.path_type());
        let doc = format!("Where `{ident}` stands.");
        quote!(#[doc = #doc] #visibility #ident: #ty)
    });
    quote! {
        #[doc = #doc]
        #[automatically_derived]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #[allow(dead_code, reason = "a view need not show every field")]
        #visibility struct #paths { #(#field,)* }
    }
}

fn form_impl(
    name: &Ident,
    paths: &Ident,
    fields: &[Field<'_>],
    of_struct: &OfStruct,
) -> TokenStream {
    let private = quote!(::belvedere::form::private);
    let idents: Vec<_> = fields.iter().map(|field| field.ident).collect();
    let path = fields.iter().map(|field| field.call("path"));
    let describe = fields.iter().map(Field::describe);
    let read = fields.iter().map(Field::read);
    let write = fields.iter().map(|field| field.each("write", &quote!(writer)));
    let walk = fields.iter().map(|field| field.each("walk", &quote!(checker)));
    let checks = of_struct.checks();
    quote! {
        #[automatically_derived]
        impl ::belvedere::form::Form for #name {
            type Fields = #paths;

            fn schema() -> &'static #private::Schema {
                static SCHEMA: ::std::sync::LazyLock<#private::Schema> =
                    ::std::sync::LazyLock::new(|| {
                        #private::Schema::new(<#name as ::belvedere::form::Form>::describe_fields)
                    });
                &SCHEMA
            }

            fn fields(slot: &mut usize) -> #paths {
                let _ = &slot;
                #paths { #(#idents: #path(slot),)* }
            }

            fn describe_fields(schema: &mut #private::SchemaBuilder) {
                let _ = &schema;
                #(#describe)*
            }

            #[allow(unused_imports, reason = "only for fields of foreign types")]
            fn read(reader: &mut #private::Reader<'_>) -> ::core::option::Option<Self> {
                use #private::{Blank, ViaDefault as _, ViaNothing as _};
                let _ = &reader;
                #(#read)*
                ::core::option::Option::Some(Self { #(#idents: #idents?,)* })
            }

            fn write(&self, writer: &mut #private::Writer<'_>) {
                let _ = &writer;
                #(#write)*
            }

            fn walk(&self, checker: &mut #private::Checker<'_>) {
                let _ = &checker;
                #(#walk)*
            }

            fn check(&self, errors: &mut ::belvedere::form::Errors<'_, Self>) {
                let _ = &errors;
                #checks
            }
        }
    }
}

/// The struct as a group of inputs in another, and as a row.
fn field_impls(name: &Ident, paths: &Ident) -> TokenStream {
    let private = quote!(::belvedere::form::private);
    let form = quote!(<#name as ::belvedere::form::Form>);
    quote! {
        #[automatically_derived]
        impl ::belvedere::form::FormField for #name {
            type Path = #paths;

            fn path(slot: &mut usize) -> #paths {
                #form::fields(slot)
            }

            fn describe(key: &'static str, schema: &mut #private::SchemaBuilder) {
                schema.nested(key, #form::describe_fields);
            }

            fn read(reader: &mut #private::Reader<'_>) -> ::core::option::Option<Self> {
                #form::read(reader)
            }

            fn write(&self, writer: &mut #private::Writer<'_>) {
                #form::write(self, writer);
            }

            fn walk(&self, checker: &mut #private::Checker<'_>) {
                #private::walk(self, checker);
            }
        }

        #[automatically_derived]
        impl ::belvedere::form::FormItem for #name {
            type Path = ::belvedere::form::RowsPath<Self>;

            fn list_path(slot: &mut usize) -> Self::Path {
                #private::rows_path(slot)
            }

            fn describe_list(key: &'static str, schema: &mut #private::SchemaBuilder) {
                #private::describe_rows::<Self>(key, schema);
            }

            fn read_list(
                reader: &mut #private::Reader<'_>,
            ) -> ::core::option::Option<::std::vec::Vec<Self>> {
                #private::read_rows(reader)
            }

            fn write_list(items: &[Self], writer: &mut #private::Writer<'_>) {
                #private::write_rows(items, writer);
            }

            fn walk_list(items: &[Self], checker: &mut #private::Checker<'_>) {
                #private::walk_rows(items, checker);
            }
        }
    }
}

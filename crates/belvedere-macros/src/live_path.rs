//! `#[derive(LivePath)]`: a struct becomes the URL of a page, path and query.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Error, Fields, LitStr};

/// The derive's output, or a compile error for what is wrong.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    syn::parse2::<DeriveInput>(input)
        .and_then(|input| generate(&input))
        .unwrap_or_else(Error::into_compile_error)
}

fn generate(input: &DeriveInput) -> Result<TokenStream, Error> {
    let route = route(input)?;
    check(input, &route)?;
    let name = &input.ident;
    let (with_generics, of_type, condition) = input.generics.split_for_impl();
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(&input.generics, "a URL is a struct without generics"));
    }
    Ok(quote! {
        #[automatically_derived]
        impl #with_generics ::belvedere::LivePath for #name #of_type #condition {
            const ROUTE: &'static str = #route;
        }

        #[automatically_derived]
        impl ::std::fmt::Display for #name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(&::belvedere::__private::path_text(self))
            }
        }

        #[automatically_derived]
        impl ::std::convert::From<#name> for ::std::string::String {
            fn from(path: #name) -> Self {
                ::belvedere::__private::path_text(&path)
            }
        }

        #[automatically_derived]
        impl ::std::convert::From<&#name> for ::std::string::String {
            fn from(path: &#name) -> Self {
                ::belvedere::__private::path_text(path)
            }
        }

        #[automatically_derived]
        impl<S: ::std::marker::Sync> ::belvedere::http::live_path::FromRequestParts<S> for #name {
            type Rejection = ::belvedere::http::LivePathRejection;

            async fn from_request_parts(
                parts: &mut ::belvedere::http::live_path::Parts,
                _: &S,
            ) -> ::std::result::Result<Self, Self::Rejection> {
                ::belvedere::http::live_path::read_path(parts).await
            }
        }
    })
}

/// The route of `#[live_path("/users/{id}")]`.
fn route(input: &DeriveInput) -> Result<LitStr, Error> {
    let attribute = input.attrs.iter().find(|attribute| attribute.path().is_ident("live_path"));
    let attribute = attribute.ok_or_else(|| {
        Error::new_spanned(&input.ident, "say the route: `#[live_path(\"/users/{id}\")]`")
    })?;
    attribute.parse_args()
}

/// Every parameter of the route is a field; all other fields are the query's.
fn check(input: &DeriveInput, route: &LitStr) -> Result<(), Error> {
    let fields = match &input.data {
        Data::Struct(data) => &data.fields,
        Data::Enum(_) | Data::Union(_) => {
            return Err(Error::new_spanned(&input.ident, "a URL is a struct with named fields"));
        }
    };
    if let Fields::Unnamed(_) = fields {
        return Err(Error::new_spanned(fields, "a URL is a struct with named fields"));
    }
    let text = route.value();
    if !text.starts_with('/') {
        return Err(Error::new_spanned(route, "a route begins with `/`"));
    }
    for parameter in parameters(&text) {
        let is_it = |field: &syn::Field| {
            field.ident.as_ref().is_some_and(|ident| ident.unraw() == parameter)
        };
        if !fields.iter().any(is_it) {
            let message =
                format!("the route has `{{{parameter}}}`, and the struct no field `{parameter}`");
            return Err(Error::new_spanned(route, message));
        }
    }
    Ok(())
}

/// The names in braces, without the star of a wildcard.
fn parameters(route: &str) -> impl Iterator<Item = &str> {
    let segments = route.split('/');
    let names = segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    names.map(|name| name.trim_start_matches('*'))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;

    fn message(input: proc_macro2::TokenStream) -> String {
        expand(input).to_string()
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said() {
        for (input, expected) in [
            (
                quote!(
                    struct Users;
                ),
                "say the route",
            ),
            (
                quote!(
                    #[live_path("users")]
                    struct Users;
                ),
                "a route begins with",
            ),
            (
                quote!(
                    #[live_path("/users")]
                    struct Users(u32);
                ),
                "named fields",
            ),
            (
                quote!(
                    #[live_path("/users")]
                    enum Users {}
                ),
                "named fields",
            ),
            (
                quote!(
                    #[live_path("/users/{id}")]
                    struct Users {
                        page: u32,
                    }
                ),
                "no field `id`",
            ),
        ] {
            let said = message(input);
            assert!(said.contains("compile_error") && said.contains(expected), "{said}");
        }
        let fits = quote!(
            #[live_path("/a/{id}/{*rest}")]
            struct A {
                id: u32,
                rest: String,
                q: String,
            }
        );
        assert!(!message(fits).contains("compile_error"));
    }
}

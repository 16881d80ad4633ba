//! The attributes of inputs for files, and of pictures of what was chosen.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::super::ast::{Attribute, Element, Name, Value};
use super::{Attributes, Bound, FIELD, type_of};

pub(super) const PREVIEW: &str = "preview";

/// The attributes of an element that shows what may be chosen, or was, if it does.
pub(super) fn bound(element: &Element, name: &Name, span: Span) -> Option<Bound> {
    let is_file = || type_of(element).as_deref() == Some("file");
    match (element.name.to_string().to_lowercase().as_str(), name.text.as_str()) {
        ("img", PREVIEW) => Some(Ok((PREVIEW, Attributes { kind: PREVIEW, span }.preview()))),
        (_, PREVIEW) => {
            Some(Err("`preview` stands on an `img`: it shows a file that was chosen".into()))
        }
        ("input", FIELD) if is_file() => {
            Some(Ok(("file", Attributes { kind: "file", span }.file())))
        }
        _ => None,
    }
}

impl Attributes {
    /// What an input for files has: the client reads all of it, also where it is empty.
    pub(super) fn file(&self) -> Vec<Attribute> {
        let refs =
            |name: &str, method: TokenStream| self.named(&format!("data-phx-{name}-refs"), method);
        let accept = self.call(quote!(accept()));
        vec![
            self.id(quote!(id())),
            self.named_alike("name"),
            Attribute::Named { name: self.name("accept"), value: Value::Optional(accept) },
            self.toggle("multiple", self.call(quote!(is_multiple()))),
            self.named("aria-invalid", quote!(invalid())),
            self.text("data-phx-hook", "Phoenix.LiveFileUpload"),
            self.named("data-phx-upload-ref", quote!(id())),
            refs("active", quote!(active())),
            refs("done", quote!(done())),
            refs("preflighted", quote!(preflighted())),
            refs("error", quote!(failed())),
            self.toggle("data-phx-auto-upload", self.call(quote!(is_auto()))),
        ]
    }

    /// What an `img` has that shows a chosen file, which the browser has already.
    pub(super) fn preview(&self) -> Vec<Attribute> {
        vec![
            self.id(quote!(id())),
            self.text("data-phx-hook", "Phoenix.LiveImgPreview"),
            self.text("data-phx-update", "ignore"),
            self.named("data-phx-upload-ref", quote!(upload())),
            self.named("data-phx-entry-ref", quote!(entry())),
        ]
    }
}

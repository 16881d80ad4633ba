//! The enum as a list of events, or everything that is wrong with it at once.

use std::collections::HashMap;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Data, DeriveInput, Error, Fields, Ident, Type, Variant};

use super::options::Options;

/// One event, from one variant.
pub(super) struct Event<'a> {
    pub(super) ident: &'a Ident,
    /// As its author chose, else the variant's name in snake_case.
    pub(super) wire_name: String,
    pub(super) payload: Payload<'a>,
    /// It changes nothing beyond its page: `#[live_event(reads)]`, on the variant or the enum.
    pub(super) only_reads: bool,
}

impl Event<'_> {
    /// The variant's name in capitals: the constant that names the event in a template.
    pub(super) fn constant(&self) -> Ident {
        let name = snake_case(&self.ident.unraw().to_string());
        Ident::new(&name.to_uppercase(), self.ident.span())
    }
}

/// What comes with an event.
pub(super) enum Payload<'a> {
    /// Nothing: `Refresh`.
    None,
    /// An object: `Delete { id: UserId }`.
    Fields(Vec<Field<'a>>),
    /// One value, from a form: `Save(UserForm)`.
    Form(&'a Type),
    /// The events of another enum: `#[live_event(events)] Pages(PageEvent)`.
    Events(&'a Type),
}

/// One field of a struct variant.
pub(super) struct Field<'a> {
    pub(super) ident: &'a Ident,
    /// Its name on the wire: as its author chose, else as declared, without a raw identifier's `r#`.
    pub(super) key: String,
    pub(super) ty: &'a Type,
    pub(super) kind: FieldKind,
}

/// Where a field comes from.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum FieldKind {
    /// From the payload, where it must be.
    Required,
    /// From the payload, else the type's default: `#[live_event(default)]`.
    Default,
    /// From the whole payload, as a form's type: `#[live_event(form)]`.
    Form,
}

pub(super) fn events(input: &DeriveInput) -> Result<Vec<Event<'_>>, Error> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "`LiveEvent` is derived for an enum\n\
             help: make it an enum with one variant per event, such as `Refresh` or `Delete { id: UserId }`",
        ));
    };
    let mut errors = Errors::default();
    errors.extend(generics(input));
    let all_read = match Options::of(&input.attrs, &["reads"]) {
        Ok(options) => options.has("reads"),
        Err(error) => {
            errors.extend(Some(error));
            false
        }
    };
    let mut events = Vec::new();
    let mut spans: HashMap<String, Span> = HashMap::new();
    for variant in &data.variants {
        match event(variant, all_read) {
            Ok(event) if matches!(event.payload, Payload::Events(_)) => events.push(event),
            Ok(event) => {
                if let Some(first) = spans.insert(event.wire_name.clone(), variant.ident.span()) {
                    errors.extend(Some(duplicate(&event, first)));
                }
                events.push(event);
            }
            Err(error) => errors.extend(Some(error)),
        }
    }
    errors.into_result().map(|()| events)
}

fn generics(input: &DeriveInput) -> Option<Error> {
    (!input.generics.params.is_empty()).then(|| {
        Error::new(
            input.generics.span(),
            "events cannot be generic: what a browser may send is fixed when the server is built\n\
             help: write the types out; a payload borrows nothing, so use `String` rather than `&str`",
        )
    })
}

fn event(variant: &Variant, all_read: bool) -> Result<Event<'_>, Error> {
    let ident = &variant.ident;
    let options = Options::of(&variant.attrs, &["name", "events", "reads"])?;
    let payload = match &variant.fields {
        Fields::Unit => Payload::None,
        Fields::Named(fields) => {
            let fields = fields.named.iter().filter_map(|field| field_of(field).transpose());
            let fields = fields.collect::<Result<Vec<_>, _>>()?;
            keys_differ(&fields)?;
            Payload::Fields(fields)
        }
        Fields::Unnamed(fields) => match fields.unnamed.first() {
            Some(inner) if fields.unnamed.len() != 1 || !inner.attrs.is_empty() => {
                return Err(tuple(variant));
            }
            Some(events) if options.has("events") => Payload::Events(&events.ty),
            Some(form) => Payload::Form(&form.ty),
            None => return Err(tuple(variant)),
        },
    };
    if options.has("events") && (options.name.is_some() || !matches!(payload, Payload::Events(_))) {
        return Err(Error::new(
            ident.span(),
            format!(
                "`events` is for a variant around another enum of events, which keep their own names\n\
                 help: `#[live_event(events)] {ident}({ident}Event)`"
            ),
        ));
    }
    if options.has("events") && options.has("reads") {
        return Err(Error::new(
            ident.span(),
            "whether these events only read is said where they are declared\n\
             help: write `#[live_event(reads)]` on their own enum, or on some of its variants",
        ));
    }
    let only_reads = all_read || options.has("reads");
    let wire_name = options.name.unwrap_or_else(|| snake_case(&ident.unraw().to_string()));
    let event = Event { ident, wire_name, payload, only_reads };
    if matches!(event.payload, Payload::Form(_)) && event.constant() == *ident {
        return Err(Error::new(
            ident.span(),
            format!(
                "the constant that names this event in a template would be `{ident}` as well\n\
                 help: give the variant a longer name in CamelCase"
            ),
        ));
    }
    Ok(event)
}

fn field_of(field: &syn::Field) -> Result<Option<Field<'_>>, Error> {
    let Some(ident) = field.ident.as_ref() else { return Ok(None) };
    let options = Options::of(&field.attrs, &["name", "default", "form"])?;
    let kind = match (options.has("default"), options.has("form")) {
        (false, false) => FieldKind::Required,
        (true, false) => FieldKind::Default,
        (false, true) => FieldKind::Form,
        (true, true) => {
            return Err(Error::new(
                ident.span(),
                "a field is read from the `form`, or by its name with a `default`; not both",
            ));
        }
    };
    if let (FieldKind::Form, Some(name)) = (kind, &options.name) {
        return Err(Error::new(
            ident.span(),
            format!(
                "a field that is the whole form has no name on the wire, such as `{name}`\n\
                 help: leave `name` out; the form's own fields are named in its type"
            ),
        ));
    }
    let key = options.name.unwrap_or_else(|| ident.unraw().to_string());
    Ok(Some(Field { ident, key, ty: &field.ty, kind }))
}

/// Refuses two fields that the payload would have under one key.
fn keys_differ(fields: &[Field<'_>]) -> Result<(), Error> {
    let mut errors = Errors::default();
    let mut spans: HashMap<&str, Span> = HashMap::new();
    for Field { ident, key, .. } in fields.iter().filter(|field| field.kind != FieldKind::Form) {
        let Some(first) = spans.insert(key, ident.span()) else { continue };
        let mut error = Error::new(
            ident.span(),
            format!(
                "two fields of this event have the wire name `{key}`\n\
                 help: give one of them another `#[live_event(name = \"…\")]`"
            ),
        );
        error.combine(Error::new(first, format!("`{key}` is this field's name first")));
        errors.extend(Some(error));
    }
    errors.into_result()
}

fn tuple(variant: &Variant) -> Error {
    let ident = &variant.ident;
    let found = variant.fields.len();
    Error::new(
        variant.fields.span(),
        format!(
            "an event has named fields, or one type filled from a form; this tuple has {found}\n\
             help: name them, `{ident} {{ id: … }}`, or gather them in one type, `{ident}({ident}Form)`"
        ),
    )
}

fn duplicate(event: &Event<'_>, first: Span) -> Error {
    let wire_name = &event.wire_name;
    let mut error = Error::new(
        event.ident.span(),
        format!(
            "two variants have the wire name `{wire_name}`\n\
             help: rename one so that they differ in more than capitals and underscores"
        ),
    );
    error.combine(Error::new(first, format!("`{wire_name}` is this variant's name first")));
    error
}

/// `SaveUser` as `save_user`, `URLChanged` as `url_changed`, `Step2` as `step2`.
pub(crate) fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, &character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| characters.get(before));
        let after = characters.get(index + 1);
        let starts_word = character.is_uppercase()
            && before.is_some_and(|before| {
                let ends_capitals = after.is_some_and(|after| after.is_lowercase());
                *before != '_' && (!before.is_uppercase() || ends_capitals)
            });
        if starts_word {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

/// Every mistake found so far, so that one never hides the next.
#[derive(Default)]
struct Errors(Option<Error>);

impl Errors {
    fn extend(&mut self, error: Option<Error>) {
        match (&mut self.0, error) {
            (Some(errors), Some(error)) => errors.combine(error),
            (errors @ None, error) => *errors = error,
            (Some(_), None) => {}
        }
    }

    fn into_result(self) -> Result<(), Error> {
        self.0.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_names_are_snake_case() {
        for (name, expected) in [
            ("Refresh", "refresh"),
            ("SaveUser", "save_user"),
            ("URLChanged", "url_changed"),
            ("OpenURL", "open_url"),
            ("Step2", "step2"),
            ("Step2Done", "step2_done"),
            ("A", "a"),
            ("Already_Snaked", "already_snaked"),
            ("Löschen", "löschen"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}

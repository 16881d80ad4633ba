//! `field=(…)` and `errors=(…)`: the attributes of an element from one expression.
//!
//! ```text
//! input type="email" field=(form.field(|f| f.email));
//! ```
//!
//! is the same as
//!
//! ```text
//! input type="email" #(field.id()) name=(field.name()) value=(field.value())
//!     aria-invalid=(field.invalid()) aria-describedby=(field.error_id());
//! ```
//!
//! with the expression evaluated once. What the author writes by hand stays. `preview=(…)` on an `img`
//! shows a chosen file in the same way.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::LitStr;

use super::{
    ast::{Attribute, Element, End, Markup, Name, NameOrMarkup, Splice, Value},
    fill::spanned,
};

mod files;

const FIELD: &str = "field";
const ERRORS: &str = "errors";

/// What an element shows of a form.
pub(super) enum Binding {
    /// The value that the attributes are made from: a `let` before them.
    Value(TokenStream),
    Mistake(Span, &'static str),
}

/// Why an element cannot show a field.
struct Mistake {
    /// Of what is at fault, if it is not the attribute itself.
    span: Option<Span>,
    text: &'static str,
}

impl From<&'static str> for Mistake {
    fn from(text: &'static str) -> Self {
        Self { span: None, text }
    }
}

/// The name of the value, invisible to the author's expressions. The end of a form sees that of the
/// form, though inputs stand between, and an `option` that of its `select`.
fn variable(kind: &str) -> Ident {
    Ident::new(kind, Span::mixed_site())
}

/// Replaces `field=(…)`, `errors=(…)` or `preview=(…)` among the attributes of an element.
pub(super) fn bind(element: &mut Element) -> Option<Binding> {
    let is_ours = |attribute: &Attribute| {
        matches!(attribute, Attribute::Named { name, value: Value::Markup(Markup::Splice(_)) }
            if [FIELD, ERRORS, files::PREVIEW].contains(&name.text.as_str()))
    };
    let index = element.attributes.iter().position(is_ours)?;
    let Attribute::Named { name, value: Value::Markup(Markup::Splice(splice)) } =
        element.attributes.remove(index)
    else {
        return None;
    };
    let of_files = files::bound(element, &name, splice.span);
    let (kind, bound) = match of_files.unwrap_or_else(|| bound(element, &name, splice.span)) {
        Ok(bound) => bound,
        Err(Mistake { span, text }) => {
            return Some(Binding::Mistake(span.unwrap_or(name.span), text));
        }
    };
    let new = bound.into_iter().filter(|new| !element.attributes.iter().any(|own| same(own, new)));
    let new: Vec<_> = new.collect();
    element.attributes.splice(index..index, new);
    let (variable, function) = (variable(kind), format_ident!("{kind}"));
    let expression = &splice.expression;
    // A statement of its own, so that what the expression makes lives as long as the value.
    Some(Binding::Value(quote_spanned! {spanned(splice.span)=>
        let #variable = &(#expression);
        let #variable = ::belvedere::__private::#function(#variable);
    }))
}

const ELSEWHERE: &str = "`field` stands on `input`, `select`, `textarea`, `label`, `fieldset`, `button`, `form` \
                         and elements of your own\nhelp: what is wrong with an input is shown by `errors=(…)`, \
                         on any element";

/// The function of `__private` that takes the value of an element, and the attributes made from that.
type Bound = Result<(&'static str, Vec<Attribute>), Mistake>;

/// The attributes for an element.
fn bound(element: &mut Element, name: &Name, span: Span) -> Bound {
    let tag = element.name.to_string().to_lowercase();
    let kind = match tag.as_str() {
        _ if name.text == ERRORS => ERRORS,
        "button" => "row_edit",
        "form" => "form",
        "input" => "input",
        _ => FIELD,
    };
    let attributes = Attributes { kind, span };
    let bound = match tag.as_str() {
        _ if kind == ERRORS => {
            content(element, &attributes.call(quote!(error())));
            vec![attributes.id(quote!(error_id())), attributes.text("aria-live", "polite")]
        }
        "input" => {
            let of_input = attributes.input(element)?;
            if type_of(element).as_deref() == Some("checkbox") {
                element.companion = Some(Box::new(attributes.companion(element)));
            }
            of_input
        }
        "button" => attributes.row_edit(element),
        "form" => {
            let start = attributes.call(quote!(start()));
            let inside = attributes.call(quote!(inside()));
            if let End::Body(markups) = &mut element.end {
                markups.insert(0, Markup::Splice(start));
                markups.push(Markup::Splice(inside));
            }
            vec![attributes.id(quote!(id()))]
        }
        "label" => vec![attributes.named("for", quote!(id()))],
        "fieldset" => vec![attributes.id(quote!(id())), attributes.described()],
        "select" => {
            if let End::Body(markups) = &mut element.end {
                options(markups, &attributes)?;
            }
            if has(element, "multiple") {
                element.companion = Some(Box::new(attributes.companion(element)));
            }
            attributes.control()
        }
        "textarea" => {
            content(element, &attributes.call(quote!(value())));
            attributes.control()
        }
        custom if custom.contains('-') => {
            let mut control = attributes.control();
            control.push(attributes.named_alike("value"));
            control
        }
        _ => return Err(ELSEWHERE.into()),
    };
    Ok((kind, bound))
}

/// Puts a value where an element has no content.
fn content(element: &mut Element, value: &Splice) {
    if let End::Body(markups) = &mut element.end
        && markups.is_empty()
    {
        markups.push(Markup::Splice(value.clone()));
    }
}

/// Marks the options that are chosen.
fn options(markups: &mut [Markup], attributes: &Attributes) -> Result<(), Mistake> {
    for markup in markups {
        match markup {
            Markup::Block(markups) => options(markups, attributes)?,
            Markup::If(chain) => {
                for (_, body) in &mut chain.branches {
                    options(body, attributes)?;
                }
                options(chain.otherwise.as_deref_mut().unwrap_or_default(), attributes)?;
            }
            Markup::For(rows) => options(&mut rows.body, attributes)?,
            Markup::While { body, .. } => options(body, attributes)?,
            Markup::Match { arms, .. } => {
                for arm in arms {
                    options(std::slice::from_mut(&mut arm.body), attributes)?;
                }
            }
            Markup::Element(element) if element.name.to_string() == "option" => {
                if has(element, "selected") {
                    continue;
                }
                let value = value_of(element)?.ok_or(
                    "an `option` of a `select` with `field` has a `value`\nhelp: write \
                     `option value=\"\" { \"None\" }` for one that stands for nothing",
                )?;
                let chosen = attributes.call(quote!(holds(#value)));
                element.attributes.push(attributes.toggle("selected", chosen));
            }
            Markup::Element(element) => {
                if let End::Body(markups) = &mut element.end {
                    options(markups, attributes)?;
                }
            }
            Markup::Splice(splice) => {
                return Err(Mistake {
                    span: Some(splice.span),
                    text: "`field` on a `select` cannot choose among `option`s that are made elsewhere\n\
                           help: write them here, `@for … { option value=(…) { … } }`; or give the \
                           `select` `name=(field.name())` in place of `field`, and each `option` \
                           `selected[field.holds(value)]`",
                });
            }
            Markup::Literal(_) | Markup::Let(_) => {}
        }
    }
    Ok(())
}

/// Attributes made from the value.
struct Attributes {
    kind: &'static str,
    span: Span,
}

impl Attributes {
    /// A method of the value.
    fn call(&self, method: TokenStream) -> Splice {
        let variable = variable(self.kind);
        Splice {
            expression: quote_spanned!(spanned(self.span)=> #variable.#method),
            span: self.span,
        }
    }

    fn id(&self, method: TokenStream) -> Attribute {
        Attribute::Id(NameOrMarkup::Markup(Markup::Splice(self.call(method))))
    }

    fn name(&self, text: &str) -> Name {
        let literal = LitStr::new(text, spanned(self.span));
        Name { tokens: quote!(#literal), text: text.to_owned(), span: self.span }
    }

    fn named(&self, name: &str, method: TokenStream) -> Attribute {
        let value = Value::Markup(Markup::Splice(self.call(method)));
        Attribute::Named { name: self.name(name), value }
    }

    /// An attribute from the method of the same name.
    fn named_alike(&self, name: &str) -> Attribute {
        let method = format_ident!("{name}");
        self.named(name, quote!(#method()))
    }

    /// An attribute with a text that is known now.
    fn text(&self, name: &str, text: &str) -> Attribute {
        let value = Value::Markup(Markup::Literal(LitStr::new(text, spanned(self.span))));
        Attribute::Named { name: self.name(name), value }
    }

    /// An attribute without a value.
    fn empty(&self, name: &str) -> Attribute {
        Attribute::Named { name: self.name(name), value: Value::Empty }
    }

    fn toggle(&self, name: &str, is_on: Splice) -> Attribute {
        Attribute::Named { name: self.name(name), value: Value::Toggle(is_on) }
    }

    fn described(&self) -> Attribute {
        self.named("aria-describedby", quote!(error_id()))
    }

    /// Of a button that asks something of rows. Unless it has a type, it sends the form by itself, where
    /// the page's script does not; and then no input needs to be right yet.
    fn row_edit(&self, element: &Element) -> Vec<Attribute> {
        let mut attributes = vec![self.named_alike("name"), self.named_alike("value")];
        if !has(element, "type") {
            attributes.extend(["formnovalidate", "data-row-edit"].map(|name| self.empty(name)));
        }
        attributes
    }

    /// What every input has, but for its value.
    fn control(&self) -> Vec<Attribute> {
        vec![
            self.id(quote!(id())),
            self.named_alike("name"),
            self.named("aria-invalid", quote!(invalid())),
            self.described(),
        ]
    }

    /// The hidden input before a box or a list of choices: what is not chosen is told apart from what
    /// is not in the page.
    fn companion(&self, element: &Element) -> Element {
        let mut attributes = vec![self.text("type", "hidden")];
        attributes.extend(element.attributes.iter().filter_map(sent_alike));
        attributes.extend([self.named_alike("name"), self.text("value", "")]);
        let name = Ident::new("input", spanned(self.span)).into_token_stream();
        Element { name, attributes, binding: None, companion: None, end: End::Void }
    }

    fn input(&self, element: &Element) -> Result<Vec<Attribute>, Mistake> {
        let mut attributes = self.control();
        let kind = type_of(element);
        if kind.is_none() && has(element, "type") {
            return Err("the type of an `input` with `field` is written out, since other attributes follow \
                        from it\nhelp: one `input` for each type, such as by `@if` or `@match`"
                .into());
        }
        match kind.as_deref() {
            Some("hidden") => {
                attributes.truncate(2);
                attributes.push(self.named_alike("value"));
            }
            Some(kind @ ("checkbox" | "radio")) => {
                let value = value_of(element)?;
                if kind == "radio" && value.is_none() {
                    return Err("a radio button has a `value`: what is chosen by it".into());
                }
                let is_of_several = value.is_some();
                let value = value.unwrap_or_else(|| quote!("true"));
                if is_of_several {
                    attributes[0] = self.id(quote!(choice_id(#value)));
                } else {
                    attributes.push(self.named("value", quote!(box_value())));
                }
                attributes.push(self.toggle("checked", self.call(quote!(holds(#value)))));
            }
            Some("submit" | "button" | "reset" | "image") => {
                return Err(
                    "nothing is typed into an input of this type, so it has no `field`".into()
                );
            }
            _ => attributes.push(self.named_alike("value")),
        }
        Ok(attributes)
    }
}

/// The same attribute, if it says whether an input is sent, or with which form.
fn sent_alike(attribute: &Attribute) -> Option<Attribute> {
    let Attribute::Named { name, value } = attribute else { return None };
    if !["disabled", "form"].contains(&name.text.as_str()) {
        return None;
    }
    let value = match value {
        Value::Empty => Value::Empty,
        Value::Toggle(splice) => Value::Toggle(splice.clone()),
        Value::Optional(splice) => Value::Optional(splice.clone()),
        Value::Markup(Markup::Literal(text)) => Value::Markup(Markup::Literal(text.clone())),
        Value::Markup(Markup::Splice(splice)) => Value::Markup(Markup::Splice(splice.clone())),
        Value::Markup(_) => return None,
    };
    let name = Name { tokens: name.tokens.clone(), text: name.text.clone(), span: name.span };
    Some(Attribute::Named { name, value })
}

/// The type of an `input`, if it is written out.
fn type_of(element: &Element) -> Option<String> {
    element.attributes.iter().find_map(|attribute| match attribute {
        Attribute::Named { name, value: Value::Markup(Markup::Literal(literal)) }
            if name.text == "type" =>
        {
            Some(literal.value().to_lowercase())
        }
        _ => None,
    })
}

/// The value that the author has given an element, as an expression to borrow.
fn value_of(element: &Element) -> Result<Option<TokenStream>, &'static str> {
    let value = element.attributes.iter().find_map(|attribute| match attribute {
        Attribute::Named { name, value } if name.text == "value" => Some(value),
        _ => None,
    });
    match value {
        None => Ok(None),
        Some(Value::Markup(Markup::Literal(literal))) => Ok(Some(quote!(#literal))),
        Some(Value::Markup(Markup::Splice(splice))) => {
            let expression = &splice.expression;
            Ok(Some(quote_spanned!(splice.span=> &(#expression))))
        }
        Some(_) => Err("with `field`, a value is a text or one expression in parentheses: \
                        `value=(plan.value())`"),
    }
}

fn has(element: &Element, attribute: &str) -> bool {
    let is_it =
        |own: &Attribute| matches!(own, Attribute::Named { name, .. } if name.text == attribute);
    element.attributes.iter().any(is_it)
}

/// Whether two attributes are one in HTML.
fn same(one: &Attribute, other: &Attribute) -> bool {
    let name = |attribute: &Attribute| match attribute {
        Attribute::Class { .. } => None,
        Attribute::Id(_) => Some("id".to_owned()),
        Attribute::Named { name, .. } => Some(name.text.clone()),
    };
    name(one).is_some() && name(one) == name(other)
}

//! Attributes of an element, their holes numbered in maud's order of printing: plain classes,
//! toggled classes, id, then the others.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{
    ast::{Attribute, Markup, Name, NameOrMarkup, Splice, Value},
    bindings, events, fill,
    jumps::Context,
    links,
    template::{Body, MARK_START, MarkEnd, holds_mark_start},
};

impl Body {
    /// Generates the `attributes` of `element`; the skeleton keeps their source order, which maud sorts by kind.
    pub(super) fn attributes(
        &mut self,
        element: &TokenStream,
        attributes: &[Attribute],
        context: &mut Context,
    ) {
        for attribute in attributes {
            if let Attribute::Named { name, value: Value::Toggle(_) | Value::Optional(_) } =
                attribute
            {
                self.may_show(element, &name.text);
            }
        }
        let mut skeletons = vec![TokenStream::new(); attributes.len()];
        for kind in [Kind::PlainClass, Kind::ToggledClass, Kind::Id, Kind::Named] {
            let mut n_classes = 0;
            for (attribute, skeleton) in attributes.iter().zip(&mut skeletons) {
                if Kind::of(attribute) == kind && !links::is_replace(attribute, attributes) {
                    let written = self.attribute(attribute, n_classes, context);
                    let marks = links::marks(attribute, attributes);
                    *skeleton = quote!(#written #marks);
                }
                n_classes += usize::from(matches!(attribute, Attribute::Class { .. }));
            }
        }
        skeletons.into_iter().for_each(|skeleton| self.push_skeleton(skeleton));
    }

    fn attribute(
        &mut self,
        attribute: &Attribute,
        n_classes_before: usize,
        context: &mut Context,
    ) -> TokenStream {
        match attribute {
            Attribute::Class { name, toggle: None } => {
                let name = self.name_or_markup(name, context);
                quote!(. #name)
            }
            Attribute::Class { name, toggle: Some(toggle) } => {
                self.toggled_class(name, toggle, n_classes_before, context)
            }
            Attribute::Id(name) => {
                let name = self.name_or_markup(name, context);
                quote!(# #name)
            }
            Attribute::Named { value: Value::Markup(to), .. } if links::is_link(attribute) => {
                let to = match to {
                    Markup::Splice(splice) => {
                        &Markup::Splice(fill::attribute_value("href", splice))
                    }
                    to => to,
                };
                let value = self.value(to, context);
                quote!(href = #value)
            }
            Attribute::Named { name, value } => self.named(name, value, context),
        }
    }

    /// maud prints a space before every class but the first in source order.
    fn toggled_class(
        &mut self,
        name: &NameOrMarkup,
        toggle: &Splice,
        n_classes_before: usize,
        context: &mut Context,
    ) -> TokenStream {
        context.check_jumps(&toggle.expression);
        let (end, space) = match n_classes_before {
            0 => (MarkEnd::Keep, None),
            _ => (MarkEnd::EatSpace, Some(fill::literal(" "))),
        };
        let name = match name {
            NameOrMarkup::Name(name) => fill::literal(&name.text),
            NameOrMarkup::Markup(markup) => fill::run(markup),
        };
        let mark = self.hole(end, &fill::text(&fill::toggle(toggle, &quote!(#space #name))));
        quote!(. #mark [true])
    }

    fn name_or_markup(&mut self, name: &NameOrMarkup, context: &mut Context) -> TokenStream {
        match name {
            NameOrMarkup::Name(name) => {
                check_name(name, context);
                name.tokens.clone()
            }
            NameOrMarkup::Markup(markup) => self.value(markup, context),
        }
    }

    fn named(&mut self, name: &Name, value: &Value, context: &mut Context) -> TokenStream {
        if name.text == "key" && !matches!(value, Value::Empty) {
            context.error(
                name.span,
                "`key` is only allowed once, as `key=(…)`, on the single root element of an `@for` \
                 body; where a row has none, write `@for item in items, key=(item.id)`",
            );
        }
        check_name(name, context);
        if let Some(problem) = bindings::problem(&name.text) {
            context.error(name.span, &problem);
        }
        let tokens = &name.tokens;
        match value {
            Value::Empty => name.tokens.clone(),
            Value::Markup(Markup::Splice(splice)) => {
                if let Some(event) = events::of(&name.text, splice) {
                    let value = self.event(&event, splice, context);
                    return quote!(#tokens = #value);
                }
                let splice = fill::attribute_value(&name.text, splice);
                let value = self.value(&Markup::Splice(splice), context);
                quote!(#tokens = #value)
            }
            Value::Markup(markup) => {
                let value = self.value(markup, context);
                quote!(#tokens = #value)
            }
            Value::Toggle(toggle) => {
                context.check_jumps(&toggle.expression);
                let written = fill::literal(&format!(" {}", name.text));
                self.hole(MarkEnd::EatSpace, &fill::text(&fill::toggle(toggle, &written)))
                    .into_token_stream()
            }
            Value::Optional(option) => {
                context.check_jumps(&option.expression);
                self.hole(MarkEnd::EatSpace, &fill::text(&fill::optional(&name.text, option)))
                    .into_token_stream()
            }
        }
    }

    /// The parts of a concatenated value are holes of their own; control flow in it is one hole.
    fn value(&mut self, markup: &Markup, context: &mut Context) -> TokenStream {
        match markup {
            Markup::Block(markups)
                if !markups.iter().any(|part| matches!(part, Markup::Let(_))) =>
            {
                let parts: Vec<_> = markups.iter().map(|part| self.value(part, context)).collect();
                quote!({ #(#parts)* })
            }
            Markup::Literal(literal) if !holds_mark_start(literal) => literal.to_token_stream(),
            Markup::Splice(splice) => {
                context.check_jumps(&splice.expression);
                self.hole(MarkEnd::Keep, &fill::text_splice(splice)).into_token_stream()
            }
            markup => self.hole(MarkEnd::Keep, &fill::text(&fill::run(markup))).into_token_stream(),
        }
    }
}

/// Refuses a name that could be taken for a mark, which a value could be, since it is made a hole.
fn check_name(name: &Name, context: &mut Context) {
    if name.text.contains(MARK_START) {
        context.error(name.span, "a name cannot hold the private-use character U+E000");
    }
}

/// maud's order of printing.
#[derive(PartialEq)]
enum Kind {
    PlainClass,
    ToggledClass,
    Id,
    Named,
}

impl Kind {
    fn of(attribute: &Attribute) -> Self {
        match attribute {
            Attribute::Class { toggle: None, .. } => Self::PlainClass,
            Attribute::Class { toggle: Some(_), .. } => Self::ToggledClass,
            Attribute::Id(_) => Self::Id,
            Attribute::Named { .. } => Self::Named,
        }
    }
}

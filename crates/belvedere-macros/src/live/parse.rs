//! From tokens to the tree.
//!
//! Accepts what maud accepts. Contents of splices and toggles are not looked at: a half-typed
//! expression reaches the compiler as it stands, and the rest of the template still expands. An
//! error here is never shown, since `maud::html!` then explains the author's text in its own words.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Expr, Ident, Lit, LitInt, LitStr, Pat, Stmt, Token, braced, bracketed,
    ext::IdentExt,
    parenthesized,
    parse::{ParseStream, Result},
    token::{Brace, Bracket, Paren},
};

use super::ast::{
    Arm, Attribute, Element, End, For, If, Markup, Name, NameOrMarkup, Splice, Value,
};
use super::field;

/// Where a piece of markup stands, which decides whether elements are allowed.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Body,
    Attribute,
}

/// Parses the whole input of `live!`.
pub(super) fn template(input: ParseStream<'_>) -> Result<Vec<Markup>> {
    markups(input, Place::Body)
}

fn markups(input: ParseStream<'_>, place: Place) -> Result<Vec<Markup>> {
    let mut markups = Vec::new();
    while !input.is_empty() {
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
        } else {
            markups.push(markup(input, place)?);
        }
    }
    Ok(markups)
}

fn markup(input: ParseStream<'_>, place: Place) -> Result<Markup> {
    if input.peek(Brace) {
        return block(input, place).map(Markup::Block);
    }
    if input.peek(Lit) {
        return input.parse().map(Markup::Literal);
    }
    if input.peek(Paren) {
        return parenthesised(input).map(Markup::Splice);
    }
    if input.peek(Token![@]) {
        return control_flow(input, place);
    }
    if place == Place::Attribute || is_bare_keyword(input) {
        return Err(input.error("expected markup"));
    }
    element(input).map(Markup::Element)
}

/// A Rust keyword where its `@` was forgotten; as an attribute's name (`for="…"`) it is fine.
fn is_bare_keyword(input: ParseStream<'_>) -> bool {
    input.peek(Token![let])
        || input.peek(Token![if])
        || input.peek(Token![else])
        || input.peek(Token![for])
        || input.peek(Token![while])
        || input.peek(Token![match])
}

fn block(input: ParseStream<'_>, place: Place) -> Result<Vec<Markup>> {
    let content;
    braced!(content in input);
    markups(&content, place)
}

fn parenthesised(input: ParseStream<'_>) -> Result<Splice> {
    let content;
    let span = parenthesized!(content in input).span.join();
    Ok(Splice { expression: content.parse()?, span })
}

fn bracketed(input: ParseStream<'_>) -> Result<Splice> {
    let content;
    let span = bracketed!(content in input).span.join();
    Ok(Splice { expression: content.parse()?, span })
}

fn element(input: ParseStream<'_>) -> Result<Element> {
    let start = input.span();
    let name = match input.peek(Ident::peek_any) {
        true => name(input)?.tokens,
        false if input.peek(Token![.]) || input.peek(Token![#]) => TokenStream::new(),
        false => return Err(input.error("expected an element")),
    };
    let mut attributes = Vec::new();
    while starts_attribute(input) {
        attributes.push(attribute(input)?);
    }
    let end = if input.peek(Token![;]) {
        input.parse::<Token![;]>()?;
        End::Void
    } else if input.peek(Brace) {
        End::Body(block(input, Place::Body)?)
    } else {
        End::Missing(start)
    };
    let mut element = Element { name, attributes, binding: None, companion: None, end };
    element.binding = field::bind(&mut element);
    Ok(element)
}

fn starts_attribute(input: ParseStream<'_>) -> bool {
    input.peek(Ident::peek_any) || input.peek(Lit) || input.peek(Token![.]) || input.peek(Token![#])
}

fn attribute(input: ParseStream<'_>) -> Result<Attribute> {
    if input.peek(Token![.]) {
        input.parse::<Token![.]>()?;
        let name = name_or_markup(input)?;
        let toggle = input.peek(Bracket).then(|| bracketed(input)).transpose()?;
        return Ok(Attribute::Class { name, toggle });
    }
    if input.peek(Token![#]) {
        input.parse::<Token![#]>()?;
        return name_or_markup(input).map(Attribute::Id);
    }
    let name = name(input)?;
    if input.peek(Token![?]) {
        input.parse::<Token![?]>()?;
    }
    Ok(Attribute::Named { name, value: value(input)? })
}

fn value(input: ParseStream<'_>) -> Result<Value> {
    if input.peek(Bracket) {
        return bracketed(input).map(Value::Toggle);
    }
    if !input.peek(Token![=]) {
        return Ok(Value::Empty);
    }
    input.parse::<Token![=]>()?;
    if input.peek(Bracket) {
        return bracketed(input).map(Value::Optional);
    }
    single(input, Place::Attribute).map(Value::Markup)
}

/// One piece of markup where a binding would have nothing to bind for.
fn single(input: ParseStream<'_>, place: Place) -> Result<Markup> {
    match markup(input, place)? {
        Markup::Let(_) => Err(input.error("`@let` is only allowed inside blocks")),
        markup => Ok(markup),
    }
}

fn name_or_markup(input: ParseStream<'_>) -> Result<NameOrMarkup> {
    if input.peek(Ident::peek_any) || input.peek(Lit) {
        return name(input).map(NameOrMarkup::Name);
    }
    single(input, Place::Attribute).map(NameOrMarkup::Markup)
}

/// Fragments joined by `-` and `:`; a fragment may be empty, as in `a--b`.
fn name(input: ParseStream<'_>) -> Result<Name> {
    let span = input.span();
    let mut tokens = TokenStream::new();
    let mut text = String::new();
    loop {
        if input.peek(Ident::peek_any) {
            let ident = input.call(Ident::parse_any)?;
            text.push_str(&ident.to_string());
            ident.to_tokens(&mut tokens);
        } else if input.peek(LitInt) {
            let number: LitInt = input.parse()?;
            text.push_str(&number.to_string());
            number.to_tokens(&mut tokens);
        } else if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            text.push_str(&literal.value());
            literal.to_tokens(&mut tokens);
        } else if !(input.peek(Token![-]) || input.peek(Token![:])) {
            return Err(input.error("expected a name"));
        }
        if input.peek(Token![-]) {
            text.push('-');
            input.parse::<Token![-]>()?.to_tokens(&mut tokens);
        } else if input.peek(Token![:]) {
            text.push(':');
            input.parse::<Token![:]>()?.to_tokens(&mut tokens);
        } else {
            return Ok(Name { tokens, text, span });
        }
    }
}

fn control_flow(input: ParseStream<'_>, place: Place) -> Result<Markup> {
    input.parse::<Token![@]>()?;
    if input.peek(Token![if]) {
        return if_chain(input, place).map(Markup::If);
    }
    if input.peek(Token![for]) {
        return for_loop(input, place).map(Markup::For);
    }
    if input.peek(Token![while]) {
        input.parse::<Token![while]>()?;
        let condition = condition(input)?;
        return Ok(Markup::While { condition, body: block(input, place)? });
    }
    if input.peek(Token![match]) {
        return match_arms(input, place);
    }
    if input.peek(Token![let]) {
        let statement: Stmt = input.parse()?;
        return Ok(Markup::Let(statement.into_token_stream()));
    }
    Err(input.error("expected control flow"))
}

fn condition(input: ParseStream<'_>) -> Result<TokenStream> {
    input.call(Expr::parse_without_eager_brace).map(Expr::into_token_stream)
}

fn if_chain(input: ParseStream<'_>, place: Place) -> Result<If> {
    let mut branches = Vec::new();
    loop {
        input.parse::<Token![if]>()?;
        let condition = condition(input)?;
        branches.push((condition, block(input, place)?));
        if !(input.peek(Token![@]) && input.peek2(Token![else])) {
            return Ok(If { branches, otherwise: None });
        }
        input.parse::<Token![@]>()?;
        input.parse::<Token![else]>()?;
        if !input.peek(Token![if]) {
            let otherwise = Some(block(input, place)?);
            return Ok(If { branches, otherwise });
        }
    }
}

fn for_loop(input: ParseStream<'_>, place: Place) -> Result<For> {
    input.parse::<Token![for]>()?;
    let pattern = input.call(Pat::parse_multi_with_leading_vert)?.into_token_stream();
    input.parse::<Token![in]>()?;
    let iterator = condition(input)?;
    let key = input.peek(Token![,]).then(|| header_key(input)).transpose()?;
    let mut body = block(input, place)?;
    let key = match key {
        Some(key) => Some(key),
        None => take_root_key(&mut body),
    };
    Ok(For { pattern, iterator, key, body })
}

/// `, key=(…)` after the iterator.
fn header_key(input: ParseStream<'_>) -> Result<Splice> {
    input.parse::<Token![,]>()?;
    let name: Ident = input.parse()?;
    if name != "key" {
        return Err(syn::Error::new(name.span(), "expected `key`"));
    }
    input.parse::<Token![=]>()?;
    parenthesised(input)
}

/// Takes `key=(…)` off the row's root element. What is left elsewhere is reported when the
/// attributes are generated.
fn take_root_key(body: &mut [Markup]) -> Option<Splice> {
    let mut roots = body.iter_mut().filter(|markup| !matches!(markup, Markup::Let(_)));
    let (Some(Markup::Element(root)), None) = (roots.next(), roots.next()) else {
        return None;
    };
    let index = root.attributes.iter().position(is_key)?;
    match root.attributes.remove(index) {
        Attribute::Named { value: Value::Markup(Markup::Splice(key)), .. } => Some(key),
        _ => None,
    }
}

fn is_key(attribute: &Attribute) -> bool {
    matches!(
        attribute,
        Attribute::Named { name, value: Value::Markup(Markup::Splice(_)) } if name.text == "key"
    )
}

fn match_arms(input: ParseStream<'_>, place: Place) -> Result<Markup> {
    input.parse::<Token![match]>()?;
    let subject = condition(input)?;
    let content;
    braced!(content in input);
    let mut arms = Vec::new();
    while !content.is_empty() {
        arms.push(arm(&content, place)?);
    }
    Ok(Markup::Match { subject, arms })
}

fn arm(input: ParseStream<'_>, place: Place) -> Result<Arm> {
    let mut head = Pat::parse_multi_with_leading_vert(input)?.into_token_stream();
    if input.peek(Token![if]) {
        input.parse::<Token![if]>()?.to_tokens(&mut head);
        input.parse::<Expr>()?.to_tokens(&mut head);
    }
    input.parse::<Token![=>]>()?;
    let body = markup(input, place)?;
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok(Arm { head, body })
}

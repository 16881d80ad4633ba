//! The tree of a template: maud's grammar, with every Rust expression left as tokens.

use proc_macro2::{Span, TokenStream};
use syn::LitStr;

use super::field::Binding;

/// One item of a template or of an attribute's value.
pub(super) enum Markup {
    /// `{ … }` standing alone.
    Block(Vec<Self>),
    /// `"text"`, escaped by maud.
    Literal(LitStr),
    /// `(expression)`.
    Splice(Splice),
    /// `name.class attribute=… { … }`, never inside an attribute.
    Element(Element),
    /// `@if`, with every `@else if` and the `@else` of its chain.
    If(If),
    /// `@for`.
    For(For),
    /// `@while`, whose rows are told apart by their index.
    While { condition: TokenStream, body: Vec<Self> },
    /// `@match`.
    Match { subject: TokenStream, arms: Vec<Arm> },
    /// `@let …;`, the whole Rust statement.
    Let(TokenStream),
}

/// An expression with the span of the brackets around it, where errors about its type point.
#[derive(Clone)]
pub(super) struct Splice {
    pub(super) expression: TokenStream,
    pub(super) span: Span,
}

pub(super) struct Element {
    /// As written; empty for the implied `div`.
    pub(super) name: TokenStream,
    /// In source order.
    pub(super) attributes: Vec<Attribute>,
    /// What it shows of a form; the attributes for that are among the others.
    pub(super) binding: Option<Binding>,
    /// A hidden input before it, which is sent though nothing is chosen.
    pub(super) companion: Option<Box<Self>>,
    pub(super) end: End,
}

/// How an element ends.
pub(super) enum End {
    /// `;`, of a void element.
    Void,
    /// `{ … }`.
    Body(Vec<Markup>),
    /// With neither; the element begins here.
    Missing(Span),
}

pub(super) enum Attribute {
    /// `.name` or `.name[toggle]`.
    Class { name: NameOrMarkup, toggle: Option<Splice> },
    /// `#name`.
    Id(NameOrMarkup),
    /// `name`, `name=…`, `name[…]`, `name=[…]`.
    Named { name: Name, value: Value },
}

pub(super) enum Value {
    Empty,
    Toggle(Splice),
    Optional(Splice),
    Markup(Markup),
}

/// The name of an element, attribute, class or id: `data-user-id`, `aria:label`, `"@click"`.
pub(super) struct Name {
    /// As written, for the skeleton.
    pub(super) tokens: TokenStream,
    /// What maud prints for it, before escaping.
    pub(super) text: String,
    pub(super) span: Span,
}

pub(super) enum NameOrMarkup {
    Name(Name),
    Markup(Markup),
}

pub(super) struct If {
    /// Condition and body of `@if` and of each `@else if`.
    pub(super) branches: Vec<(TokenStream, Vec<Markup>)>,
    pub(super) otherwise: Option<Vec<Markup>>,
}

pub(super) struct For {
    pub(super) pattern: TokenStream,
    pub(super) iterator: TokenStream,
    /// From the header or from the row's root element, where `parse` finds it.
    pub(super) key: Option<Splice>,
    pub(super) body: Vec<Markup>,
}

pub(super) struct Arm {
    /// Pattern and guard.
    pub(super) head: TokenStream,
    pub(super) body: Markup,
}

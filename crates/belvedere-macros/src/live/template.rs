//! One body of a template: the skeleton maud renders, and the code that fills its holes.
//!
//! Holes are numbered in the order in which maud prints and evaluates them, so the code runs from
//! top to bottom and nothing is sorted while a page renders.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::{LitStr, spanned::Spanned};

use super::{
    ast::{Element, End, Markup, Splice},
    control,
    field::Binding,
    fill::{self, hole_variable, maud_path, node_variable, private, renderer},
    jumps::Context,
};

/// Opens a mark; the number of its hole follows. A private-use character, which the author's own
/// text may contain too.
pub(super) const MARK_START: char = '\u{E000}';

/// How a hole's mark ends, which tells the splitter what to do with the text before it.
#[derive(Clone, Copy)]
pub(super) enum MarkEnd {
    /// The text is kept as it is.
    Keep,
    /// Drop one space: the hole writes its own, or nothing.
    EatSpace,
}

/// Where the next text of a body stands, which matters to elements whose first line break is dropped.
#[derive(Clone, Copy, Default, PartialEq)]
enum Position {
    /// After nothing but holes: wherever the template is placed decides.
    #[default]
    First,
    /// First in such an element.
    Leading,
    /// After text or an element of the template, or within one.
    Within,
}

/// Skeleton and code under construction.
#[derive(Default)]
pub(super) struct Body {
    skeleton: TokenStream,
    code: TokenStream,
    n_holes: usize,
    position: Position,
    /// Attributes that are written only sometimes, of which a policy may have a say, as HTML.
    may_show: String,
}

/// A block that renders `markups` as one node, of type `Done`. `is_element` lets the browser skip
/// the node while nothing in it changes.
pub(super) fn node(markups: &[Markup], is_element: bool, context: &mut Context) -> TokenStream {
    let mut body = Body::default();
    body.markups(markups, context);
    let (node, renderer) = (node_variable(), renderer());
    let template = body.template(is_element);
    let code = body.code;
    quote! {{
        let #node = { #template #renderer.node(&__LIVE_TEMPLATE) };
        #code
        #renderer.end_node(#node)
    }}
}

/// A row's code, to follow `let node = renderer.entry(…)`, and the `static` of its template.
pub(super) fn row(markups: &[Markup], context: &mut Context) -> (TokenStream, TokenStream) {
    let mut body = Body::default();
    context.in_row(|context| body.markups(markups, context));
    let template = body.template(false);
    (template, body.code)
}

/// What fills a hole with `markups`: a node of their own, or nothing when there are none.
pub(super) fn branch(markups: &[Markup], context: &mut Context) -> TokenStream {
    if markups.is_empty() {
        let renderer = renderer();
        return quote!(#renderer.empty(););
    }
    let node = node(markups, false, context);
    quote!(#node;)
}

/// Whether HTML closes elements of this name by itself.
fn is_void(name: &TokenStream) -> bool {
    const VOID: [&str; 13] = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr",
    ];
    let name = name.to_string();
    VOID.iter().any(|void| name.eq_ignore_ascii_case(void))
}

/// Whether HTML drops the first line break in elements of this name.
fn drops_line_break(name: &TokenStream) -> bool {
    let name = name.to_string();
    ["pre", "textarea", "listing"].iter().any(|dropping| name.eq_ignore_ascii_case(dropping))
}

/// Whether text of the author's could be taken for a mark; such a literal is made a hole.
pub(super) fn holds_mark_start(literal: &LitStr) -> bool {
    literal.value().contains(MARK_START)
}

impl Body {
    /// Adds a hole in an attribute, that `fill` fills; returns the mark to stand for it in the
    /// skeleton.
    pub(super) fn hole(&mut self, end: MarkEnd, fill: &TokenStream) -> LitStr {
        self.hole_at(Position::Within, end, fill)
    }

    fn hole_at(&mut self, position: Position, end: MarkEnd, fill: &TokenStream) -> LitStr {
        let (node, hole) = (node_variable(), hole_variable());
        let index = Literal::usize_unsuffixed(self.n_holes);
        self.n_holes += 1;
        let position = match position {
            Position::First => quote!(first_hole),
            Position::Leading => quote!(leading_hole),
            Position::Within => quote!(hole),
        };
        self.code.extend(quote! {{ let #hole = #node.#position(#index); #fill }});
        let end = match end {
            MarkEnd::Keep => '\u{E001}',
            MarkEnd::EatSpace => '\u{E002}',
        };
        let mark = format!("{MARK_START}{index}{end}");
        LitStr::new(&mark, proc_macro2::Span::mixed_site())
    }

    /// Takes the code so far, to put other code around what follows.
    pub(super) fn take_code(&mut self) -> TokenStream {
        std::mem::take(&mut self.code)
    }

    /// Puts the code so far in place of what was taken.
    pub(super) fn put_code(&mut self, code: TokenStream) {
        self.code = code;
    }

    /// Adds to the skeleton what has no hole.
    pub(super) fn push_skeleton(&mut self, tokens: impl ToTokens) {
        tokens.to_tokens(&mut self.skeleton);
    }

    /// Notes an attribute that the skeleton does not show.
    pub(super) fn may_show(&mut self, element: &TokenStream, attribute: &str) {
        if attribute == "style" || attribute.starts_with("on") {
            self.may_show.push_str(&format!("<{element} {attribute}=\"\">"));
        }
    }

    /// The `static` that maud's rendering of the skeleton is split into, once per process.
    fn template(&self, is_element: bool) -> TokenStream {
        let (private, maud) = (private(), maud_path());
        let (skeleton, n_holes) = (&self.skeleton, self.n_holes);
        let element = is_element.then(|| quote!(.element()));
        let may_show = Some(&self.may_show).filter(|html| !html.is_empty());
        let may_show = may_show.map(|html| quote!(.may_show(#html)));
        quote! {
            static __LIVE_TEMPLATE: #private::Template = #private::Template::new(
                ::core::concat!(::core::file!(), ":", ::core::line!()),
                #n_holes,
                || #maud::html! { #skeleton }.into_string(),
            )#element #may_show;
        }
    }

    fn markups(&mut self, markups: &[Markup], context: &mut Context) {
        for markup in markups {
            self.markup(markup, context);
        }
    }

    fn markup(&mut self, markup: &Markup, context: &mut Context) {
        let fill = match markup {
            Markup::Literal(literal) if !self.is_hole(literal) => {
                if !literal.value().is_empty() {
                    self.position = Position::Within;
                }
                return self.push_skeleton(literal);
            }
            Markup::Block(markups) => return self.block(markups, context),
            Markup::Element(element) => return self.element(element, context),
            Markup::Let(statement) => {
                context.check_jumps(statement);
                return statement.to_tokens(&mut self.code);
            }
            Markup::Literal(_) => fill::text(&fill::run(markup)),
            Markup::Splice(splice) => self.splice(splice, context),
            Markup::If(chain) => fill::rendered(&control::if_chain(chain, context)),
            Markup::For(rows) => fill::rendered(&control::for_rows(rows, context)),
            Markup::While { condition, body } => {
                fill::rendered(&control::while_rows(condition, body, context))
            }
            Markup::Match { subject, arms } => {
                fill::rendered(&control::match_arms(subject, arms, context))
            }
        };
        let mark = self.hole_at(self.position, MarkEnd::Keep, &fill);
        if self.position == Position::Leading {
            self.position = Position::First;
        }
        self.push_skeleton(mark);
    }

    /// Whether a literal cannot stand in the skeleton: it could be taken for a mark, or it begins with
    /// a line break that may have to be written twice.
    fn is_hole(&self, literal: &LitStr) -> bool {
        let may_lead = self.position != Position::Within;
        holds_mark_start(literal) || may_lead && literal.value().starts_with(['\n', '\r'])
    }

    fn splice(&self, splice: &Splice, context: &mut Context) -> TokenStream {
        context.check_jumps(&splice.expression);
        fill::splice(splice)
    }

    /// As in maud, bindings end with a block of their own, but not with an element.
    fn block(&mut self, markups: &[Markup], context: &mut Context) {
        let is_scope = markups.iter().any(|markup| matches!(markup, Markup::Let(_)));
        let outside = is_scope.then(|| std::mem::take(&mut self.code));
        self.markups(markups, context);
        if let Some(outside) = outside {
            let inside = std::mem::replace(&mut self.code, outside);
            self.code.extend(quote!({ #inside }));
        }
    }

    fn element(&mut self, element: &Element, context: &mut Context) {
        match &element.binding {
            Some(Binding::Value(binding)) => self.code.extend(binding.clone()),
            Some(Binding::Mistake(span, mistake)) => context.error(*span, mistake),
            None => {}
        }
        if let Some(companion) = &element.companion {
            self.element(companion, context);
        }
        self.push_skeleton(&element.name);
        self.position = Position::Within;
        self.attributes(&element.name, &element.attributes, context);
        let markups = match &element.end {
            End::Body(_) if is_void(&element.name) => {
                return context.error(
                    element.name.span(),
                    "this element has no content: end it with `;`, or what follows is taken for \
                     its attributes",
                );
            }
            End::Body(markups) => markups,
            End::Void => return self.push_skeleton(quote!(;)),
            End::Missing(start) => {
                return context.error(
                    *start,
                    "this element has no end: put its content in braces, `p { … }`, or `;` after \
                     an element that has none; text stands in quotes, a value in parentheses",
                );
            }
        };
        let before = std::mem::take(&mut self.skeleton);
        if drops_line_break(&element.name) {
            self.position = Position::Leading;
        }
        self.markups(markups, context);
        self.position = Position::Within;
        let inner = std::mem::replace(&mut self.skeleton, before);
        self.push_skeleton(quote!({ #inner }));
    }
}

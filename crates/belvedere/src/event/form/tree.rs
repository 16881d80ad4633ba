//! A form's fields as nested values: one text of all names and values, and a tree that points into it.
//!
//! ```text
//! text   user[name]=Ann&tags[]=x
//! nodes  the form ─▶ user ─▶ name: 11..14
//!              └───▶ tags ─▶ an item: 22..23
//! ```
//!
//! Nothing is owned but these two, and a type is read straight from them.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use super::FormLimits;
use super::parts::{Field, Parts};
use crate::event::ValueError;

/// The fields of a form.
#[derive(Clone)]
pub(in crate::event) struct FormTree {
    text: String,
    /// The form, and all that is in it.
    nodes: Vec<Node>,
    fields: Vec<Field>,
}

/// A value, in the object or list around it.
#[derive(Clone)]
struct Node {
    /// Where its key stands.
    key: Range<usize>,
    content: Content,
    /// What came after it into the same object or list.
    next: Option<usize>,
}

#[derive(Clone)]
enum Content {
    /// Where it stands.
    Text(Range<usize>),
    Nodes {
        is_list: bool,
        /// Tells it from what stood here before in another shape.
        number: usize,
        first_and_last: Option<(usize, usize)>,
    },
}

impl Content {
    const fn nodes(is_list: bool, number: usize) -> Self {
        Self::Nodes { is_list, number, first_and_last: None }
    }
}

impl FormTree {
    /// Reads a whole form.
    pub(in crate::event) fn parse(encoded: &str, limits: &FormLimits) -> Result<Self, ValueError> {
        let Parts { text, keys, fields } = Parts::of(encoded, limits)?;
        let nodes = nodes(text.as_bytes(), &keys, &fields);
        Ok(Self { text, nodes, fields })
    }

    /// The fields as they were sent, less the marks of those that nobody has used.
    pub(in crate::event) fn sent(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.iter().filter(|field| !field.is_mark);
        fields.map(|field| &self.text[field.sent.clone()])
    }

    pub(in crate::event) const fn root(&self) -> Branch<'_> {
        Branch { tree: self, at: 0 }
    }
}

/// The tree of fields whose keys follow each other in `keys`. Where two disagree about what something is,
/// the later one counts, and what it was before is gone.
fn nodes(text: &[u8], keys: &[Range<usize>], fields: &[Field]) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(keys.len() + 1);
    nodes.push(Node { key: 0..0, content: Content::nodes(false, 0), next: None });
    let mut places = HashMap::<(usize, &[u8]), usize>::with_capacity(keys.len());
    let mut keys = keys.iter();
    // Most names of a form begin as the one before.
    let mut last_first = None;
    for field in fields {
        let mut at = 0;
        for (depth, key) in keys.by_ref().take(field.n_keys).enumerate() {
            let name = &text[key.clone()];
            let is_item = depth > 0 && name.is_empty();
            let next = nodes.len();
            if !matches!(nodes[at].content, Content::Nodes { is_list, .. } if is_list == is_item) {
                nodes[at].content = Content::nodes(is_item, next);
            }
            let Content::Nodes { number, first_and_last, .. } = &mut nodes[at].content else {
                unreachable!("it was made so above")
            };
            if !is_item {
                let place = match last_first {
                    Some((last, place)) if depth == 0 && last == name => place,
                    _ => *places.entry((*number, name)).or_insert(next),
                };
                if depth == 0 {
                    last_first = Some((name, place));
                }
                if place != next {
                    at = place;
                    continue;
                }
            }
            let last = first_and_last.map(|(_, last)| last);
            *first_and_last = Some((first_and_last.map_or(next, |(first, _)| first), next));
            if let Some(last) = last {
                nodes[last].next = Some(next);
            }
            nodes.push(Node { key: key.clone(), content: Content::Text(0..0), next: None });
            at = next;
        }
        nodes[at].content = Content::Text(field.value.clone());
    }
    nodes
}

/// A list or an object of a form.
#[derive(Clone, Copy)]
pub(in crate::event) struct Branch<'a> {
    tree: &'a FormTree,
    at: usize,
}

/// A value of a form.
#[derive(Clone, Copy)]
pub(in crate::event) enum Shape<'a> {
    Text(&'a str),
    List(Branch<'a>),
    Object(Branch<'a>),
}

impl<'a> Branch<'a> {
    /// The items of a list, as they came.
    pub(in crate::event) fn items(self) -> impl Iterator<Item = Shape<'a>> {
        self.nodes().map(move |at| self.shape(at))
    }

    /// The members of an object, as they came.
    pub(in crate::event) fn members(self) -> impl Iterator<Item = (&'a str, Shape<'a>)> {
        self.nodes().map(move |at| (self.key(at), self.shape(at)))
    }

    pub(in crate::event) fn n_members(self) -> usize {
        self.nodes().count()
    }

    /// What has this key in an object.
    pub(in crate::event) fn member(self, key: &str) -> Option<Shape<'a>> {
        self.nodes().find(|at| self.key(*at) == key).map(|at| self.shape(at))
    }

    /// What stands in it, as it came.
    fn nodes(self) -> impl Iterator<Item = usize> {
        let first = match self.tree.nodes[self.at].content {
            Content::Nodes { first_and_last, .. } => first_and_last.map(|(first, _)| first),
            Content::Text(_) => None,
        };
        std::iter::successors(first, move |at| self.tree.nodes[*at].next)
    }

    fn key(self, at: usize) -> &'a str {
        &self.tree.text[self.tree.nodes[at].key.clone()]
    }

    fn shape(self, at: usize) -> Shape<'a> {
        let branch = Branch { at, ..self };
        match &self.tree.nodes[at].content {
            Content::Text(text) => Shape::Text(&self.tree.text[text.clone()]),
            Content::Nodes { is_list: true, .. } => Shape::List(branch),
            Content::Nodes { is_list: false, .. } => Shape::Object(branch),
        }
    }
}

//! What a browser knows of a page's inputs and the server does not: what was typed, and where.

use std::collections::{BTreeMap, BTreeSet};

use scraper::ElementRef;

/// The inputs of a page, as a person has left them.
#[derive(Debug, Default)]
pub(in crate::testing) struct TypedInputs {
    /// By [`key_of`].
    pub(super) inputs: BTreeMap<String, Typed>,
    /// Selector of a form and name of an input.
    used: BTreeSet<(String, String)>,
    /// Forms that were sent: all inputs that they had are used.
    submitted: BTreeSet<String>,
    /// The input with the focus.
    pub(super) focus: Option<String>,
}

/// What a person has made of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Typed {
    Text(String),
    Ticked(bool),
    Chosen(Vec<String>),
}

impl TypedInputs {
    pub(super) fn use_input(&mut self, form: &str, name: &str) {
        self.used.insert((form.to_owned(), name.to_owned()));
    }

    pub(super) fn submitted(&mut self, form: &str) {
        self.submitted.insert(form.to_owned());
    }

    pub(super) fn is_used(&self, form: &str, name: &str) -> bool {
        self.submitted.contains(form) || self.used.contains(&(form.to_owned(), name.to_owned()))
    }

    /// The page was patched: what the server says stands in every input but the one with the focus.
    pub(super) fn patched(&mut self) {
        let focus = self.focus.as_ref();
        self.inputs.retain(|key, _| Some(key) == focus);
    }
}

/// How an input is recognised after a patch.
pub(super) fn key_of(element: ElementRef<'_>) -> String {
    let attribute = |name| element.attr(name).unwrap_or_default();
    match element.attr("id") {
        Some(id) => format!("#{id}"),
        None => format!("{} {} {}", element.value().name(), attribute("name"), attribute("value")),
    }
}

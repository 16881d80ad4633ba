//! In a debug build: what of a page its Content-Security-Policy refuses, which otherwise only the
//! browser's console says.
//!
//! ```text
//! first response ─▶ its HTML, layout included ─┐
//! any render     ─▶ the templates in it       ─┴─▶ what they need ─▶ what the policy refuses ─▶ log
//! ```
//!
//! A template is read once, where its text is made, and said with its file and line. What only the finished
//! page shows, as the layout, is said by its route. No value of an attribute is ever logged.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::needs::{self, Kind, Need, Noted};
use super::sources::Policies;

/// Most findings that are said, each once.
const MAX_SAID: usize = 100;

/// Most documents whose policies are remembered, the latest; others are taken to have the application's.
const MAX_DOCUMENTS: usize = 1000;

/// What has been said already.
static SAID: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

/// The policies that documents went out with, which hold wherever their pages are navigated, by the topic
/// of the page's own view.
#[derive(Debug, Default)]
pub(crate) struct Sent(Mutex<VecDeque<(Box<str>, Policy)>>);

/// What a document went out with, and whom it knows as its own host.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) header: String,
    /// Host and port of the page.
    pub(crate) own: Option<String>,
}

impl Sent {
    /// Says what of a first response its policy refuses, and remembers that for its document.
    pub(crate) fn page(
        &self,
        document: Box<str>,
        route: &str,
        policy: Policy,
        noted: &[Noted],
        html: &str,
    ) {
        let policies = Policies::new(&policy.header, policy.own.as_deref());
        let of_templates = say_templates(&policies, noted);
        for need in needs::needs(html) {
            if !of_templates.contains(&&need) {
                say(&policies, route, &need);
            }
        }
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() >= MAX_DOCUMENTS {
            sent.pop_front();
        }
        sent.push_back((document, policy));
    }

    /// Says what of the templates in a later render the policy of its document refuses, which is `header`
    /// if the document is not known.
    pub(crate) fn templates(&self, document: &str, header: &str, noted: &[Noted]) {
        if noted.is_empty() {
            return;
        }
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sent.iter().rfind(|(known, _)| **known == *document);
        let policy = known.map(|(_, policy)| policy.clone());
        drop(sent);
        let policy = policy.unwrap_or_else(|| Policy { header: header.to_owned(), own: None });
        say_templates(&Policies::new(&policy.header, policy.own.as_deref()), noted);
    }
}

/// Says what is refused of templates, and returns all that they need.
fn say_templates<'a>(policies: &Policies<'_>, noted: &'a [Noted]) -> Vec<&'a Need> {
    let needs =
        noted.iter().flat_map(|noted| noted.needs.iter().map(|need| (noted.location, need)));
    needs
        .map(|(location, need)| {
            say(policies, location, need);
            need
        })
        .collect()
}

fn say(policies: &Policies<'_>, place: &str, need: &Need) {
    let Some(directive) = policies.refusing(&need.kind) else { return };
    let (what, instead) = words(&need.kind);
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let finding = (place.to_owned(), format!("{} {directive} {what}", need.element));
    if said.len() < MAX_SAID && said.insert(finding) {
        tracing::warn!(
            place,
            element = need.element,
            directive,
            "the Content-Security-Policy of this page refuses {what}: {instead}, or loosen \
             `LiveConfig::content_security_policy`"
        );
    }
}

/// What is refused, and what to do about it.
fn words(kind: &Kind) -> (String, &'static str) {
    let (what, instead) = match kind {
        Kind::Script { .. } => {
            ("a script with content", "put it in a file of your own and name that in `src`")
        }
        Kind::Style { .. } => ("a `<style>` with content", "put it in a style sheet of your own"),
        Kind::StyleAttribute { .. } => {
            ("the attribute `style`", "give the element a class and style that")
        }
        Kind::Handler { attribute, .. } => {
            return (
                format!("the script in `{attribute}`"),
                "use a `phx-` attribute, such as `phx-click`",
            );
        }
        Kind::Code { attribute } => {
            return (
                format!("the script in `{attribute}`"),
                "use a button with a `phx-` attribute, such as `phx-click`",
            );
        }
        Kind::Address { attribute, .. } => {
            return (
                format!("the address in `{attribute}`"),
                "serve it from the application's own host",
            );
        }
    };
    (what.to_owned(), instead)
}

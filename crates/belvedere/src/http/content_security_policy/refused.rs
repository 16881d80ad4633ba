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

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::needs::{self, Kind, Need, Noted};
use super::sources::Policies;

/// Most findings that are said, each once.
const MAX_SAID: usize = 100;

/// Most routes whose policies are remembered; pages of others are taken to have the application's.
const MAX_ROUTES: usize = 1000;

/// What has been said already.
static SAID: Mutex<BTreeSet<(String, String)>> = Mutex::new(BTreeSet::new());

/// The policies that pages went out with, by their routes, and whom they know as their own host.
#[derive(Debug, Default)]
pub(crate) struct Sent(Mutex<BTreeMap<Arc<str>, Policy>>);

/// What a page went out with.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) header: String,
    /// Host and port of the page.
    pub(crate) own: Option<String>,
}

impl Sent {
    /// Says what of a first response its policy refuses, and remembers that for its route.
    pub(crate) fn page(&self, route: &Arc<str>, policy: Policy, noted: &[Noted], html: &str) {
        let policies = Policies::new(&policy.header, policy.own.as_deref());
        let of_templates = say_templates(&policies, noted);
        for need in needs::needs(html) {
            if !of_templates.contains(&&need) {
                say(&policies, route, &need);
            }
        }
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() < MAX_ROUTES || sent.contains_key(route) {
            sent.insert(Arc::clone(route), policy);
        }
    }

    /// Says what of the templates in a later render the policy of its page refuses, which is `header` if
    /// the page is not known.
    pub(crate) fn templates(&self, route: &str, header: &str, noted: &[Noted]) {
        if noted.is_empty() {
            return;
        }
        let sent = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(route).cloned();
        let policy = sent.unwrap_or_else(|| Policy { header: header.to_owned(), own: None });
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
        Kind::StyleAttribute => {
            ("the attribute `style`", "give the element a class and style that")
        }
        Kind::Handler { attribute } => {
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

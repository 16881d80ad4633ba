//! A template's statics, split from its skeleton once per process.
//!
//! The skeleton of `p { "Hello " (name) }` is `p { "Hello " "⟨0⟩" }`, maud prints
//! `<p>Hello ⟨0⟩</p>`, and the statics are `<p>Hello ` and `</p>`.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use crate::{
    event::rendered,
    http::content_security_policy::needs::{self, Need, needs_of_template},
    wire::json,
};

/// Opens a mark; the macro writes it, followed by the hole's number and one of the ends.
const MARK_START: char = '\u{E000}';
/// Ends a mark: the text before it stays as it is.
const MARK_END: char = '\u{E001}';
/// Ends the mark of a toggle: a space before it goes, since the hole writes its own or nothing.
const MARK_END_EATING_SPACE: char = '\u{E002}';

/// One body of a `live!` template, a `static` in the author's code.
pub struct Template {
    location: &'static str,
    n_holes: usize,
    is_element: bool,
    /// Attributes that holes write only sometimes, as HTML, of which a policy may have a say.
    may_show: &'static str,
    skeleton: fn() -> String,
    statics: OnceLock<Statics>,
}

impl Template {
    /// `skeleton` prints the template with a mark for each of its `n_holes` holes.
    #[must_use]
    pub const fn new(location: &'static str, n_holes: usize, skeleton: fn() -> String) -> Self {
        let statics = OnceLock::new();
        Self { location, n_holes, is_element: false, may_show: "", skeleton, statics }
    }

    /// Says that the template is exactly one element, whatever its holes hold.
    #[must_use]
    pub const fn element(mut self) -> Self {
        self.is_element = true;
        self
    }

    /// Says which attributes the skeleton does not show, as HTML.
    #[must_use]
    pub const fn may_show(mut self, html: &'static str) -> Self {
        self.may_show = html;
        self
    }

    /// A template that is one hole and no text.
    pub(crate) const fn one_hole() -> Self {
        Self::new("live_view", 1, || format!("{MARK_START}0{MARK_END}"))
    }

    /// The statics, split at the first call.
    pub(crate) fn statics(&'static self) -> &'static Statics {
        self.statics.get_or_init(|| {
            let (skeleton, events) = rendered::during(self.skeleton);
            let parts = split(&skeleton, self.n_holes);
            Statics {
                fingerprint: Fingerprint::next(self.n_holes),
                is_element: self.is_element,
                json: OnceLock::new(),
                location: self.location,
                events: events.into(),
                needs: if cfg!(debug_assertions) {
                    needs_of_template(&parts, self.may_show)
                } else {
                    Box::default()
                },
                parts,
            }
        })
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Template({})", self.location)
    }
}

/// Identity of a template's statics, with the number of its holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Counted up from 1 in the order of first use; never travels.
    pub(crate) id: u32,
    pub(crate) n_holes: usize,
}

impl Fingerprint {
    fn next(n_holes: usize) -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        Self { id: LAST.fetch_add(1, Ordering::Relaxed) + 1, n_holes }
    }
}

/// The value of an attribute in a skeleton, which `write` writes once. What could be taken for a mark in it
/// is spelled so that only a browser reads it.
pub fn constant(write: impl FnOnce(&mut String)) -> maud::PreEscaped<String> {
    let mut text = String::new();
    write(&mut text);
    if text.contains(MARK_START) {
        text = text.replace(MARK_START, "&#xE000;");
    }
    maud::PreEscaped(text)
}

/// The texts between a template's holes: one more than holes.
#[derive(Debug)]
pub(crate) struct Statics {
    pub(crate) fingerprint: Fingerprint,
    parts: Box<[Box<str>]>,
    /// Exactly one element, whatever the holes hold.
    pub(crate) is_element: bool,
    json: OnceLock<Box<str>>,
    /// File and line of the template, for messages.
    pub(crate) location: &'static str,
    /// The events that stand in the texts; none in a release build.
    events: Box<[&'static str]>,
    /// What the texts need of a page's Content-Security-Policy; nothing in a release build.
    needs: Box<[Need]>,
}

impl Statics {
    /// In a debug build: notes what stands in the page with the texts.
    pub(crate) fn note(&'static self) {
        self.events.iter().for_each(|event| rendered::note(event));
        needs::note(self.location, &self.needs);
    }

    /// The text before hole `index`; with the number of holes, the text after the last.
    pub(crate) fn part(&self, index: usize) -> &str {
        self.parts.get(index).map_or("", |part| part)
    }

    /// The text after the last hole.
    pub(crate) fn last_part(&self) -> &str {
        self.part(self.fingerprint.n_holes)
    }

    /// The statics as a JSON array, encoded at the first call.
    pub(crate) fn json(&self) -> &str {
        self.json.get_or_init(|| {
            let mut encoded = String::new();
            json::array(&mut encoded, &self.parts);
            encoded.into()
        })
    }
}

/// Splits at the marks, which stand in the order of their numbers.
fn split(skeleton: &str, n_holes: usize) -> Box<[Box<str>]> {
    let mut parts = Vec::with_capacity(n_holes + 1);
    let mut rest = skeleton;
    for index in 0..n_holes {
        let (part, after) =
            split_at_mark(rest, index).expect("the skeleton holds one mark per hole, in order");
        parts.push(part.into());
        rest = after;
    }
    parts.push(rest.into());
    parts.into()
}

/// Text of the author's may hold the start sign too; only the whole mark counts.
fn split_at_mark(text: &str, index: usize) -> Option<(&str, &str)> {
    let mark = format!("{MARK_START}{index}");
    text.match_indices(&mark).find_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + mark.len()..]);
        if let Some(after) = after.strip_prefix(MARK_END_EATING_SPACE) {
            return Some((before.strip_suffix(' ').unwrap_or(before), after));
        }
        after.strip_prefix(MARK_END).map(|after| (before, after))
    })
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_skeleton_is_split_at_its_marks() {
        let parts = split("<p>\u{E000}0\u{E001}</p>\u{E000}1\u{E001}", 2);
        assert_eq!(&*parts, ["<p>".into(), "</p>".into(), "".into()]);
    }

    #[test]
    fn a_toggle_takes_the_space_before_it() {
        let parts = split("<p \u{E000}0\u{E002}>", 1);
        assert_eq!(&*parts, ["<p".into(), ">".into()]);
    }

    #[test]
    fn private_use_characters_of_the_author_stay() {
        let parts = split("\u{E000}\u{E001}\u{E000}7\u{E000}0\u{E001}!", 1);
        assert_eq!(&*parts, ["\u{E000}\u{E001}\u{E000}7".into(), "!".into()]);
    }
}

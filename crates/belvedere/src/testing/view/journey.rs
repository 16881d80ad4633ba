//! [`Journey`]: the address bar and the history of one tab, as the browser client keeps them.

use crate::navigation::History;
use crate::testing::app::HOST;

/// How an entry of the history was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A full load.
    Load,
    Patch,
    Navigation,
}

#[derive(Clone, Debug)]
struct Entry {
    url: String,
    kind: Kind,
    /// How the entry after it was reached first.
    back_kind: Option<Kind>,
    /// The document that showed it.
    document: usize,
}

/// Where a tab has been.
#[derive(Clone, Debug)]
pub(super) struct Journey {
    entries: Vec<Entry>,
    at: usize,
    /// Documents loaded so far.
    pub(super) n_loads: usize,
    /// Where the document came from that is shown now.
    pub(super) document_url: String,
}

/// Another entry of the history that the tab goes to.
#[derive(Clone, Debug)]
pub(super) struct Pop {
    pub(super) url: String,
    pub(super) kind: Kind,
}

impl Journey {
    /// A tab that has loaded `path`.
    pub(super) fn begin(path: &str) -> Self {
        let entry = Entry { url: absolute(path), kind: Kind::Load, back_kind: None, document: 1 };
        let document_url = entry.url.clone();
        Self { entries: vec![entry], at: 0, n_loads: 1, document_url }
    }

    /// What stands in the address bar.
    pub(super) fn url(&self) -> &str {
        &self.entries[self.at].url
    }

    /// A script, or the client, changes the address bar and nothing else.
    pub(super) fn rewrite(&mut self, url: &str) {
        self.entries[self.at].url = absolute(url);
    }

    /// The client has patched or navigated.
    pub(super) fn go(&mut self, url: &str, kind: Kind, history: History) {
        let entry = Entry { url: absolute(url), kind, back_kind: None, document: self.n_loads };
        self.entries[self.at].back_kind = Some(kind);
        match history {
            History::Replace => self.entries[self.at] = entry,
            History::Push => {
                self.entries.truncate(self.at + 1);
                self.entries.push(entry);
                self.at += 1;
            }
        }
    }

    /// The browser loads a document.
    pub(super) fn load(&mut self, url: &str, is_pop: bool) {
        self.n_loads += 1;
        self.document_url = absolute(url);
        if is_pop {
            self.entries[self.at].document = self.n_loads;
            self.entries[self.at].url = absolute(url);
        } else {
            self.go(url, Kind::Load, History::Push);
        }
    }

    /// One entry back or forward; nothing at either end.
    pub(super) fn step(&mut self, is_forward: bool) -> Option<Pop> {
        let at = if is_forward { self.at + 1 } else { self.at.checked_sub(1)? };
        let entry = self.entries.get(at)?;
        self.at = at;
        let kind = match entry.back_kind.filter(|_| !is_forward) {
            _ if entry.document != self.n_loads => Kind::Load,
            Some(kind) => kind,
            // The client knows of no other way to what its document showed first.
            None if entry.kind == Kind::Load => Kind::Navigation,
            None => entry.kind,
        };
        Some(Pop { url: entry.url.clone(), kind })
    }
}

/// The URL with scheme and host.
pub(super) fn absolute(url: &str) -> String {
    if url.starts_with('/') { format!("http://{HOST}{url}") } else { url.to_owned() }
}

/// The URL without scheme and host.
pub(super) fn path_of(url: &str) -> &str {
    url.strip_prefix("http://").and_then(|rest| rest.strip_prefix(HOST)).unwrap_or(url)
}

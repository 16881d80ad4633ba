//! Forms that a browser sends again when its connection is back.
//!
//! It cannot know that it finds its view as it was left, and sends each form of the page, touched or not.
//! What the view was told last by an event it is not told again: a search would begin anew, on its first page.
//! What was typed meanwhile is news, a form that is submitted is no recovery, and a view that was mounted anew
//! is told everything: whether its snapshot holds what a form says, nobody knows but its author.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::RandomState;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::event::EventValue;
use crate::event::form::{is_mark, mark_of};
use crate::wire::keys::FORM_TARGET;
use crate::wire::message::EventPayload;

/// Forms of which is known what was sent last; of more, the one sent longest ago is recovered.
const MAX_FORMS: usize = 16;

/// What a view was told of its forms; a pointer until it is.
#[derive(Default)]
pub(super) struct ToldForms(Option<Box<State>>);

#[derive(Default)]
struct State {
    /// Of each event of the view or of one of its components: which it is, and what it said last, as hashes.
    told: VecDeque<(u64, u64)>,
    hasher: RandomState,
    /// The browser has found the view again, and has sent nothing but forms since.
    is_recovering: bool,
    /// That has the state which its browser has seen, or what is kept of it.
    has_state: bool,
}

impl ToldForms {
    /// The browser joins a view that it had before, or one in its place. Whether that `has_state`, to which
    /// forms that nobody has used say nothing new.
    pub(super) fn begin_recovery(&mut self, has_state: bool) {
        let state = self.0.get_or_insert_default();
        (state.is_recovering, state.has_state) = (true, has_state);
    }

    /// What the browser has sent last was a form once more, if it has sent anything.
    pub(super) fn is_recovering(&self) -> bool {
        self.0.as_ref().is_some_and(|state| state.is_recovering)
    }

    /// The browser sends something else, or so it is taken until [`is_old`](Self::is_old) says otherwise.
    pub(super) fn end_recovery(&mut self) -> bool {
        self.0.as_mut().is_some_and(|state| std::mem::take(&mut state.is_recovering))
    }

    /// Notes what a form says. Whether a browser that `recovers` says nothing by it that the view was not
    /// told.
    pub(super) fn is_old(
        &mut self,
        payload: &EventPayload<'_>,
        value: &EventValue,
        recovers: bool,
    ) -> bool {
        let Some(sent) = value.sent() else { return false };
        let state = self.0.get_or_insert_default();
        let event = state.hasher.hash_one((payload.cid, &payload.event));
        let said = state.hash_of(sent, value.laid_over());
        let recovers = recovers && is_change(payload);
        state.is_recovering = recovers;
        let is_told = || state.told.contains(&(event, said));
        let is_untouched =
            || state.has_state && payload.form_text().is_some_and(|encoded| is_untouched(&encoded));
        if recovers && (is_told() || is_untouched()) {
            return true;
        }
        state.told.retain(|(told, _)| *told != event);
        if state.told.len() == MAX_FORMS {
            state.told.pop_front();
        }
        state.told.push_back((event, said));
        false
    }
}

impl State {
    /// What a form says, as a hash. A browser writes equal fields alike, so nothing is decoded. Marks of
    /// inputs that nobody has used come and go with the focus, and so does the input that has changed: they
    /// are no part of what is said.
    fn hash_of<'a>(
        &self,
        sent: impl Iterator<Item = &'a str>,
        laid_over: impl Iterator<Item = (&'a String, &'a Value)>,
    ) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for field in sent {
            hasher.write(field.as_bytes());
            hasher.write_u8(b'&');
        }
        for member in laid_over.filter(|(name, _)| *name != FORM_TARGET) {
            member.hash(&mut hasher);
        }
        hasher.finish()
    }
}

/// Whether nobody has used any of a form's inputs.
fn is_untouched(encoded: &str) -> bool {
    let fields: Vec<_> = form_urlencoded::parse(encoded.as_bytes()).collect();
    let marks: HashSet<_> =
        fields.iter().map(|(name, _)| &**name).filter(|name| is_mark(name)).collect();
    let is_unused = |name: &str| is_mark(name) || marks.contains(&*mark_of(name));
    !marks.is_empty() && fields.iter().all(|(name, _)| is_unused(name))
}

/// Whether a form's event names the input that has changed, as a submit does not.
fn is_change(payload: &EventPayload<'_>) -> bool {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(rename = "_target")]
        target: Option<IgnoredAny>,
    }
    let meta = payload.meta.and_then(|meta| serde_json::from_str::<Meta>(meta.json()).ok());
    meta.is_some_and(|meta| meta.target.is_some())
}

//! Forms that a browser sends again when its connection is back.
//!
//! It cannot know that it finds its view as it was left, and sends each form of the page, touched or not.
//! What the view was told already it is not told again: a search would begin anew, on its first page. What
//! was typed meanwhile is news, a form that is submitted is no recovery, and a view that was mounted anew
//! is told everything.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::event::EventValue;
use crate::event::form::{is_mark, mark_of};
use crate::wire::message::EventPayload;

/// Forms of which is known what was sent last; of more, the one sent longest ago is recovered.
const MAX_FORMS: usize = 16;

/// What a view was told of its forms; a pointer until it is.
#[derive(Default)]
pub(super) struct ToldForms(Option<Box<State>>);

struct State {
    /// Of each event: its name, and what it said last, as hashes.
    told: VecDeque<(u64, u64)>,
    /// Of the hashes, which another process may have to compare.
    seed: u64,
    /// The browser has found the view again, and has sent nothing but forms since.
    is_recovering: bool,
}

impl Default for State {
    fn default() -> Self {
        Self { told: VecDeque::new(), seed: rand::random(), is_recovering: false }
    }
}

impl ToldForms {
    /// What a view that takes this one's place need not be told again, and the seed of its hashes.
    pub(super) fn told(&self) -> (u64, Vec<(u64, u64)>) {
        let told = |state: &State| (state.seed, state.told.iter().copied().collect());
        self.0.as_deref().map(told).unwrap_or_default()
    }

    /// The view has taken the place of one that was told this, and its browser is about to send its forms.
    pub(super) fn restore(&mut self, seed: u64, told: Vec<(u64, u64)>) {
        let told = told.into_iter().take(MAX_FORMS).collect();
        self.0 = Some(Box::new(State { told, seed, is_recovering: true }));
    }

    /// The browser joins a view that it had before.
    pub(super) fn begin_recovery(&mut self) {
        self.0.get_or_insert_default().is_recovering = true;
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
        let (event, fields) = state.hashes(&payload.event, sent);
        let recovers = recovers && is_change(payload);
        state.is_recovering = recovers;
        let is_told = || state.told.iter().any(|(_, told)| *told == fields);
        let is_untouched = || payload.form_text().is_some_and(|encoded| is_untouched(&encoded));
        if recovers && (is_told() || is_untouched()) {
            return true;
        }
        state.told.retain(|(told, _)| *told != event);
        if state.told.len() == MAX_FORMS {
            state.told.pop_front();
        }
        state.told.push_back((event, fields));
        false
    }
}

impl State {
    /// A form's event and what it says, as hashes. A browser writes equal fields alike, so nothing is
    /// decoded. Marks of inputs that nobody has used come and go with the focus: they are no part of what
    /// is said.
    fn hashes<'a>(&self, event: &str, sent: impl Iterator<Item = &'a str>) -> (u64, u64) {
        let state = FixedState::with_seed(self.seed);
        let mut hasher = state.build_hasher();
        for field in sent {
            hasher.write(field.as_bytes());
            hasher.write_u8(b'&');
        }
        (state.hash_one(event), hasher.finish())
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

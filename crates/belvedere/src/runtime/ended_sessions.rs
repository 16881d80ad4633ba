//! Sessions that were ended: their cookies are still signed, and some browser, or whoever copied one, may
//! still send it.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::wire::token::SessionId;

/// Most sessions remembered of each kind, of which the one that ended first goes: about 6 MiB.
const MAX_SESSIONS: usize = 100_000;

/// What no cookie is believed about.
pub(crate) struct EndedSessions {
    /// How long a cookie is believed at most, and so its session's end remembered.
    kept: Duration,
    /// Of sessions that somebody was known by.
    with_value: Mutex<Ended>,
    /// Of the others. Strangers can end as many as they like, and take nobody's place above.
    without_value: Mutex<Ended>,
}

#[derive(Default)]
struct Ended {
    ids: HashSet<SessionId>,
    order: VecDeque<(Instant, SessionId)>,
}

impl EndedSessions {
    /// For cookies that are believed for this long.
    pub(crate) fn new(kept: Duration) -> Self {
        Self { kept, with_value: Mutex::default(), without_value: Mutex::default() }
    }

    /// Remembers one; true when another is forgotten for it before its cookie's end.
    #[must_use]
    pub(crate) fn add(&self, session: SessionId, has_value: bool) -> bool {
        let ended = if has_value { &self.with_value } else { &self.without_value };
        lock(ended).add(session, self.kept)
    }

    pub(crate) fn contains(&self, session: SessionId) -> bool {
        self.of_both_kinds(|of| of.ids.contains(&session))
    }

    /// Whether one has ended so short a time ago.
    pub(crate) fn has_ended_within(&self, session: SessionId, time: Duration) -> bool {
        let now = Instant::now();
        self.of_both_kinds(|of| {
            let newest = of.order.iter().rev().take_while(|(since, _)| now - *since < time);
            newest.map(|(_, ended)| ended).any(|ended| *ended == session)
        })
    }

    fn of_both_kinds(&self, is_it: impl Fn(&Ended) -> bool) -> bool {
        [&self.with_value, &self.without_value].iter().any(|of| is_it(&lock(of)))
    }
}

impl Ended {
    fn add(&mut self, session: SessionId, kept: Duration) -> bool {
        let now = Instant::now();
        while self.order.front().is_some_and(|&(since, _)| now - since >= kept) {
            self.forget_first();
        }
        if !self.ids.insert(session) {
            return false;
        }
        let is_full = self.order.len() >= MAX_SESSIONS;
        if is_full {
            self.forget_first();
        }
        self.order.push_back((now, session));
        is_full
    }

    fn forget_first(&mut self) {
        if let Some((_, first)) = self.order.pop_front() {
            self.ids.remove(&first);
        }
    }
}

fn lock(ended: &Mutex<Ended>) -> MutexGuard<'_, Ended> {
    ended.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_ended_session_is_remembered_until_its_cookie_ends() {
        let day = Duration::from_secs(24 * 60 * 60);
        let (ended, first) = (EndedSessions::new(30 * day), SessionId::random());
        assert!(!ended.add(first, true));
        tokio::time::advance(29 * day).await;
        assert!(!ended.add(SessionId::random(), true));
        assert!(ended.contains(first));
        assert!(
            ended.has_ended_within(first, 30 * day) && !ended.has_ended_within(first, 29 * day)
        );
        tokio::time::advance(day).await;
        assert!(!ended.add(SessionId::random(), true));
        assert!(!ended.contains(first));
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_push_out_nobody_and_the_bound_is_told() {
        let ended = EndedSessions::new(Duration::from_secs(60));
        let (ann, stranger) = (SessionId::random(), SessionId::random());
        assert!(!ended.add(ann, true) && !ended.add(stranger, false));
        let full = (1..MAX_SESSIONS).any(|_| ended.add(SessionId::random(), false));
        assert!(!full && !ended.add(stranger, false), "one that is known takes no room");
        assert!(ended.add(SessionId::random(), false));
        assert!(ended.contains(ann) && !ended.contains(stranger));
    }
}

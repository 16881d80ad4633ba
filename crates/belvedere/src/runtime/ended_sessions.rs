//! Sessions that were ended a while ago: their cookies are still signed, and some browser may still send
//! one.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::wire::token::SessionId;

/// Most sessions remembered, of which the one that ended first goes: about half a MiB.
const MAX_SESSIONS: usize = 10_000;

/// How long one is remembered: longer than any response is under way that brings the browser its next
/// session.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// What no cookie is believed about.
#[derive(Default)]
pub(crate) struct EndedSessions(Mutex<Ended>);

#[derive(Default)]
struct Ended {
    ids: HashSet<SessionId>,
    order: VecDeque<(Instant, SessionId)>,
}

impl EndedSessions {
    pub(crate) fn add(&self, session: SessionId) {
        let mut ended = self.lock();
        let now = Instant::now();
        let is_over = |&(since, _): &(Instant, SessionId)| now - since >= KEPT;
        while ended.order.len() >= MAX_SESSIONS || ended.order.front().is_some_and(is_over) {
            if let Some((_, oldest)) = ended.order.pop_front() {
                ended.ids.remove(&oldest);
            }
        }
        if ended.ids.insert(session) {
            ended.order.push_back((now, session));
        }
    }

    pub(crate) fn contains(&self, session: SessionId) -> bool {
        self.lock().ids.contains(&session)
    }

    fn lock(&self) -> MutexGuard<'_, Ended> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn as_many_are_remembered_as_there_is_room_and_time() {
        let (ended, first) = (EndedSessions::default(), SessionId::random());
        ended.add(first);
        (1..MAX_SESSIONS).for_each(|_| ended.add(SessionId::random()));
        assert!(ended.contains(first));
        let last = SessionId::random();
        ended.add(last);
        assert!(!ended.contains(first) && ended.contains(last));
        tokio::time::advance(KEPT).await;
        ended.add(first);
        assert!(!ended.contains(last) && ended.contains(first));
    }
}

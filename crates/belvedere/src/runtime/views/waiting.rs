//! The views that wait for a browser, oldest first, with a bound on their number in all and for
//! each session.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::config::HoldLimits;
use crate::wire::token::SessionId;

/// Topics in the order in which they began to wait.
#[derive(Default)]
pub(super) struct Waiting {
    by_age: BTreeMap<u64, (Box<str>, SessionId)>,
    by_session: HashMap<SessionId, BTreeSet<u64>>,
    next_ticket: u64,
}

impl Waiting {
    /// Adds a topic at the young end; the number returned removes it.
    pub(super) fn insert(&mut self, topic: Box<str>, session: SessionId) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.by_age.insert(ticket, (topic, session));
        self.by_session.entry(session).or_default().insert(ticket);
        ticket
    }

    pub(super) fn remove(&mut self, ticket: u64) {
        let Some((_, session)) = self.by_age.remove(&ticket) else { return };
        if let Some(tickets) = self.by_session.get_mut(&session) {
            tickets.remove(&ticket);
            if tickets.is_empty() {
                self.by_session.remove(&session);
            }
        }
    }

    /// The topic that has waited longest.
    pub(super) fn oldest(&self) -> Option<&str> {
        self.by_age.first_key_value().map(|(_, (topic, _))| &**topic)
    }

    /// The topic to give up, when more than `limits` wait in all or of `session`: the oldest, after
    /// the views within it, since it would take them along.
    pub(super) fn beyond(&self, limits: HoldLimits, session: SessionId) -> Option<Box<str>> {
        let of_session = self.by_session.get(&session);
        let ticket = if self.by_age.len() > limits.total {
            self.by_age.first_key_value().map(|(ticket, _)| ticket)
        } else {
            of_session.filter(|own| own.len() > limits.per_session).and_then(BTreeSet::first)
        };
        let (oldest, session) = ticket.and_then(|ticket| self.by_age.get(ticket))?;
        Some(self.youngest_within(oldest, *session).unwrap_or(oldest).into())
    }

    fn youngest_within(&self, outer: &str, session: SessionId) -> Option<&str> {
        let tickets = self.by_session.get(&session)?.iter().rev();
        let mut topics = tickets.filter_map(|ticket| Some(&*self.by_age.get(ticket)?.0));
        topics.find(|topic| is_within(topic, outer))
    }
}

/// Whether a view stands in another, as their topics say.
fn is_within(inner: &str, outer: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first_in_all_and_of_a_session() {
        let limits = HoldLimits { total: 3, per_session: 2 };
        let (ann, ben) = (SessionId::from_bytes([1; 16]), SessionId::from_bytes([2; 16]));
        let mut waiting = Waiting::default();
        let first = waiting.insert("a1".into(), ann);
        waiting.insert("b1".into(), ben);
        waiting.insert("b2".into(), ben);
        assert_eq!(waiting.beyond(limits, ben), None);
        waiting.insert("b3".into(), ben);
        assert_eq!(waiting.beyond(limits, ben).as_deref(), Some("a1"));
        waiting.remove(first);
        assert_eq!(waiting.beyond(limits, ben).as_deref(), Some("b1"));
        assert_eq!(waiting.beyond(limits, ann), None);
    }

    #[test]
    fn a_view_goes_after_those_within_it() {
        let limits = HoldLimits { total: 9, per_session: 2 };
        let ann = SessionId::from_bytes([1; 16]);
        let mut waiting = Waiting::default();
        for topic in ["page", "page-left", "page2", "page-left-inner", "other"] {
            waiting.insert(topic.into(), ann);
        }
        let mut gone = Vec::new();
        while let Some(topic) = waiting.beyond(limits, ann) {
            let ticket = waiting.by_age.iter().find(|(_, (waits, _))| *waits == topic);
            let ticket = *ticket.expect("it waits").0;
            waiting.remove(ticket);
            gone.push(topic);
        }
        assert_eq!(gone, ["page-left-inner", "page-left", "page"].map(Box::from));
    }
}

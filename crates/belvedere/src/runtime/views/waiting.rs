//! The views that wait for a browser, oldest first, with a bound on their number and bytes in all and for
//! each address, and on their number for each session.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::config::HoldLimits;
use crate::http::client_address::ClientNetwork;
use crate::wire::token::SessionId;

/// Topics in the order in which they began to wait.
#[derive(Default)]
pub(super) struct Waiting {
    by_age: BTreeMap<u64, Waits>,
    /// With the length of each topic: what stands within another has a longer one.
    by_session: HashMap<SessionId, BTreeMap<u64, usize>>,
    /// What nobody knows where it comes from counts as one network, without a bound of its own.
    by_network: HashMap<Option<ClientNetwork>, OfNetwork>,
    /// The networks by what they take, the heaviest last.
    by_weight: BTreeSet<(usize, Option<ClientNetwork>)>,
    bytes: usize,
    next_ticket: u64,
}

struct Waits {
    topic: Box<str>,
    holder: Holder,
    bytes: usize,
}

#[derive(Default)]
struct OfNetwork {
    tickets: BTreeSet<u64>,
    bytes: usize,
}

/// Whose a view is that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) session: SessionId,
    /// Where the browser is, as far as that is known.
    pub(crate) network: Option<ClientNetwork>,
}

impl Waiting {
    /// Adds a topic at the young end; the number returned removes it.
    pub(super) fn insert(&mut self, topic: Box<str>, holder: Holder, bytes: usize) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.by_session.entry(holder.session).or_default().insert(ticket, topic.len());
        self.by_age.insert(ticket, Waits { topic, holder, bytes });
        self.bytes += bytes;
        self.weigh(holder.network, |own| {
            own.tickets.insert(ticket);
            own.bytes += bytes;
        });
        ticket
    }

    pub(super) fn remove(&mut self, ticket: u64) {
        let Some(Waits { holder, bytes, .. }) = self.by_age.remove(&ticket) else { return };
        if let Some(tickets) = self.by_session.get_mut(&holder.session) {
            tickets.remove(&ticket);
            if tickets.is_empty() {
                self.by_session.remove(&holder.session);
            }
        }
        self.bytes -= bytes;
        self.weigh(holder.network, |own| {
            own.tickets.remove(&ticket);
            own.bytes -= bytes;
        });
    }

    /// Changes what one network has waiting.
    fn weigh(&mut self, network: Option<ClientNetwork>, change: impl FnOnce(&mut OfNetwork)) {
        let own = self.by_network.entry(network).or_default();
        self.by_weight.remove(&(own.bytes, network));
        change(own);
        if own.tickets.is_empty() {
            self.by_network.remove(&network);
        } else {
            self.by_weight.insert((own.bytes, network));
        }
    }

    /// The topic that has waited longest.
    pub(super) fn oldest(&self) -> Option<&str> {
        self.by_age.first_key_value().map(|(_, waits)| &*waits.topic)
    }

    /// Whether a network has as many waiting as it may.
    pub(super) fn is_full(&self, limits: &HoldLimits, network: Option<ClientNetwork>) -> bool {
        self.of_network(network).is_some_and(|own| {
            own.tickets.len() >= limits.per_address || own.bytes >= limits.bytes.per_address
        })
    }

    /// What a network has waiting; nothing where nobody knows which, as that has no bound.
    fn of_network(&self, network: Option<ClientNetwork>) -> Option<&OfNetwork> {
        network.and_then(|_| self.by_network.get(&network))
    }

    /// The topic to give up, when more than `limits` wait of `holder` or in all: the oldest of its session,
    /// of its network, or of the network that takes most, after the views within it, since it would take
    /// them along. What is alone is never too large.
    pub(super) fn beyond(&self, limits: &HoldLimits, holder: Holder) -> Option<Box<str>> {
        let is_beyond = |n: usize, max: usize, bytes: usize, max_bytes: usize| {
            n > max || (bytes > max_bytes && n > 1)
        };
        let of_session =
            self.by_session.get(&holder.session).filter(|own| own.len() > limits.per_session);
        let of_network = self.of_network(holder.network).filter(|own| {
            let (n, max) = (own.tickets.len(), limits.per_address);
            is_beyond(n, max, own.bytes, limits.bytes.per_address)
        });
        let is_beyond_all =
            is_beyond(self.by_age.len(), limits.total, self.bytes, limits.bytes.total);
        let heaviest = || {
            let (_, network) = self.by_weight.last().filter(|_| is_beyond_all)?;
            self.by_network.get(network)
        };
        let ticket = match of_session {
            Some(own) => *own.first_key_value()?.0,
            None => *of_network.or_else(heaviest)?.tickets.first()?,
        };
        let oldest = self.by_age.get(&ticket)?;
        let within = self.youngest_within(&oldest.topic, oldest.holder.session);
        Some(within.unwrap_or(&oldest.topic).into())
    }

    fn youngest_within(&self, outer: &str, session: SessionId) -> Option<&str> {
        let tickets = self.by_session.get(&session)?.iter().rev();
        let longer = tickets.filter(|(_, n_bytes)| **n_bytes > outer.len());
        let mut topics = longer.filter_map(|(ticket, _)| Some(&*self.by_age.get(ticket)?.topic));
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
    use crate::config::AddressLimit;

    fn holder(session: u8, address: u8) -> Holder {
        let network = (address > 0).then(|| ClientNetwork::of([192, 0, 2, address].into()));
        Holder { session: SessionId::from_bytes([session; 16]), network }
    }

    fn limits(total: usize, per_session: usize, per_address: usize) -> HoldLimits {
        HoldLimits { total, per_session, per_address, ..HoldLimits::default() }
    }

    /// What goes, until all is within `limits`.
    fn gone(waiting: &mut Waiting, limits: &HoldLimits, holder: Holder) -> Vec<String> {
        let mut gone = Vec::new();
        while let Some(topic) = waiting.beyond(limits, holder) {
            let ticket = waiting.by_age.iter().find(|(_, waits)| waits.topic == topic);
            let ticket = *ticket.expect("it waits").0;
            waiting.remove(ticket);
            gone.push(topic.into());
        }
        gone
    }

    #[test]
    fn the_oldest_goes_first_of_a_session_and_then_in_all() {
        let (ann, ben) = (holder(1, 0), holder(2, 0));
        let mut waiting = Waiting::default();
        for (topic, holder) in [("a1", ann), ("b1", ben), ("b2", ben), ("b3", ben)] {
            waiting.insert(topic.into(), holder, 1);
        }
        assert_eq!(gone(&mut waiting, &limits(3, 3, 9), ann), ["a1"]);
        assert_eq!(gone(&mut waiting, &limits(3, 2, 9), ben), ["b1"]);
        assert_eq!(gone(&mut waiting, &limits(3, 2, 9), ann), [""; 0]);
    }

    #[test]
    fn a_view_goes_after_those_within_it() {
        let ann = holder(1, 0);
        let mut waiting = Waiting::default();
        for topic in ["page", "page-left", "page2", "page-left-inner", "other"] {
            waiting.insert(topic.into(), ann, 1);
        }
        let gone = gone(&mut waiting, &limits(9, 2, 9), ann);
        assert_eq!(gone, ["page-left-inner", "page-left", "page"]);
    }

    #[test]
    fn of_many_sessions_at_one_address_the_oldest_goes_and_nobody_elses() {
        let mut waiting = Waiting::default();
        waiting.insert("visitor".into(), holder(0, 9), 1);
        let limits = limits(100, 50, 3);
        for number in 1..=5 {
            let stranger = holder(number, 1);
            assert_eq!(waiting.is_full(&limits, stranger.network), number > 3, "{number}");
            waiting.insert(format!("s{number}").into(), stranger, 1);
        }
        assert_eq!(gone(&mut waiting, &limits, holder(5, 1)), ["s1", "s2"]);
        assert!(waiting.is_full(&limits, holder(6, 1).network));
        assert!(!waiting.is_full(&limits, holder(0, 9).network));
    }

    #[test]
    fn when_all_are_too_many_the_address_that_takes_most_makes_room() {
        let mut waiting = Waiting::default();
        waiting.insert("visitor".into(), holder(0, 200), 100);
        let bytes = AddressLimit { total: 50_000, per_address: 1_000 };
        let limits = HoldLimits { bytes, ..limits(100, 50, 40) };
        for number in 0..200_u8 {
            let stranger = holder(number, number % 10 + 1);
            waiting.insert(format!("s{number}").into(), stranger, 90);
            for gone in gone(&mut waiting, &limits, stranger) {
                assert!(gone.starts_with('s'), "{gone}");
            }
            assert!(waiting.by_age.len() <= 100 && waiting.bytes <= 50_000);
        }
        assert_eq!(waiting.oldest(), Some("visitor"));
        // Their weights are those of what is left.
        let by_weight = waiting.by_weight.iter().map(|(bytes, _)| bytes).sum::<usize>();
        assert_eq!(by_weight, waiting.bytes);
    }

    #[test]
    fn a_page_that_is_larger_than_all_bounds_waits_alone() {
        let bytes = AddressLimit { total: 10, per_address: 10 };
        let limits = HoldLimits { bytes, ..limits(9, 9, 9) };
        let mut waiting = Waiting::default();
        waiting.insert("large".into(), holder(1, 1), 100);
        assert_eq!(gone(&mut waiting, &limits, holder(1, 1)), [""; 0]);
        waiting.insert("next".into(), holder(1, 1), 100);
        assert_eq!(gone(&mut waiting, &limits, holder(1, 1)), ["large"]);
    }
}

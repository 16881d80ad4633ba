//! What a hub has to do with other nodes, and with the people on its topics.

use std::borrow::Cow;
use std::sync::{MutexGuard, PoisonError};

use serde_json::value::RawValue;
use tokio::time::Instant;

use super::Hub;
use crate::pub_sub::node::{Packet, SILENCE, What};
use crate::pub_sub::presence::{OtherNode, People, Person, Presence, Present, Who};
use crate::telemetry::PageTrace;

impl Hub {
    pub(in crate::pub_sub) fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known of a person, and says so to whom it concerns.
    pub(in crate::pub_sub) fn change(
        &self,
        topic: &str,
        person: &str,
        change: impl FnOnce(&mut Person),
    ) {
        // Held to the end, so that all hear of comings and goings in their order.
        let mut people = self.people();
        self.change_of(&mut people, topic, person, change);
    }

    fn change_of(
        &self,
        people: &mut People,
        topic: &str,
        person: &str,
        change: impl FnOnce(&mut Person),
    ) {
        let changed = people.change(topic, person, change);
        if changed.own.0 != changed.own.1 {
            self.send_person(topic, person, changed.own.1.as_ref());
        }
        let presence = match changed.all {
            (before, Some(after)) if before.as_ref() != Some(&after) => {
                presence(person, &after, Presence::Here)
            }
            (Some(before), None) => presence(person, &before, Presence::Gone),
            _ => return,
        };
        self.deliver_json(topic, &presence, PageTrace::current());
    }

    /// Sends something to the other nodes, if there may be any.
    pub(in crate::pub_sub) fn send(&self, what: &What<'_>) {
        // Text, numbers and JSON that is written already: it cannot fail.
        if let (Some(node), Ok(what)) = (self.node.get(), serde_json::to_string(what)) {
            self.metrics.unsent(node.unsent.push(&what));
        }
    }

    fn send_person(&self, topic: &str, person: &str, who: Option<&Who>) {
        let (topic, person) = (Cow::Borrowed(topic), Cow::Borrowed(person));
        self.send(&match who {
            Some(who) => What::Here { topic, person, who: who.json() },
            None => What::Gone { topic, person },
        });
    }

    /// The bus is there, for the first time or again: what was said meanwhile is not known.
    pub(in crate::pub_sub) fn connected(&self) {
        tracing::info!("the bus between the servers is there");
        {
            let mut people = self.people();
            people.is_asked = true;
            for other in people.nodes.values_mut() {
                (other.heard, other.last) = (Instant::now(), None);
            }
        }
        self.send(&What::Ask);
        self.tell_if_asked();
        self.miss();
    }

    /// Says that this node lives, and takes those for dead of whom nothing was heard.
    pub(in crate::pub_sub) fn beat(&self) {
        self.send(&What::Beat);
        self.tell_if_asked();
        let mut people = self.people();
        let is_silent = |other: &OtherNode| other.heard.elapsed() > SILENCE;
        let silent: Vec<_> =
            people.nodes.iter().filter(|(_, other)| is_silent(other)).map(|(id, _)| *id).collect();
        for &id in &silent {
            people.nodes.remove(&id);
            self.forget_people(&mut people, id, u64::MAX);
        }
        drop(people);
        if !silent.is_empty() {
            tracing::warn!(n_nodes = silent.len(), "other servers are silent and taken for dead");
            // What they said last may not have come.
            self.miss();
        }
    }

    /// Takes what came over the bus.
    pub(in crate::pub_sub) fn receive(&self, payload: &str) {
        let packet = match serde_json::from_str::<Packet<'_>>(payload) {
            Ok(packet) => packet,
            Err(error) => {
                // Of another release, or of somebody else on the same bus. Its text may be anything.
                tracing::warn!(column = error.column(), "what came over the bus cannot be read");
                return;
            }
        };
        if self.node.get().is_some_and(|node| node.id == packet.node) {
            return;
        }
        let Packet { node, number, what } = packet;
        let Some((round, is_missing)) = self.note(node, number, &what) else { return };
        if is_missing {
            self.send(&What::Ask);
            self.miss();
        }
        match what {
            What::Said { topic, message, by } => {
                self.deliver_json(&topic, message.get(), PageTrace::from_text(&by));
            }
            What::Ask => self.people().is_asked = true,
            What::Here { topic, person, who } => {
                let who = who.to_owned().into();
                self.change(&topic, &person, |person| person.is_there(node, round, who));
            }
            What::Gone { topic, person } => {
                self.change(&topic, &person, |person| person.is_not_there(node));
            }
            What::Told => self.forget_people(&mut self.people(), node, round),
            What::Beat | What::Tell => {}
        }
    }

    /// Notes that a node lives and what it has sent: which round it is in, and whether something of it
    /// is missing. Nothing for what has come before.
    fn note(&self, node: u64, number: u64, what: &What<'_>) -> Option<(u64, bool)> {
        let mut people = self.people();
        let heard = Instant::now();
        let other =
            people.nodes.entry(node).or_insert(OtherNode { heard, last: Some(0), round: 0 });
        let expected = other.last.map(|last| last + 1);
        if expected.is_some_and(|expected| number < expected) {
            return None;
        }
        (other.heard, other.last) = (heard, Some(number));
        if matches!(what, What::Tell) {
            other.round += 1;
        }
        Some((other.round, expected.is_some_and(|expected| number > expected)))
    }

    fn tell_if_asked(&self) {
        let mut people = self.people();
        if std::mem::take(&mut people.is_asked) {
            self.send(&What::Tell);
            for (topic, person, who) in people.own() {
                self.send_person(&topic, &person, Some(&who));
            }
            self.send(&What::Told);
        }
    }

    fn forget_people(&self, people: &mut People, node: u64, before: u64) {
        for (topic, person) in people.of_node(node, before) {
            self.change_of(people, &topic, &person, |person| person.is_not_there(node));
        }
    }
}

/// What listeners hear, as JSON.
fn presence<'a>(
    person: &str,
    who: &'a Who,
    say: impl FnOnce(Present<&'a RawValue>) -> Presence<&'a RawValue>,
) -> String {
    let present = Present { person: person.to_owned(), who: who.json() };
    // Text and JSON that is written already: it cannot fail.
    serde_json::to_string(&say(present)).unwrap_or_default()
}

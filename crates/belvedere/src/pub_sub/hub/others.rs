//! What a hub has to do with other nodes, and with the people on its topics.

use std::borrow::Cow;
use std::sync::{Arc, MutexGuard, PoisonError};

use serde_json::value::RawValue;
use tokio::time::sleep;

use super::Hub;
use crate::pub_sub::node::{Packet, Share, What};
use crate::pub_sub::presence::{Noted, OtherNode, People, Person, Presence, Present, Telling, Who};
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
        let _order = self.order();
        let news = self.change_of(&mut self.people(), topic, person, change);
        self.tell(topic, news);
    }

    fn order(&self) -> MutexGuard<'_, ()> {
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says to those who listen to a topic what has become of a person, if they are to hear of it.
    fn tell(&self, topic: &str, news: Option<String>) {
        if let Some(news) = news {
            self.deliver_json(topic, &news, PageTrace::current());
        }
    }

    /// Changes what is known of a person, says so to other nodes, and returns what listeners here are to hear.
    fn change_of(
        &self,
        people: &mut People,
        topic: &str,
        person: &str,
        change: impl FnOnce(&mut Person),
    ) -> Option<String> {
        let changed = people.change(topic, person, change);
        if changed.own.0 != changed.own.1
            && !self.offer_person(topic, person, changed.own.1.as_ref(), Share::News)
        {
            people.is_telling_due = true;
        }
        match changed.all {
            (before, Some(after)) if before.as_ref() != Some(&after) => {
                Some(presence(person, &after, Presence::Here))
            }
            (Some(before), None) => Some(presence(person, &before, Presence::Gone)),
            _ => None,
        }
    }

    /// Sends to the other nodes, if there may be any, what can be said again; returns whether there was
    /// room for it.
    fn offer(&self, what: &What<'_>, share: Share) -> bool {
        let Some(node) = self.node.get() else { return true };
        // Text, numbers and JSON that is written already: it cannot fail.
        serde_json::to_string(what).is_ok_and(|what| node.unsent.offer(what, share))
    }

    fn offer_person(&self, topic: &str, person: &str, who: Option<&Who>, share: Share) -> bool {
        let (topic, person) = (Cow::Borrowed(topic), Cow::Borrowed(person));
        let what = match who {
            Some(who) => What::Here { topic, person, who: who.json() },
            None => What::Gone { topic, person },
        };
        self.offer(&what, share)
    }

    /// There is a connection to the bus, for the first time or again.
    pub(in crate::pub_sub) fn connected(&self) {
        {
            let mut people = self.people();
            (people.is_telling_due, people.telling) = (true, None);
            people.nodes.values_mut().for_each(OtherNode::bus_was_lost);
        }
        self.offer(&What::Ask { of: None }, Share::News);
        self.tell_anew();
    }

    /// The connection has taken what was sent first: what was said before is not known.
    pub(in crate::pub_sub) fn carried(&self) {
        tracing::info!("the bus between the servers is there");
        self.miss();
    }

    /// Says that this node stops, so that nobody waits for its silence.
    pub(in crate::pub_sub) fn leave(&self) {
        self.people().is_leaving = self.offer(&What::Leave, Share::News);
    }

    /// Says that this node lives, and what else is due. What finds no room is due again with the next beat.
    pub(in crate::pub_sub) fn beat(&self) {
        self.offer(&What::Beat, Share::News);
        {
            // Another runtime of this process goes on.
            let mut people = self.people();
            if std::mem::take(&mut people.is_leaving) && people.is_anybody_here() {
                people.is_telling_due = true;
            }
        }
        self.tell_anew();
        let people = self.people();
        for (id, _) in people.nodes.iter().filter(|(_, other)| other.is_known_in_part()) {
            self.offer(&What::Ask { of: Some(*id) }, Share::News);
        }
    }

    /// Begins to tell who is on this node's pages, if that is due and not under way, and goes on with it.
    fn tell_anew(&self) {
        {
            let mut people = self.people();
            let begins = people.is_telling_due && people.telling.is_none();
            if begins && self.offer(&What::Tell, Share::News) {
                (people.is_telling_due, people.telling) = (false, Some(Telling::default()));
            }
        }
        self.tell_on();
    }

    /// Goes on telling who is on this node's pages, as far as there is room.
    pub(in crate::pub_sub) fn tell_on(&self) {
        let mut people = self.people();
        let Some(telling) = people.telling.take() else { return };
        let mut last = None;
        let mut untold = people.untold(&telling);
        let is_full = untold.any(|(topic, person, who)| {
            let is_told = self.offer_person(topic, person, Some(who), Share::Telling);
            if is_told {
                last = Some((topic, person));
            }
            !is_told
        });
        let last = last.map(|(topic, person)| (topic.into(), person.into()));
        drop(untold);
        if is_full || !self.offer(&What::Told, Share::News) {
            people.telling = Some(Telling { last: last.or(telling.last) });
        }
    }

    /// A beat of this node has come back, so the bus carries: who is silent all the same is dead.
    fn own_beat_is_back(&self) {
        let order = self.order();
        let mut people = self.people();
        let others = people.nodes.iter_mut();
        let dead: Vec<_> =
            others.filter_map(|(id, other)| other.is_dead_by_now().then_some(*id)).collect();
        let mut n_silent = 0;
        let forget = |id: &u64| {
            let has_left = people.nodes.remove(id).is_some_and(|other| other.has_left());
            n_silent += usize::from(!has_left);
            self.forget_people(&mut people, *id, u64::MAX)
        };
        let news: Vec<_> = dead.iter().flat_map(forget).collect();
        drop(people);
        news.into_iter().for_each(|(topic, news)| self.tell(&topic, news));
        drop(order);
        if n_silent > 0 {
            tracing::warn!(n_nodes = n_silent, "other servers are silent and taken for dead");
            // What they said last may not have come.
            self.miss();
        }
    }

    /// Takes what came over the bus.
    pub(in crate::pub_sub) fn receive(self: &Arc<Self>, payload: &str) {
        let packet = match serde_json::from_str::<Packet<'_>>(payload) {
            Ok(packet) => packet,
            Err(error) => {
                // Of another release, or of somebody else on the same bus. Its text may be anything.
                tracing::warn!(column = error.column(), "what came over the bus cannot be read");
                return;
            }
        };
        let Packet { node, number, what } = packet;
        let own = self.node.get().map(|node| node.id);
        if own == Some(node) {
            if matches!(what, What::Beat) {
                self.own_beat_is_back();
            }
            return;
        }
        let noted = {
            let mut people = self.people();
            people.nodes.entry(node).or_insert_with(OtherNode::new).hears(number, &what)
        };
        let Some(Noted { round, is_after_loss, asks }) = noted else { return };
        if asks {
            self.offer(&What::Ask { of: Some(node) }, Share::News);
        }
        if is_after_loss {
            self.miss();
        }
        match what {
            What::Said { topic, message, by } => {
                self.deliver_json(&topic, message.get(), PageTrace::from_text(&by));
            }
            What::Ask { of } if of.is_none() || of == own => self.people().is_telling_due = true,
            What::Here { topic, person, who } => {
                let who = who.to_owned().into();
                self.change(&topic, &person, |person| person.is_there(node, round, who));
            }
            What::Gone { topic, person } => {
                self.change(&topic, &person, |person| person.is_not_there(node));
            }
            What::Told => {
                let mut people = self.people();
                let has_told = people.nodes.get_mut(&node).is_some_and(OtherNode::has_told);
                drop(people);
                if has_told {
                    self.have_gone(node, round);
                }
            }
            What::Leave => {
                let hub = Arc::downgrade(self);
                let grace = self.options.presence_grace;
                tokio::spawn(async move {
                    sleep(grace).await;
                    if let Some(hub) = hub.upgrade() {
                        hub.have_gone(node, round + 1);
                    }
                });
            }
            What::Beat | What::Tell | What::Ask { .. } => {}
        }
    }

    /// Those whom a node has named before this round, and not since, are gone.
    fn have_gone(&self, node: u64, before: u64) {
        let _order = self.order();
        let news = self.forget_people(&mut self.people(), node, before);
        news.into_iter().for_each(|(topic, news)| self.tell(&topic, news));
    }

    /// Forgets whom a node has named before this round; returns what listeners are to hear, by topic.
    fn forget_people(
        &self,
        people: &mut People,
        node: u64,
        before: u64,
    ) -> Vec<(Box<str>, Option<String>)> {
        let gone = people.of_node(node, before).into_iter().map(|(topic, person)| {
            let news = self.change_of(people, &topic, &person, |it| it.is_not_there(node));
            (topic, news)
        });
        gone.collect()
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

//! The people on all topics, as this node knows them: those on its own pages, and those of whom other
//! nodes say that they are on theirs.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::OtherNode;

/// What is said of a person, as JSON. The same is what is written the same.
#[derive(Clone)]
pub(in crate::pub_sub) struct Who(Arc<RawValue>);

impl Who {
    pub(in crate::pub_sub) fn json(&self) -> &RawValue {
        &self.0
    }
}

impl From<Box<RawValue>> for Who {
    fn from(json: Box<RawValue>) -> Self {
        Self(json.into())
    }
}

impl PartialEq for Who {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// By topic's address.
#[derive(Default)]
pub(in crate::pub_sub) struct People {
    topics: BTreeMap<Box<str>, BTreeMap<Box<str>, Person>>,
    pub(in crate::pub_sub) nodes: HashMap<u64, OtherNode>,
    /// Others do not know all who are on this node's pages: they are to be told all.
    pub(in crate::pub_sub) is_telling_due: bool,
    /// They are being told.
    pub(in crate::pub_sub) telling: Option<Telling>,
    /// Others were told a moment ago that this node stops.
    pub(in crate::pub_sub) is_leaving: bool,
}

/// How far this node has told who is on its pages.
#[derive(Default)]
pub(in crate::pub_sub) struct Telling {
    /// The topic and the person told last.
    pub(in crate::pub_sub) last: Option<(Box<str>, Box<str>)>,
}

/// A person on a topic.
#[derive(Default)]
pub(in crate::pub_sub) struct Person {
    /// The views here that show the page, by number; the last one's word counts.
    tabs: Vec<(u64, Who)>,
    /// Tabs that are lost, and may be back: the number of each wait, and what was said; since a tab came last.
    graces: Vec<(u64, Who)>,
    /// What other nodes say, each in its round.
    others: BTreeMap<u64, (u64, Who)>,
}

/// How a person was before a change, and is after it.
pub(in crate::pub_sub) struct Change {
    /// On this node's pages.
    pub(in crate::pub_sub) own: (Option<Who>, Option<Who>),
    /// On anybody's.
    pub(in crate::pub_sub) all: (Option<Who>, Option<Who>),
}

impl Person {
    /// A tab shows the page.
    pub(in crate::pub_sub) fn comes(&mut self, number: u64, who: Who) {
        self.tabs.retain(|(own, _)| *own != number);
        self.tabs.push((number, who));
        self.graces.clear();
    }

    /// A tab shows it no more; with a number, it may be back until that grace ends.
    pub(in crate::pub_sub) fn leaves(&mut self, number: u64, grace: Option<u64>) {
        let Some(index) = self.tabs.iter().position(|(own, _)| *own == number) else { return };
        let (_, who) = self.tabs.remove(index);
        if let Some(grace) = grace {
            self.graces.push((grace, who));
        }
    }

    pub(in crate::pub_sub) fn grace_ends(&mut self, number: u64) {
        self.graces.retain(|(own, _)| *own != number);
    }

    /// Another node says that the person is there.
    pub(in crate::pub_sub) fn is_there(&mut self, node: u64, round: u64, who: Who) {
        self.others.insert(node, (round, who));
    }

    pub(in crate::pub_sub) fn is_not_there(&mut self, node: u64) {
        self.others.remove(&node);
    }

    fn own(&self) -> Option<&Who> {
        self.tabs.last().or(self.graces.last()).map(|(_, who)| who)
    }

    fn any(&self) -> Option<&Who> {
        self.own().or(self.others.values().next().map(|(_, who)| who))
    }
}

impl People {
    pub(in crate::pub_sub) fn change(
        &mut self,
        topic: &str,
        person: &str,
        change: impl FnOnce(&mut Person),
    ) -> Change {
        let people = self.topics.entry(topic.into()).or_default();
        let one = people.entry(person.into()).or_default();
        let before = (one.own().cloned(), one.any().cloned());
        change(one);
        let after = (one.own().cloned(), one.any().cloned());
        if after.1.is_none() {
            people.remove(person);
            if people.is_empty() {
                self.topics.remove(topic);
            }
        }
        Change { own: (before.0, after.0), all: (before.1, after.1) }
    }

    /// The first `n_people` of those on a topic.
    pub(in crate::pub_sub) fn present(&self, topic: &str, n_people: usize) -> Vec<(Box<str>, Who)> {
        let people = self.topics.get(topic).into_iter().flatten().take(n_people);
        people.filter_map(|(person, one)| Some((person.clone(), one.any()?.clone()))).collect()
    }

    /// How many are on a topic.
    pub(in crate::pub_sub) fn n_present(&self, topic: &str) -> usize {
        self.topics.get(topic).map_or(0, BTreeMap::len)
    }

    /// Those on this node's own pages, of all topics, whom `telling` has not reached: topic, person and
    /// what is said.
    pub(in crate::pub_sub) fn untold<'a>(
        &'a self,
        telling: &'a Telling,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a Who)> {
        let last = telling.last.as_ref();
        let from = last.map_or(Bound::Unbounded, |(topic, _)| Bound::Included(&**topic));
        let topics = self.topics.range::<str, _>((from, Bound::Unbounded));
        topics.flat_map(move |(topic, people)| {
            let last = last.filter(|(told, _)| told == topic);
            let after = last.map_or(Bound::Unbounded, |(_, person)| Bound::Excluded(&**person));
            let people = people.range::<str, _>((after, Bound::Unbounded));
            people.filter_map(move |(person, one)| Some((&**topic, &**person, one.own()?)))
        })
    }

    /// Whether somebody is on a page of this node.
    pub(in crate::pub_sub) fn is_anybody_here(&self) -> bool {
        self.topics.values().flat_map(BTreeMap::values).any(|one| !one.tabs.is_empty())
    }

    /// Those of whom a node has said something before this round.
    pub(in crate::pub_sub) fn of_node(&self, node: u64, before: u64) -> Vec<(Box<str>, Box<str>)> {
        let is_of_it = |one: &Person| one.others.get(&node).is_some_and(|&(at, _)| at < before);
        let all = self.topics.iter().flat_map(|(topic, people)| {
            let people = people.iter().filter(|(_, one)| is_of_it(one));
            people.map(|(person, _)| (topic.clone(), person.clone()))
        });
        all.collect()
    }
}

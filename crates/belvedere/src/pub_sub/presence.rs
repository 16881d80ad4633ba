//! [`Presence`]: who is on a topic, and what is said of them.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::pub_sub::hub::Hub;
use crate::pub_sub::topic::bounded_key;
use crate::pub_sub::{PubSub, Topic, TopicMessage};

pub(super) use other_node::{Noted, OtherNode};
pub(super) use people::{People, Person, Telling, Who};

mod other_node;
mod people;
#[cfg(test)]
mod tests;

/// Most bytes of what is said of a person, as JSON: it goes to every server.
const MAX_WHO_BYTES: usize = 1024;

/// What is heard on a topic of people: `Topic<Presence<Who>>`.
///
/// [`Socket::track`](crate::Socket::track) puts the person who looks at a page on such a topic, and
/// [`PubSub::present`] says who all are there.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence<P> {
    /// A person has come, or something else is said of one who is there.
    Here(Present<P>),
    /// A person has gone, with the last tab, and was not back within the grace.
    Gone(Present<P>),
}

/// A person who is on a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Present<P> {
    /// What tells this person from others, as it was given to [`Socket::track`](crate::Socket::track).
    pub person: String,
    /// What is said of the person.
    pub who: P,
}

/// Why a person is not put on a topic.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackError {
    /// What is said of the person is too long.
    #[error(
        "what is said of a person on the topic `{topic}` has {bytes} bytes as JSON and may have \
         {MAX_WHO_BYTES}: say an id, and let each page read the rest"
    )]
    TooLarge {
        /// The topic's name.
        topic: &'static str,
        /// Its length as JSON.
        bytes: usize,
    },
    /// It cannot be written as JSON.
    #[error("what is said of a person on the topic `{topic}` cannot be written as JSON")]
    Json {
        /// The topic's name.
        topic: &'static str,
        /// What serde said.
        #[source]
        source: serde_json::Error,
    },
    /// The view tracks people on as many topics as it may, 16.
    #[error("the view tracks people on 16 topics already")]
    TooMany,
}

impl PubSub {
    /// Who is on a topic now, on any server, in the order of their keys.
    ///
    /// ```
    /// use belvedere::PubSub;
    /// use belvedere::pub_sub::{Presence, Topic};
    ///
    /// const HERE: Topic<Presence<String>> = Topic::new("here");
    /// let names: Vec<String> =
    ///     PubSub::new().present(&HERE).into_iter().map(|person| person.who).collect();
    /// assert!(names.is_empty());
    /// ```
    #[must_use]
    pub fn present<P: TopicMessage>(&self, topic: &Topic<Presence<P>>) -> Vec<Present<P>> {
        self.first_present(topic, usize::MAX)
    }

    /// The first `n_people` of those who are [`present`](Self::present): for a page that names a few and
    /// counts the others, by [`n_present`](Self::n_present), so that a crowd costs no more.
    #[must_use]
    pub fn first_present<P: TopicMessage>(
        &self,
        topic: &Topic<Presence<P>>,
        n_people: usize,
    ) -> Vec<Present<P>> {
        let people = self.hub.people().present(topic.address(), n_people);
        let read = people.into_iter().filter_map(|(person, who)| {
            let read = serde_json::from_str(who.json().get()).inspect_err(|error| {
                tracing::warn!(
                    topic = topic.name(),
                    column = error.column(),
                    "a person cannot be read"
                );
            });
            Some(Present { person: person.into(), who: read.ok()? })
        });
        read.collect()
    }

    /// How many are on a topic now, on any server.
    #[must_use]
    pub fn n_present<P: TopicMessage>(&self, topic: &Topic<Presence<P>>) -> usize {
        self.hub.people().n_present(topic.address())
    }

    /// Makes ready to put a person on a topic: nobody sees it yet.
    pub(crate) fn tracked<P: TopicMessage>(
        &self,
        topic: &Topic<Presence<P>>,
        person: &str,
        who: &P,
    ) -> Result<Tracked, TrackError> {
        let name = topic.name();
        let who = to_raw_value(who).map_err(|source| TrackError::Json { topic: name, source })?;
        let bytes = who.get().len();
        if bytes > MAX_WHO_BYTES {
            return Err(TrackError::TooLarge { topic: name, bytes });
        }
        Ok(Tracked {
            hub: Arc::clone(&self.hub),
            topic: topic.address().into(),
            person: bounded_key(person).into(),
            who: who.into(),
            number: self.hub.next_number(),
            is_here: false,
            grace: None,
        })
    }
}

/// A person on a topic by one view; dropping it ends that, after the grace.
pub(crate) struct Tracked {
    hub: Arc<Hub>,
    topic: Box<str>,
    person: Box<str>,
    who: Who,
    number: u64,
    is_here: bool,
    /// The wait for the browser, if it was lost last; it may be over.
    grace: Option<u64>,
}

impl Tracked {
    /// Whether both are on the same topic.
    pub(crate) fn is_on_topic_of(&self, other: &Self) -> bool {
        self.topic == other.topic && Arc::ptr_eq(&self.hub, &other.hub)
    }

    /// Whether it is on this topic.
    pub(crate) fn is_on<P: TopicMessage>(
        &self,
        pub_sub: &PubSub,
        topic: &Topic<Presence<P>>,
    ) -> bool {
        *self.topic == *topic.address() && Arc::ptr_eq(&self.hub, &pub_sub.hub)
    }

    /// Whether both are the same person.
    pub(crate) fn is_person_of(&self, other: &Self) -> bool {
        self.person == other.person
    }

    /// Says something else of the same person.
    pub(crate) fn say(&mut self, other: &Self) {
        self.who = other.who.clone();
        if self.is_here {
            self.here();
        }
    }

    /// A browser looks.
    pub(crate) fn here(&mut self) {
        (self.is_here, self.grace) = (true, None);
        let (number, who) = (self.number, self.who.clone());
        self.hub.change(&self.topic, &self.person, |person| person.comes(number, who));
    }

    /// The browser has left, or is waited for no more: the person is gone, unless there is another tab.
    pub(crate) fn left(&mut self) {
        if std::mem::take(&mut self.is_here) {
            self.hub.change(&self.topic, &self.person, |person| person.leaves(self.number, None));
        } else if let Some(grace) = self.grace.take() {
            self.hub.change(&self.topic, &self.person, |person| person.grace_ends(grace));
        }
    }

    /// The browser is lost, and may be back in a moment.
    pub(crate) fn lost(&mut self) {
        // While the process ends there is nobody to wait.
        let Ok(runtime) = Handle::try_current() else { return self.left() };
        if !std::mem::take(&mut self.is_here) {
            return;
        }
        let grace = self.hub.next_number();
        self.grace = Some(grace);
        self.hub.change(&self.topic, &self.person, |it| it.leaves(self.number, Some(grace)));
        let (hub, topic, person) =
            (Arc::downgrade(&self.hub), self.topic.clone(), self.person.clone());
        let waits = self.hub.options.presence_grace;
        runtime.spawn(async move {
            sleep(waits).await;
            if let Some(hub) = hub.upgrade() {
                hub.change(&topic, &person, |person| person.grace_ends(grace));
            }
        });
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        self.lost();
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tracked").field("topic", &self.topic).finish_non_exhaustive()
    }
}

//! Who listens to which topic.

use std::any::{Any, type_name};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock, PoisonError};

use crate::pub_sub::node::Node;
use crate::pub_sub::presence::People;
use crate::pub_sub::{PubSubOptions, Topic, TopicMessage};
use crate::telemetry::{PageTrace, PubSubMetrics};

mod others;

/// One who listens to a topic.
pub(crate) trait Listener<T>: Send + Sync {
    /// Takes a message, without waiting, which the work `publisher` has published.
    /// Nothing of the application runs here: others wait for their turn.
    fn hear(&self, message: &Arc<T>, publisher: PageTrace) -> Delivered;

    /// Drops what waits: it is not known what else was said.
    fn miss(&self) -> Delivered;
}

/// What became of a message for one listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivered {
    /// It waits to be handled.
    Waits,
    /// So many are lost, this one among them: the listener is told to read anew.
    Missed(usize),
    /// The listener is gone, and about to be taken off the list.
    Gone,
}

/// The topics that somebody listens to.
pub(super) struct Hub {
    pub(super) options: PubSubOptions,
    pub(super) metrics: PubSubMetrics,
    /// By address. Held for a moment, and never together with a topic's own lock.
    topics: Mutex<HashMap<Box<str>, Entry>>,
    /// Who is on which topic. Held for a moment: no listener is told meanwhile, since what listeners hear is read
    /// by the application's code.
    people: Mutex<People>,
    /// Held from a change of `people` until it is told, so that all hear of comings and goings in their order.
    /// Taken before that.
    order: Mutex<()>,
    /// The way to other servers, if there are any.
    pub(super) node: OnceLock<Node>,
    /// Source of numbers that are given once.
    numbers: AtomicU64,
    /// The log says that others are on the bus.
    told_of_strangers: Once,
}

struct Entry {
    topic: Arc<dyn AnyTopic>,
    /// When the last goes, so does the topic.
    n_listeners: usize,
}

/// The listeners of one topic.
struct Listeners<T> {
    /// The topic's name.
    name: &'static str,
    /// By number. The lock is held while a message goes to all of them, so all hear two publishers in
    /// the same order.
    list: Mutex<BTreeMap<u64, Arc<dyn Listener<T>>>>,
}

/// What can be done with a topic whose type is not known.
trait AnyTopic: Send + Sync {
    /// Gives all who listen a message that is written as JSON.
    fn deliver_json(&self, json: &str, publisher: PageTrace, metrics: &PubSubMetrics);
    /// Tells all who listen that they have missed something.
    fn miss(&self, metrics: &PubSubMetrics);
    fn remove(&self, number: u64);
    fn type_name(&self) -> &'static str;
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl Hub {
    pub(super) fn new(options: PubSubOptions) -> Self {
        Self {
            options,
            metrics: PubSubMetrics::default(),
            topics: Mutex::default(),
            people: Mutex::default(),
            order: Mutex::default(),
            node: OnceLock::new(),
            numbers: AtomicU64::new(1),
            told_of_strangers: Once::new(),
        }
    }

    /// A number that nobody else has.
    pub(super) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Adds a listener for as long as the returned value lives.
    pub(super) fn listen<T: TopicMessage>(
        this: &Arc<Self>,
        topic: &Topic<T>,
        listener: Arc<dyn Listener<T>>,
    ) -> Listening {
        let number = this.next_number();
        let address = topic.address();
        let any = {
            let mut topics = this.topics();
            let entry = topics.entry(address.into()).or_insert_with(|| Entry {
                topic: Arc::new(Listeners::<T> { name: topic.name(), list: Mutex::default() }),
                n_listeners: 0,
            });
            entry.n_listeners += 1;
            Arc::clone(&entry.topic)
        };
        if let Some(listeners) = typed::<T>(any, topic) {
            listeners.lock().insert(number, listener);
        }
        Listening { hub: Arc::clone(this), address: address.into(), number }
    }

    /// Gives a message to all who listen now, less one.
    pub(super) fn deliver<T: TopicMessage>(
        &self,
        topic: &Topic<T>,
        message: &Arc<T>,
        publisher: PageTrace,
        less: Option<&Listening>,
    ) {
        let Some(any) = self.topic(topic.address()) else { return };
        if let Some(listeners) = typed::<T>(any, topic) {
            let less = less.map(|one| one.number);
            listeners.tell(&self.metrics, less, |listener| listener.hear(message, publisher));
        }
    }

    /// Gives a message that is written as JSON to all who listen to the topic of this address.
    fn deliver_json(&self, address: &str, json: &str, publisher: PageTrace) {
        if let Some(topic) = self.topic(address) {
            topic.deliver_json(json, publisher, &self.metrics);
        }
    }

    /// Drops what came over the bus and was not signed by a server of this application.
    pub(super) fn refuse(&self) {
        self.metrics.refused();
        self.told_of_strangers.call_once(|| {
            tracing::warn!(
                "what came over the bus is not signed with this server's secret and is dropped, as \
                 whatever follows of this kind: another application, or a server with another secret"
            );
        });
    }

    /// Tells all who listen to anything that they have missed something.
    fn miss(&self) {
        let topics: Vec<_> = self.topics().values().map(|entry| Arc::clone(&entry.topic)).collect();
        topics.iter().for_each(|topic| topic.miss(&self.metrics));
    }

    fn topic(&self, address: &str) -> Option<Arc<dyn AnyTopic>> {
        self.topics().get(address).map(|entry| Arc::clone(&entry.topic))
    }

    pub(super) fn n_listeners(&self, address: &str) -> usize {
        self.topics().get(address).map_or(0, |entry| entry.n_listeners)
    }

    fn forget(&self, address: &str, number: u64) {
        let Some(topic) = self.topic(address) else { return };
        topic.remove(number);
        let mut topics = self.topics();
        let Some(entry) = topics.get_mut(address) else { return };
        entry.n_listeners -= 1;
        if entry.n_listeners == 0 {
            topics.remove(address);
            if topics.capacity() > 64 && topics.len() < topics.capacity() / 4 {
                let room = topics.len() * 2;
                topics.shrink_to(room);
            }
        }
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<Box<str>, Entry>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The topic as one of `T`, which it is unless the program has two topics of one name.
fn typed<T: TopicMessage>(any: Arc<dyn AnyTopic>, topic: &Topic<T>) -> Option<Arc<Listeners<T>>> {
    let other = any.type_name();
    let typed = any.into_any().downcast().ok();
    if typed.is_none() {
        tracing::error!(
            topic = topic.name(),
            asked_for = type_name::<T>(),
            heard = other,
            "two topics have one name and different types; nothing goes from one to the other"
        );
    }
    typed
}

impl<T> Listeners<T> {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<dyn Listener<T>>>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(
        &self,
        metrics: &PubSubMetrics,
        less: Option<u64>,
        tell: impl Fn(&dyn Listener<T>) -> Delivered,
    ) {
        let (mut n_waiting, mut n_missed) = (0, 0);
        for (_, listener) in self.lock().iter().filter(|(number, _)| Some(**number) != less) {
            match tell(&**listener) {
                Delivered::Waits => n_waiting += 1,
                Delivered::Missed(n_messages) => n_missed += n_messages,
                Delivered::Gone => {}
            }
        }
        metrics.delivered(self.name, n_waiting, n_missed);
    }
}

impl<T: TopicMessage> AnyTopic for Listeners<T> {
    fn deliver_json(&self, json: &str, publisher: PageTrace, metrics: &PubSubMetrics) {
        // The application's own code reads it, and drops it where nobody listens.
        let delivered = catch_unwind(AssertUnwindSafe(|| {
            let message = Arc::new(serde_json::from_str::<T>(json)?);
            self.tell(metrics, None, |listener| listener.hear(&message, publisher));
            Ok::<_, serde_json::Error>(())
        }));
        match delivered {
            Ok(Ok(())) => return,
            // Its text may be anything.
            Ok(Err(error)) => tracing::warn!(
                topic = self.name,
                column = error.column(),
                "a message of another server is none of its topic's type; its listeners read anew"
            ),
            Err(_) => tracing::error!(
                topic = self.name,
                "to read a message of another server has panicked; its listeners read anew"
            ),
        }
        self.miss(metrics);
    }

    fn miss(&self, metrics: &PubSubMetrics) {
        self.tell(metrics, None, |listener| listener.miss());
    }

    fn remove(&self, number: u64) {
        let removed = self.lock().remove(&number);
        drop(removed);
    }

    fn type_name(&self) -> &'static str {
        type_name::<T>()
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// A listener on the list; dropping it takes it off.
pub(crate) struct Listening {
    hub: Arc<Hub>,
    address: Box<str>,
    number: u64,
}

impl Listening {
    /// Whether it listens to the topic of this address in the same [`PubSub`](super::PubSub).
    pub(crate) fn is_to<T: TopicMessage>(&self, pub_sub: &super::PubSub, topic: &Topic<T>) -> bool {
        *self.address == *topic.address() && Arc::ptr_eq(&self.hub, &pub_sub.hub)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.hub.forget(&self.address, self.number);
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Listening").field(&self.address).finish()
    }
}

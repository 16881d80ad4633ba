//! [`PubSub`]: what one part of the application says on a topic, and all views and tasks that listen hear.
//!
//! Plain Rust: nothing of HTTP, of views or of templates. A view listens by its socket, which brings what
//! it hears into its mailbox; anything else by a [`Subscription`], a stream.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::to_raw_value;
use tokio::time::timeout;

use crate::telemetry::PageTrace;
use crate::wire::token::{BusKey, SecretKeyBase};

pub use bus::{Bus, BusConnection, BusError};
pub(crate) use hub::{Delivered, Listener, Listening};
pub(crate) use presence::Tracked;
pub use presence::{Presence, Present, TrackError};
pub use subscription::Subscription;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub use test_bus::{TestBus, TestConnection};
pub use topic::{Topic, TopicMessage};

use hub::Hub;
use node::{Node, Packet, What};

mod bus;
mod hub;
mod node;
mod presence;
mod subscription;
#[cfg(feature = "testing")]
mod test_bus;
mod topic;

/// How long a server that stops waits until the bus has taken what it has said.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Carries messages from whoever [`publish`](Self::publish)es on a topic to all who listen to it.
///
#[doc = include_str!("docs/pub_sub.md")]
#[derive(Clone)]
pub struct PubSub {
    hub: Arc<Hub>,
}

/// How a [`PubSub`] behaves.
#[derive(Clone, Debug)]
pub struct PubSubOptions {
    /// Most messages of one topic that wait for one listener. When there is one more, all of them are
    /// dropped, and the listener is told [`Heard::Missed`]. Default: 64, which a page that answers
    /// within a tenth of a second reaches at 640 messages a second. At least 1.
    pub max_waiting: usize,
    /// How long a person whose connection is lost stays present, so that nobody sees a reconnect. Who
    /// closes the last tab is gone at once. Default: 5 seconds.
    pub presence_grace: Duration,
    /// Most bytes of messages that wait to be sent to other servers. When there are more, all of them are
    /// dropped, and the listeners there are told [`Heard::Missed`]. A quarter as many may wait beside them
    /// of who is there; what finds no room is told when there is some. Default: 1 MiB.
    pub max_unsent_bytes: usize,
}

/// What a listener hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heard<T> {
    /// Somebody has published this.
    Message(T),
    /// Messages are lost, since too many waited or the bus between the servers lost them: what the
    /// listener knows is to be read anew. What was published before this is handled is in what is read
    /// then.
    Missed,
}

/// Why a message was not published. Nobody has heard it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// It cannot be written as JSON, which is how it travels between servers. Without other servers only
    /// a debug build looks.
    #[error("a message on the topic `{topic}` cannot be written as JSON")]
    Json {
        /// The topic's name.
        topic: &'static str,
        /// What serde said.
        #[source]
        source: serde_json::Error,
    },
    /// It is longer than the bus between the servers takes.
    #[error(
        "a message on the topic `{topic}` has {bytes} bytes as JSON, and the bus between the servers \
         takes {max_bytes}: publish an id, and let who hears it read the rest"
    )]
    TooLarge {
        /// The topic's name.
        topic: &'static str,
        /// Its length, with what stands around it.
        bytes: usize,
        /// The longest.
        max_bytes: usize,
    },
}

impl PubSub {
    /// One within this process.
    #[must_use]
    pub fn new() -> Self {
        Self::with(PubSubOptions::default())
    }

    /// One within this process that behaves as `options` say.
    #[must_use]
    pub fn with(options: PubSubOptions) -> Self {
        Self { hub: Arc::new(Hub::new(options)) }
    }

    /// One of several servers, which hear each other over `bus`. What they say is signed with a key that is
    /// derived from `secret`, the same on all of them: whatever else comes over the bus, be it of another
    /// application or of a server with another secret, is dropped, counted, and told of once in the log.
    ///
    /// A server that has lost the bus goes on and hears only itself; it connects again, and its listeners
    /// are told [`Heard::Missed`].
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn over(bus: impl Bus, secret: &SecretKeyBase, options: PubSubOptions) -> Self {
        let bus = Arc::new(bus);
        let node = Node::new(&bus, options.max_unsent_bytes);
        let hub = Arc::new(Hub::new(options));
        let key = BusKey::derive(secret);
        hub.node.get_or_init(|| node).start(bus, key, Arc::downgrade(&hub));
        Self { hub }
    }

    /// Says something to all who listen to `topic` now. It does not wait for any of them.
    ///
    /// Each hears what one publisher says in the order in which it was said. The act of a view that
    /// handles it links to the work that is under way here.
    ///
    /// # Errors
    ///
    /// [`PublishError`]: then nobody has heard it.
    pub fn publish<T: TopicMessage>(
        &self,
        topic: &Topic<T>,
        message: T,
    ) -> Result<(), PublishError> {
        self.publish_except(None, topic, message)
    }

    /// Says something to all who listen, less one.
    pub(crate) fn publish_except<T: TopicMessage>(
        &self,
        one: Option<&Listening>,
        topic: &Topic<T>,
        message: T,
    ) -> Result<(), PublishError> {
        self.publish_elsewhere(topic, &message)?;
        self.hub.metrics.published(topic.name());
        self.hub.deliver(topic, &Arc::new(message), PageTrace::current(), one);
        Ok(())
    }

    /// Says something to those who listen on other servers.
    pub(crate) fn publish_elsewhere<T: TopicMessage>(
        &self,
        topic: &Topic<T>,
        message: &T,
    ) -> Result<(), PublishError> {
        let node = self.hub.node.get();
        if node.is_none() && !cfg!(debug_assertions) {
            return Ok(());
        }
        let said = said(topic, message)
            .map_err(|source| PublishError::Json { topic: topic.name(), source })?;
        let Some(node) = node else { return Ok(()) };
        let (bytes, max_bytes) = (said.len() + Packet::MAX_HEAD_BYTES, node.max_payload_bytes());
        if bytes > max_bytes {
            return Err(PublishError::TooLarge { topic: topic.name(), bytes, max_bytes });
        }
        self.hub.metrics.unsent(node.unsent.push(said));
        Ok(())
    }

    /// Listens to `topic` until the stream is dropped: for tasks and handlers. A view has
    /// [`Socket::subscribe_to`](crate::Socket::subscribe_to).
    ///
    /// ```
    /// # use belvedere::pub_sub::{Heard, PubSub, Topic};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// const NEWS: Topic<String> = Topic::new("news");
    /// let pub_sub = PubSub::new();
    /// let mut news = pub_sub.subscribe(&NEWS);
    /// pub_sub.publish(&NEWS, "rain".to_owned()).expect("text can be written as JSON");
    /// assert_eq!(news.next().await, Heard::Message("rain".to_owned()));
    /// # }
    /// ```
    #[must_use]
    pub fn subscribe<T: TopicMessage>(&self, topic: &Topic<T>) -> Subscription<T> {
        Subscription::new(self, topic)
    }

    /// How many listen to `topic` here. Nothing is kept for a topic without listeners.
    #[must_use]
    pub fn n_listeners<T: TopicMessage>(&self, topic: &Topic<T>) -> usize {
        self.hub.n_listeners(topic.address())
    }

    /// Adds a listener for as long as the returned value lives.
    pub(crate) fn listen<T: TopicMessage>(
        &self,
        topic: &Topic<T>,
        listener: Arc<dyn Listener<T>>,
    ) -> Listening {
        Hub::listen(&self.hub, topic, listener)
    }

    /// Tells the other servers that this one stops, and returns when the bus has taken that and all that was
    /// published, at the latest after a second.
    pub(crate) async fn leave(&self) {
        let Some(node) = self.hub.node.get() else { return };
        self.hub.leave();
        let _ = timeout(LAST_WORDS, node.unsent.settled()).await;
    }

    /// Returns when the bus has taken all that was published here.
    #[cfg(feature = "testing")]
    pub async fn settle(&self) {
        if let Some(node) = self.hub.node.get() {
            node.unsent.settled().await;
        }
    }

    /// Ends the connection to other servers as if this one had been killed: without a word.
    #[cfg(feature = "testing")]
    pub fn kill(&self) {
        if let Some(node) = self.hub.node.get() {
            node.kill();
        }
    }

    /// Most messages that wait for one listener.
    pub(crate) fn max_waiting(&self) -> usize {
        self.hub.options.max_waiting.max(1)
    }
}

impl Default for PubSub {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for PubSub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PubSub").field("options", &self.hub.options).finish_non_exhaustive()
    }
}

/// A message as other nodes are sent it.
fn said<T: TopicMessage>(topic: &Topic<T>, message: &T) -> Result<String, serde_json::Error> {
    let message = &*to_raw_value(message)?;
    let by = Cow::Owned(PageTrace::current().to_text());
    let topic = Cow::Borrowed(topic.address());
    serde_json::to_string(&What::Said { topic, message, by })
}

impl Default for PubSubOptions {
    fn default() -> Self {
        Self {
            max_waiting: 64,
            presence_grace: Duration::from_secs(5),
            max_unsent_bytes: 1024 * 1024,
        }
    }
}

impl<T> Heard<T> {
    /// The message, unless some were missed.
    #[must_use]
    pub fn message(self) -> Option<T> {
        match self {
            Self::Message(message) => Some(message),
            Self::Missed => None,
        }
    }
}

impl<T: Clone> Heard<Arc<T>> {
    /// For one of those who share it.
    pub(crate) fn owned(self) -> Heard<T> {
        match self {
            Self::Message(message) => Heard::Message(Arc::unwrap_or_clone(message)),
            Self::Missed => Heard::Missed,
        }
    }
}

//! [`PubSub`]: what one part of the application says on a topic, and all views and tasks that listen hear.
//!
//! Plain Rust: nothing of HTTP, of views or of templates. A view listens by its socket, which brings what
//! it hears into its mailbox; anything else by a [`Subscription`], a stream.

use std::fmt;
use std::sync::Arc;

use crate::telemetry::{PageTrace, PubSubMetrics};

pub(crate) use hub::{Delivered, Listener, Listening};
pub use subscription::Subscription;
pub use topic::{Topic, TopicMessage};

use hub::Hub;

mod hub;
mod subscription;
mod topic;

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
}

/// What a listener hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heard<T> {
    /// Somebody has published this.
    Message(T),
    /// Messages are lost, since too many waited: what the listener knows is to be read anew. What was
    /// published before this is handled is in what is read then.
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
        if cfg!(debug_assertions) {
            let json = serde_json::to_string(&message);
            json.map_err(|source| PublishError::Json { topic: topic.name(), source })?;
        }
        self.metrics().published(topic.name());
        self.hub.deliver(topic, &message, PageTrace::current());
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

    /// Most messages that wait for one listener.
    pub(crate) fn max_waiting(&self) -> usize {
        self.hub.options.max_waiting.max(1)
    }

    fn metrics(&self) -> &PubSubMetrics {
        &self.hub.metrics
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

impl Default for PubSubOptions {
    fn default() -> Self {
        Self { max_waiting: 64 }
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

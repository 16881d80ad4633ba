//! The topics that a view listens to.

use std::sync::Arc;

use crate::pub_sub::{
    Delivered, Heard, Listener, Listening, PubSub, PublishError, Topic, TopicMessage,
};
use crate::runtime::mailbox::{Backlog, Mailbox, Wrap};
use crate::socket::Socket;
use crate::telemetry::PageTrace;
use crate::view::LiveView;

/// Most topics that one view may listen to at once: a page needs a handful, and a browser that chooses
/// what it shows must not fill the memory.
const MAX_TOPICS: usize = 64;

/// The view listens to as many topics as it may, 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the view listens to {MAX_TOPICS} topics already")]
pub struct TooManyTopics;

impl<V: LiveView> Socket<V> {
    /// Listens to a topic of a [`PubSub`] from now on: what is published on it comes to this view as a
    /// message, which `wrap` makes, mostly a variant of the view's own type.
    ///
    /// A view that listens to it already goes on doing so, and a second call does nothing: so
    /// [`connected`](LiveView::connected) needs not ask whether the browser has been here before. It
    /// ends with the view or by [`unsubscribe_from`](Self::unsubscribe_from). What comes after a call in
    /// `mount` waits until the browser has joined.
    ///
    /// Listen first, and read what the page shows then: nothing is lost in between.
    ///
    /// ```
    /// # use axum::extract::State;
    /// # use belvedere::{Joined, LiveView, MountError, Render, Result, Socket, live};
    /// use belvedere::pub_sub::{Heard, PubSub, Topic};
    ///
    /// const SCORE: Topic<u32> = Topic::new("score");
    ///
    /// # struct Game { pub_sub: PubSub, score: u32 }
    /// # async fn read_score() -> u32 { 0 }
    /// # impl LiveView for Game {
    /// #     type Extract = State<PubSub>;
    /// #     type Params = ();
    /// #     type Event = ();
    /// type Message = Heard<u32>;
    ///
    /// async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
    ///     socket.subscribe_to(&self.pub_sub, &SCORE, |heard| heard)?;
    ///     self.score = read_score().await;
    ///     Ok(())
    /// }
    ///
    /// async fn handle_message(&mut self, heard: Heard<u32>, _: &mut Socket<Self>) -> Result {
    ///     self.score = match heard {
    ///         Heard::Message(score) => score,
    ///         Heard::Missed => read_score().await,
    ///     };
    ///     Ok(())
    /// }
    /// #     async fn mount(
    /// #         State(pub_sub): Self::Extract,
    /// #         _: &mut Socket<Self>,
    /// #     ) -> Result<Self, MountError> {
    /// #         Ok(Self { pub_sub, score: 0 })
    /// #     }
    /// #     fn render(&self) -> impl Render { live! { p { (self.score) } } }
    /// # }
    /// ```
    ///
    /// `wrap` runs in the view's own task, just before [`handle_message`](LiveView::handle_message).
    ///
    /// At most [`max_waiting`](crate::pub_sub::PubSubOptions::max_waiting) messages of one topic wait for
    /// a view, and four times as many of all its topics.
    ///
    /// # Errors
    ///
    /// [`TooManyTopics`] when the view listens to 64 others.
    pub fn subscribe_to<T: TopicMessage>(
        &mut self,
        pub_sub: &PubSub,
        topic: &Topic<T>,
        wrap: fn(Heard<T>) -> V::Message,
    ) -> Result<(), TooManyTopics> {
        if self.topics.iter().any(|own| own.listening.is_to(pub_sub, topic)) {
            return Ok(());
        }
        if self.topics.len() >= MAX_TOPICS {
            return Err(TooManyTopics);
        }
        let mailbox = Arc::clone(&self.mailbox);
        let backlog = Arc::new(Backlog::new(pub_sub.max_waiting()));
        let listener = ViewListener { mailbox, backlog: Arc::clone(&backlog), wrap };
        let listening = pub_sub.listen(topic, Arc::new(listener));
        self.topics.push(OwnTopic { listening, backlog });
        Ok(())
    }

    /// As [`PubSub::publish`], to all who listen but this view: of what it has done itself it need not
    /// hear.
    ///
    /// # Errors
    ///
    /// [`PublishError`]: then nobody has heard it.
    pub fn publish_to_others<T: TopicMessage>(
        &self,
        pub_sub: &PubSub,
        topic: &Topic<T>,
        message: T,
    ) -> Result<(), PublishError> {
        let own = self.topics.iter().find(|own| own.listening.is_to(pub_sub, topic));
        pub_sub.publish_except(own.map(|own| &own.listening), topic, message)
    }

    /// Listens to a topic no more. What waits of it is dropped: the view hears nothing of it after this.
    pub fn unsubscribe_from<T: TopicMessage>(&mut self, pub_sub: &PubSub, topic: &Topic<T>) {
        let Some(at) = self.topics.iter().position(|own| own.listening.is_to(pub_sub, topic))
        else {
            return;
        };
        let OwnTopic { listening, backlog } = self.topics.swap_remove(at);
        drop(listening);
        self.mailbox.forget_heard(&backlog);
    }
}

/// A topic that a view listens to.
#[derive(Debug)]
pub(crate) struct OwnTopic {
    listening: Listening,
    /// What waits of it.
    backlog: Arc<Backlog>,
}

/// Brings what is heard into a view's mailbox.
struct ViewListener<T, M> {
    mailbox: Arc<Mailbox<M>>,
    backlog: Arc<Backlog>,
    wrap: fn(Heard<T>) -> M,
}

impl<T: TopicMessage, M: Send + 'static> Listener<T> for ViewListener<T, M> {
    fn hear(&self, message: &Arc<T>, publisher: PageTrace) -> Delivered {
        let message = || self.wrapped(Heard::Message(Arc::clone(message)));
        let missed = || self.wrapped(Heard::Missed);
        self.mailbox.post_heard(&self.backlog, message, missed, publisher)
    }

    fn miss(&self) -> Delivered {
        let missed = || self.wrapped(Heard::Missed);
        self.mailbox.post_missed(&self.backlog, missed, PageTrace::NONE)
    }
}

impl<T: TopicMessage, M: Send + 'static> ViewListener<T, M> {
    fn wrapped(&self, heard: Heard<Arc<T>>) -> Wrap<M> {
        let wrap = self.wrap;
        Box::new(move || wrap(heard.owned()))
    }
}

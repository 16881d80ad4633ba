//! The person who looks at a view, on the topics where others see it.

use std::sync::Arc;

use crate::ended::Ended;
use crate::pub_sub::{Presence, PubSub, Topic, TopicMessage, TrackError, Tracked};
use crate::runtime::outbox::Outbox;
use crate::socket::Socket;
use crate::view::LiveView;

/// Most topics on which one view tracks a person.
const MAX_TRACKED: usize = 16;

impl<V: LiveView> Socket<V> {
    /// Puts the person who looks at this view on a topic, with what others see of them, for as long as a
    /// browser shows it.
    ///
    /// `person` tells people apart, such as a user's id: who has several tabs is there once. Called again,
    /// it says something else of the same person; for another person, the first one leaves.
    ///
    /// A page that no browser has joined shows nobody. Who closes the last tab is gone at once; who loses
    /// the connection is when [`presence_grace`](crate::pub_sub::PubSubOptions::presence_grace) is over.
    ///
    /// ```
    /// # use axum::extract::State;
    /// # use belvedere::{Joined, LiveView, MountError, Render, Result, Socket, live};
    /// use belvedere::http::Visitor;
    /// use belvedere::pub_sub::{Heard, Presence, Present, PubSub, Topic};
    ///
    /// const HERE: Topic<Presence<String>> = Topic::new("room.here");
    ///
    /// # struct Room { pub_sub: PubSub, person: String, name: String, here: Vec<Present<String>> }
    /// # impl LiveView for Room {
    /// #     type Extract = ();
    /// #     type Params = ();
    /// #     type Event = ();
    /// type Message = Heard<Presence<String>>;
    ///
    /// async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
    ///     socket.subscribe_to(&self.pub_sub, &HERE, |heard| heard)?;
    ///     socket.track(&self.pub_sub, &HERE, &self.person, &self.name)?;
    ///     self.here = self.pub_sub.present(&HERE);
    ///     Ok(())
    /// }
    ///
    /// async fn handle_message(&mut self, _: Self::Message, _: &mut Socket<Self>) -> Result {
    ///     // Somebody has come or gone, or some of it was missed: it is read anew in any case.
    ///     self.here = self.pub_sub.present(&HERE);
    ///     Ok(())
    /// }
    /// #     async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
    /// #         Err(MountError::not_found())
    /// #     }
    /// #     fn render(&self) -> impl Render {
    /// #         live! { @for person in &self.here { p { (person.who) } } }
    /// #     }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TrackError`]: then nothing has changed.
    pub fn track<P: TopicMessage>(
        &mut self,
        pub_sub: &PubSub,
        topic: &Topic<Presence<P>>,
        person: impl AsRef<str>,
        who: &P,
    ) -> Result<(), TrackError> {
        let tracked = pub_sub.tracked(topic, person.as_ref(), who)?;
        self.people.track(tracked)
    }

    /// Takes the person who looks at this view from a topic, at once, as closing the tab does, also one whose lost
    /// connection is waited for; nothing where this view has put nobody. For a view that shows something else by now, as
    /// another URL.
    pub fn untrack<P: TopicMessage>(&mut self, pub_sub: &PubSub, topic: &Topic<Presence<P>>) {
        self.people.untrack(|own| own.is_on(pub_sub, topic));
    }
}

impl<V: LiveView> Socket<V> {
    /// A browser has joined on this connection.
    pub(crate) fn is_shown_in(&mut self, browser: &Arc<Outbox>) {
        self.mailbox.set_browser(Some(Arc::clone(browser)));
        self.people.joined();
    }
}

/// The people that a view tracks.
#[derive(Debug, Default)]
pub(crate) struct TrackedPeople {
    /// A browser shows the view.
    is_shown: bool,
    list: Vec<Tracked>,
}

impl TrackedPeople {
    fn track(&mut self, mut new: Tracked) -> Result<(), TrackError> {
        let known = self.list.iter().position(|own| own.is_on_topic_of(&new));
        if let Some(index) = known {
            if self.list[index].is_person_of(&new) {
                self.list[index].say(&new);
                return Ok(());
            }
            self.list.remove(index).left();
        }
        if self.list.len() >= MAX_TRACKED {
            return Err(TrackError::TooMany);
        }
        if self.is_shown {
            new.here();
        }
        self.list.push(new);
        Ok(())
    }

    fn untrack(&mut self, is_meant: impl Fn(&Tracked) -> bool) {
        if let Some(index) = self.list.iter().position(is_meant) {
            self.list.remove(index).left();
        }
    }

    /// A browser has joined.
    fn joined(&mut self) {
        self.is_shown = true;
        self.list.iter_mut().for_each(Tracked::here);
    }

    /// Its connection is lost.
    pub(crate) fn lost(&mut self) {
        self.is_shown = false;
        self.list.iter_mut().for_each(Tracked::lost);
    }

    /// The view has ended. Unless somebody meant it to, its browser is about to come back to another.
    pub(crate) fn ended(&mut self, why: Ended) {
        if matches!(why, Ended::Left | Ended::Navigated | Ended::Removed | Ended::SessionEnded) {
            self.list.iter_mut().for_each(Tracked::left);
        }
        self.list.clear();
    }
}

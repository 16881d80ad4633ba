//! Who else is on a page: each visitor under a name that comes with the session, such as *Quiet Heron*.

use std::time::Duration;

use axum::extract::FromRequestParts;
use belvedere::http::{SessionRejection, Visitor};
use belvedere::pub_sub::Presence;
use belvedere::{Heard, LiveView, PubSub, Render, Result, SessionId, Socket, Topic, live};
use http::request::Parts;

/// The first word of a name.
const MANNERS: [&str; 32] = [
    "Able", "Brave", "Bright", "Calm", "Clever", "Curious", "Deft", "Early", "Fair", "Gentle",
    "Glad", "Golden", "Happy", "Hardy", "Honest", "Humble", "Jolly", "Keen", "Kind", "Lively",
    "Lucky", "Merry", "Mild", "Nimble", "Patient", "Proud", "Quick", "Quiet", "Silver", "Swift",
    "Wise", "Witty",
];

/// The second word.
const BIRDS: [&str; 32] = [
    "Avocet", "Bittern", "Bunting", "Crane", "Curlew", "Dipper", "Dove", "Eider", "Falcon",
    "Finch", "Goose", "Grebe", "Heron", "Hoopoe", "Ibis", "Jay", "Kestrel", "Kite", "Lapwing",
    "Lark", "Linnet", "Martin", "Osprey", "Owl", "Plover", "Raven", "Robin", "Stork", "Swan",
    "Tern", "Wagtail", "Wren",
];

/// A visitor as others see one: the same in all tabs of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Tells guests of one name apart. A part of the session's id, and shown to nobody.
    key: String,
    name: String,
}

impl Guest {
    /// Two words.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn of(session: SessionId) -> Self {
        let [manner, bird, key @ ..] = *session.as_bytes();
        let word = |words: [&'static str; 32], byte: u8| words[usize::from(byte) % words.len()];
        let name = format!("{} {}", word(MANNERS, manner), word(BIRDS, bird));
        let key = key[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, name }
    }
}

impl<S: Sync> FromRequestParts<S> for Guest {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, SessionRejection> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        Ok(Self::of(visitor.session()))
    }
}

/// Most names that are shown, and sent again when they change. Whoever else is here is counted.
const MAX_NAMES: usize = 20;

/// How long a page does not look where more are here than it names: among many somebody always comes or goes,
/// and each look costs each page a render.
const PAUSE: Duration = Duration::from_millis(500);

/// The guests on a page, as one of them sees them.
#[derive(Debug)]
pub struct Company {
    pub_sub: PubSub,
    page: Topic<Presence<String>>,
    guest: Guest,
    /// The names of some others.
    others: Vec<String>,
    /// How many more there are.
    n_unnamed: usize,
}

impl Company {
    /// That of a page, which `page` stands for.
    #[must_use]
    pub fn new(pub_sub: PubSub, page: Topic<Presence<String>>, guest: Guest) -> Self {
        let mut company = Self { pub_sub, page, guest, others: Vec::new(), n_unnamed: 0 };
        company.look();
        company
    }

    /// Joins it: the others see the guest, and what becomes known of them comes by messages that `wrap`
    /// makes, which are for [`hear`](Self::hear).
    ///
    /// # Errors
    ///
    /// When the view listens to too many topics.
    pub fn join<V: LiveView>(
        &mut self,
        socket: &mut Socket<V>,
        wrap: fn(Heard<Presence<String>>) -> V::Message,
    ) -> Result {
        socket.subscribe_to(&self.pub_sub, &self.page, wrap)?;
        socket.track(&self.pub_sub, &self.page, &self.guest.key, &self.guest.name)?;
        self.look();
        Ok(())
    }

    /// Somebody has come or gone. Where many are here, the page listens no more until a pause is over, which
    /// comes as [`Heard::Missed`].
    ///
    /// # Errors
    ///
    /// When the view listens to too many topics.
    pub fn hear<V: LiveView>(
        &mut self,
        heard: Heard<Presence<String>>,
        socket: &mut Socket<V>,
        wrap: fn(Heard<Presence<String>>) -> V::Message,
    ) -> Result {
        socket.subscribe_to(&self.pub_sub, &self.page, wrap)?;
        self.look();
        let is_crowd = self.n_unnamed > 0;
        let rests = heard != Heard::Missed && is_crowd;
        if rests && socket.send_after(PAUSE, wrap(Heard::Missed)).is_ok() {
            socket.unsubscribe_from(&self.pub_sub, &self.page);
        }
        Ok(())
    }

    /// Reads who is here.
    fn look(&mut self) {
        // One more, which may be the guest.
        let here = self.pub_sub.first_present(&self.page, MAX_NAMES + 1);
        let n_here = self.pub_sub.n_present(&self.page).max(here.len());
        let others = here.into_iter().filter(|present| present.person != self.guest.key);
        self.others = others.map(|present| present.who).take(MAX_NAMES).collect();
        self.others.sort();
        // Where not all are read the guest is one of the rest.
        self.n_unnamed = match n_here {
            0..=MAX_NAMES => 0,
            _ => n_here - 1 - self.others.len(),
        };
    }

    /// Who is here, in a line.
    #[must_use]
    pub fn line(&self) -> impl Render {
        live! {
            p.company #company {
                "You are " strong { (self.guest.name) }
                @if self.others.is_empty() { ", the only one here." }
                @else {
                    ". Also here: " span { (self.others.join(", ")) }
                    @if self.n_unnamed > 0 { " and " (self.n_unnamed) " more" }
                    "."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_a_name_of_two_words_and_keeps_it() {
        let session =
            SessionId::from_bytes([27, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        let guest = Guest::of(session);
        assert_eq!((guest.name.as_str(), guest.key.as_str()), ("Quiet Heron", "010203040506"));
        assert_eq!(Guest::of(session), guest);
        assert_ne!(Guest::of(SessionId::random()).key, guest.key);
    }
}

//! Who else is on a page: each visitor under a name that comes with the session, such as *Quiet Heron*.

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

/// The guests on a page, as one of them sees them.
#[derive(Debug)]
pub struct Company {
    pub_sub: PubSub,
    page: Topic<Presence<String>>,
    guest: Guest,
    others: Vec<String>,
}

impl Company {
    /// That of a page, which `page` stands for.
    #[must_use]
    pub fn new(pub_sub: PubSub, page: Topic<Presence<String>>, guest: Guest) -> Self {
        let mut company = Self { pub_sub, page, guest, others: Vec::new() };
        company.look();
        company
    }

    /// Joins it: the others see the guest, who hears of them by messages that `wrap` makes.
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

    /// Somebody has come or gone.
    pub fn look(&mut self) {
        let here = self.pub_sub.present(&self.page).into_iter();
        let others = here.filter(|present| present.person != self.guest.key);
        self.others = others.map(|present| present.who).collect();
        self.others.sort();
    }

    /// Who is here, in a line.
    #[must_use]
    pub fn line(&self) -> impl Render {
        live! {
            p.company #company {
                "You are " strong { (self.guest.name) }
                @if self.others.is_empty() { ", the only one here." }
                @else { ". Also here: " span { (self.others.join(", ")) } "." }
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

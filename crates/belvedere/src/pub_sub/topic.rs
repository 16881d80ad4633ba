//! [`Topic`]: where something is said, and of which type it is.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha512};

use crate::wire::hex::Hex;

/// The longest name of a topic, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// The longest key that is kept as it is, in bytes.
const MAX_KEY_BYTES: usize = 128;

/// What can be said on a topic: any type that can be cloned, since all who listen are given one, and
/// written as JSON and read again, since some of them may be on other servers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be said on a topic",
    note = "derive `Clone`, `serde::Serialize` and `serde::Deserialize`; it owns what it holds"
)]
pub trait TopicMessage: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {}

impl<T: Clone + Send + Sync + Serialize + DeserializeOwned + 'static> TopicMessage for T {}

/// A topic, on which messages of type `T` are said and nothing else.
///
/// Its name belongs to the program, so it is a constant; a key tells topics of one name apart, such as
/// the id of whom it is about. Neither comes from a browser by itself: who may hear a topic is decided
/// where a view subscribes to it.
///
/// ```
/// use belvedere::pub_sub::Topic;
/// # use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct UserChanged { id: i64 }
///
/// /// Somebody was added, changed or deleted.
/// const USERS: Topic<UserChanged> = Topic::new("users");
///
/// /// The list of one user has changed.
/// fn list_of(id: i64) -> Topic<()> {
///     Topic::keyed("list", id)
/// }
/// ```
///
/// What is said is of the topic's type:
///
/// ```compile_fail,E0308
/// # use belvedere::pub_sub::{PubSub, Topic};
/// const NUMBERS: Topic<u32> = Topic::new("numbers");
/// PubSub::new().publish(&NUMBERS, "three")?;
/// # Ok::<(), belvedere::pub_sub::PublishError>(())
/// ```
pub struct Topic<T> {
    name: &'static str,
    address: Cow<'static, str>,
    of: PhantomData<fn() -> T>,
}

impl<T> Topic<T> {
    /// The topic of this name.
    ///
    /// # Panics
    ///
    /// When the name is empty, longer than 64 bytes, or has other letters than `a` to `z`, digits, `.`,
    /// `_` and `-`; of a constant, the compiler says so.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        assert!(is_name(name), "a topic's name is 1 to 64 of a-z, 0-9, `.`, `_` and `-`");
        Self { name, address: Cow::Borrowed(name), of: PhantomData }
    }

    /// The topic of this name and this key. One of more than 128 bytes is known by its hash.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[must_use]
    pub fn keyed(name: &'static str, key: impl fmt::Display) -> Self {
        let Self { of, .. } = Self::new(name);
        let address = format!("{name}/{}", bounded_key(&key.to_string()));
        Self { name, address: Cow::Owned(address), of }
    }

    /// The name, without the key.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Name and key.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl<T> Clone for Topic<T> {
    fn clone(&self) -> Self {
        Self { name: self.name, address: self.address.clone(), of: PhantomData }
    }
}

impl<T> PartialEq for Topic<T> {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl<T> Eq for Topic<T> {}

impl<T> Hash for Topic<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.address.hash(state);
    }
}

impl<T> fmt::Debug for Topic<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Topic").field(&self.address).finish()
    }
}

/// A key as it is kept: a long one's SHA-512, which as 128 digits after a sign is longer than any short key.
pub(super) fn bounded_key(key: &str) -> Cow<'_, str> {
    match key.len() {
        ..=MAX_KEY_BYTES => Cow::Borrowed(key),
        _ => Cow::Owned(format!("#{}", Hex(&Sha512::digest(key)))),
    }
}

const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty() || bytes.len() > MAX_NAME_BYTES {
        return false;
    }
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-') {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_any_length_has_an_address_of_its_own() {
        let address = |key: &str| Topic::<()>::keyed("user", key).address().to_owned();
        let long = "x".repeat(1_000_000);
        assert_eq!(address("7"), "user/7");
        assert_eq!(address(&long).len(), "user/#".len() + 128);
        assert_ne!(address(&long), address(&format!("{long}y")));
        assert_ne!(address(&bounded_key(&long)), address(&long));
        assert_ne!(Topic::<()>::keyed("user", ""), Topic::new("user"));
    }

    #[test]
    fn a_name_is_of_few_letters_and_short() {
        for name in ["", "Users", "users/7", "users#7", "é", "a b"] {
            assert!(!is_name(name), "{name}");
        }
        assert!(
            is_name("users.list_of-7") && is_name(&"u".repeat(64)) && !is_name(&"u".repeat(65))
        );
    }
}

//! The hash that stands for what a hole shows or for a row's key.
//!
//! A value that is text or an integer is hashed itself, since most values have not changed and need not
//! be written; anything else by the HTML that it has become. One hole can be filled either way, by a
//! splice in which two types take turns, so a text and HTML that reads the same have different hashes.

use std::{
    fmt::Debug,
    hash::{BuildHasher, Hash, Hasher},
    sync::LazyLock,
};

use foldhash::{SharedSeed, fast::SeedableRandomState};

/// Seeded at random once per process: who chooses a page's texts cannot craft two that hash alike
/// and so hide a change.
static STATE: LazyLock<SeedableRandomState> = LazyLock::new(|| {
    static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(rand::random()));
    SeedableRandomState::with_seed(rand::random(), &SHARED)
});

/// Tells HTML from a text that is not escaped yet.
const HTML: u64 = 0x9e37_79b9_7f4a_7c15;

/// The process's hash; each renderer has a copy.
#[derive(Clone, Debug)]
pub struct Hashing(SeedableRandomState);

impl Default for Hashing {
    fn default() -> Self {
        Self(STATE.clone())
    }
}

/// What may be the key of a row: an id, a string, a tuple of such; anything with `Hash` and
/// `Debug`. Keys of one list are different; they stay on the server.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a row in `live!`",
    label = "not both `Hash` and `Debug`",
    note = "take a number, a string or an id of your own with `#[derive(Hash, Debug)]`"
)]
pub trait Key: Hash + Debug {}

impl<T: Hash + Debug + ?Sized> Key for T {}

/// The hash of a key, the same all over the process.
pub(crate) fn hash_key<K: Hash + ?Sized>(key: &K) -> u64 {
    Hashing::default().key(key)
}

impl Hashing {
    /// Of a text that is still to be escaped.
    pub(crate) fn text(&self, text: &str) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    /// Of what is escaped already, or ready markup. Nothing is nothing either way.
    pub(super) fn html(&self, html: &str) -> u64 {
        self.text(html) ^ if html.is_empty() { 0 } else { HTML }
    }

    /// Of an integer, whatever its type.
    pub(crate) fn integer(&self, integer: i128) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write_i128(integer);
        hasher.finish()
    }

    pub(super) fn key<K: Hash + ?Sized>(&self, key: &K) -> u64 {
        self.0.hash_one(key)
    }
}

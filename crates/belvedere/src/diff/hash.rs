//! The hash that stands for a hole's text or a row's key.

use std::{
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

/// The process's hash; each renderer has a copy.
#[derive(Clone, Debug)]
pub(super) struct Hashing(SeedableRandomState);

impl Default for Hashing {
    fn default() -> Self {
        Self(STATE.clone())
    }
}

/// The hash of a key, the same all over the process.
pub(crate) fn hash_key<K: Hash + ?Sized>(key: &K) -> u64 {
    Hashing::default().key(key)
}

impl Hashing {
    pub(super) fn text(&self, text: &str) -> u64 {
        let mut hasher = self.0.build_hasher();
        hasher.write(text.as_bytes());
        hasher.finish()
    }

    pub(super) fn key<K: Hash + ?Sized>(&self, key: &K) -> u64 {
        self.0.hash_one(key)
    }
}

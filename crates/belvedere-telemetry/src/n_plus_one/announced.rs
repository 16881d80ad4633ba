//! What was said in the log a short while ago.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::{Duration, Instant};

/// How long a finding is not repeated. A developer who reloads a page after a change sees the line
/// again soon, and a busy page writes 144 lines a day.
const INTERVAL: Duration = Duration::from_secs(600);
/// Most findings remembered. Beyond it new ones wait: so many cannot all be read.
const MAX_FINDINGS: usize = 256;

/// When each finding was last said.
#[derive(Debug, Default)]
pub(super) struct Announced {
    at: HashMap<u64, Instant>,
}

impl Announced {
    /// Whether to say the finding `key` now; if so, it counts as said.
    pub(super) fn is_due(&mut self, key: impl Hash, now: Instant) -> bool {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let hash = hasher.finish();
        let is_recent = |at: &Instant| now.duration_since(*at) < INTERVAL;
        if self.at.get(&hash).is_some_and(is_recent) {
            return false;
        }
        if self.at.len() >= MAX_FINDINGS {
            self.at.retain(|_, at| is_recent(at));
        }
        let has_room = self.at.len() < MAX_FINDINGS;
        if has_room {
            self.at.insert(hash, now);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_said_again_only_after_the_interval() {
        let mut announced = Announced::default();
        let now = Instant::now();
        assert!(announced.is_due("a", now));
        assert!(!announced.is_due("a", now + INTERVAL / 2));
        assert!(announced.is_due("b", now));
        assert!(announced.is_due("a", now + INTERVAL));
    }

    #[test]
    fn the_memory_is_bounded_and_frees_itself() {
        let mut announced = Announced::default();
        let now = Instant::now();
        let said = (0..10_000).filter(|key| announced.is_due(key, now)).count();
        assert_eq!(said, MAX_FINDINGS);
        assert!(announced.is_due(10_001, now + INTERVAL));
        assert_eq!(announced.at.len(), 1);
    }
}

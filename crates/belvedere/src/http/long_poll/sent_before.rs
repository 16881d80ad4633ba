//! Which frames of a browser have come before, by their refs.

/// How far back a ref is looked for, in refs.
const WINDOW: u64 = u128::BITS as u64;

/// The refs that have come. The client counts them up, one for each frame; of those far back all are taken for
/// frames that have come.
#[derive(Debug, Default)]
pub(super) struct SentBefore {
    newest: u64,
    /// The newest is the lowest bit, the one before the next.
    seen: u128,
}

impl SentBefore {
    /// Notes a ref; false if it has come before.
    pub(super) fn add(&mut self, message_ref: u64) -> bool {
        if message_ref > self.newest {
            let by = message_ref - self.newest;
            self.seen = if by < WINDOW { self.seen << by } else { 0 };
            self.seen |= 1;
            self.newest = message_ref;
            return true;
        }
        let back = self.newest - message_ref;
        let bit = if back < WINDOW { 1 << back } else { 0 };
        let is_new = bit & !self.seen != 0;
        self.seen |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_batch_that_is_sent_again_after_the_next_one_is_known() {
        let mut sent = SentBefore::default();
        for batch in [[4, 7, 8], [9, 40, 300]] {
            assert_eq!(batch.map(|message_ref| sent.add(message_ref)), [true; 3]);
        }
        assert_eq!([4, 7, 8, 9, 40, 300].map(|message_ref| sent.add(message_ref)), [false; 6]);
    }

    proptest! {
        #[test]
        fn within_the_window_each_ref_is_new_once(refs in prop::collection::vec(0..128_u64, 0..200)) {
            let (mut sent, mut model) = (SentBefore::default(), HashSet::new());
            for message_ref in refs {
                prop_assert_eq!(sent.add(message_ref), model.insert(message_ref));
            }
        }

        #[test]
        fn a_ref_that_counts_up_is_always_new(steps in prop::collection::vec(1..500_u64, 0..99)) {
            let (mut sent, mut message_ref) = (SentBefore::default(), 0);
            for step in steps {
                message_ref += step;
                prop_assert!(sent.add(message_ref));
                prop_assert!(!sent.add(message_ref));
            }
        }
    }
}

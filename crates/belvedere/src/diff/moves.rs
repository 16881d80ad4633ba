//! The old rows of a list from the first that does not stand where it stood, to be found by key.

use super::tape;

/// Made at the first row that does not stand where it stood. A row is found with one look in most cases: keys are
/// hashes, and half of the slots are free.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// By what ends a key: the number of a row, counted from 1, or 0. A row whose slot is taken has the next one.
    slots: Vec<u32>,
    rows: Vec<OldRow>,
    /// Where the first of `rows` stood.
    first: usize,
    /// Where the old tape goes on after the list.
    end: usize,
}

#[derive(Debug)]
struct OldRow {
    key: u64,
    /// Its key's place in the old tape.
    at: usize,
    is_claimed: bool,
}

impl Moves {
    /// The old rows from the one at `at` in the old tape to the list's end, of which the first stood at `first`.
    pub(super) fn fill(
        &mut self,
        old: &[u64],
        mut at: usize,
        (first, n_rows): (usize, usize),
        n_holes: usize,
    ) {
        self.first = first;
        self.rows.clear();
        self.slots.clear();
        self.slots.resize((2 * n_rows).next_power_of_two(), 0);
        for number in 1..=n_rows {
            let (Some(&key), Ok(number)) = (old.get(at), u32::try_from(number)) else { break };
            self.rows.push(OldRow { key, at, is_claimed: false });
            let slot = self.slot_of(key);
            // Of two rows with one key the first is found.
            if self.slots[slot] == 0 {
                self.slots[slot] = number;
            }
            at = tape::after_rows(old, at, 1, n_holes);
        }
        self.end = at;
    }

    /// The row of this key, unless there is none or it was claimed before: where it stood, and the place of its key.
    pub(super) fn claim(&mut self, key: u64) -> Option<(usize, usize)> {
        let index = self.slots[self.slot_of(key)].checked_sub(1)? as usize;
        let row = self.rows.get_mut(index).filter(|row| !row.is_claimed)?;
        row.is_claimed = true;
        Some((self.first + index, row.at))
    }

    /// Where the old tape goes on after the list.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// The slot that has the row of this key, or would have it.
    fn slot_of(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = key as usize & mask;
        while let Some(index) = self.slots[slot].checked_sub(1)
            && self.rows[index as usize].key != key
        {
            slot = (slot + 1) & mask;
        }
        slot
    }

    pub(super) fn shrink_to(&mut self, bytes: usize) {
        self.slots.clear();
        self.slots.shrink_to(bytes / size_of::<u32>());
        self.rows.clear();
        self.rows.shrink_to(bytes / size_of::<OldRow>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tape of rows with these keys and one text each, after `n_before` other words.
    fn tape(n_before: usize, keys: &[u64]) -> Vec<u64> {
        let rows = keys.iter().flat_map(|key| [*key, tape::text(*key)]);
        std::iter::repeat_n(0, n_before).chain(rows).collect()
    }

    #[test]
    fn keys_of_one_slot_are_told_apart_and_found_once() {
        // The slot of all is the last of eight, so those after the first have the slots from the start on.
        let keys = [7, 15, 23, 7];
        let mut moves = Moves::default();
        moves.fill(&tape(3, &keys), 3, (10, keys.len()), 1);
        assert_eq!(moves.end(), 11);
        assert_eq!(moves.claim(31), None, "nobody's");
        assert_eq!(moves.claim(23), Some((12, 7)));
        assert_eq!(moves.claim(7), Some((10, 3)), "the first of two");
        assert_eq!(moves.claim(7), None, "claimed");
        assert_eq!(moves.claim(15), Some((11, 5)));
    }

    #[test]
    fn a_table_is_used_again_for_a_shorter_list() {
        let long: Vec<u64> = (0..100).collect();
        let mut moves = Moves::default();
        moves.fill(&tape(0, &long), 0, (0, long.len()), 1);
        moves.fill(&tape(0, &[5]), 0, (4, 1), 1);
        assert_eq!(moves.end(), 2);
        assert_eq!(moves.claim(6), None);
        assert_eq!(moves.claim(5), Some((4, 0)));
    }
}

//! The old rows of a list from the first that does not stand where it stood, to be found by key.

use super::tape;

/// Made once a row has moved. A row is found with one look in most cases: keys are hashes, or count up, and half of
/// the slots are free.
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

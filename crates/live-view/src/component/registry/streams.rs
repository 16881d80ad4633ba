//! Which components have streams whose items only a browser has.

use super::Components;

impl Components {
    /// The component's streams have forgotten items that a browser now has.
    pub(crate) fn streamed(&mut self, number: u64) {
        self.entry(number, |entry| entry.has_streamed = true);
    }

    /// Its streams hold their items again.
    pub(crate) fn restreamed(&mut self, number: u64) {
        self.entry(number, |entry| entry.has_streamed = false);
    }

    /// Those that a browser which has nothing needs the items of, in the order in which they were
    /// first placed. One that is leaving will not be shown.
    pub(crate) fn to_restream(&self) -> Vec<u64> {
        let streamed =
            self.entries.iter().filter(|(_, entry)| entry.has_streamed && !entry.is_leaving);
        streamed.map(|(number, _)| *number).collect()
    }
}

//! Streams of a view and its components: whose items only a browser has, and whose nobody has.

use super::{Components, Stay};

impl Components {
    /// The template being rendered shows a stream that has forgotten its changes.
    pub(crate) fn note_lost_stream(&mut self) {
        let registry = self.known_or_new();
        let owner = registry.scope.owner;
        if !registry.lost.contains(&owner) {
            registry.lost.push(owner);
        }
    }

    /// Whose streams have forgotten their changes, to be asked for the items: components, and none
    /// for the view itself.
    pub(crate) fn take_lost(&mut self) -> Vec<Option<u64>> {
        self.registry
            .as_mut()
            .map(|registry| std::mem::take(&mut registry.lost))
            .unwrap_or_default()
    }

    /// The component's streams have forgotten items that a browser now has.
    pub(crate) fn streamed(&mut self, number: u64) {
        self.entry(number, |entry| entry.has_streamed = true);
    }

    /// Its streams hold their items again.
    pub(crate) fn restreamed(&mut self, number: u64) {
        self.entry(number, |entry| entry.has_streamed = false);
    }

    /// Those that a browser which has nothing needs the items of, in the order in which they were
    /// first placed. One that has left the page is asked when it is back.
    pub(crate) fn to_restream(&self) -> Vec<u64> {
        let entries = self.registry.iter().flat_map(|registry| &registry.entries);
        let streamed = entries.filter(|(_, entry)| entry.has_streamed && entry.stay != Stay::Away);
        streamed.map(|(number, _)| *number).collect()
    }
}

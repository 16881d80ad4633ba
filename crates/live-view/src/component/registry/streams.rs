//! Streams of a view and its components: whose items only a browser has, and whose nobody has.

use super::{Components, Registry};

/// In the place of a component's number: the view itself.
const VIEW: u64 = 0;

/// Whose stream it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamOwner {
    View,
    Component(u64),
}

impl Components {
    /// The template being rendered shows a stream that has forgotten its changes.
    pub(crate) fn stream_lost(&mut self) {
        // Without components it is the view's own.
        let registry = self.registry.get_or_insert_with(|| Box::new(Registry::in_view_pass()));
        let owner = registry.scope.owner.unwrap_or(VIEW);
        if !registry.lost.contains(&owner) {
            registry.lost.push(owner);
        }
    }

    /// Whose streams have forgotten their changes, to be asked for the items.
    pub(crate) fn take_lost(&mut self) -> impl Iterator<Item = StreamOwner> + use<> {
        let lost = self.registry.as_mut().map(|registry| std::mem::take(&mut registry.lost));
        lost.unwrap_or_default().into_iter().map(|number| match number {
            VIEW => StreamOwner::View,
            number => StreamOwner::Component(number),
        })
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
    /// first placed. One that is leaving will not be shown.
    pub(crate) fn to_restream(&self) -> Vec<u64> {
        let entries = self.registry.iter().flat_map(|registry| &registry.entries);
        let streamed = entries.filter(|(_, entry)| entry.has_streamed && !entry.is_leaving);
        streamed.map(|(number, _)| *number).collect()
    }
}

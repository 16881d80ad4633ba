//! What the components of a view take from the browser.

use super::Components;

impl Components {
    /// Whether any of them declares an event of this name.
    pub(crate) fn take_event(&self, event: &str) -> bool {
        let entries = self.registry.iter().flat_map(|registry| registry.entries.values());
        entries.into_iter().any(|entry| entry.kind.events.contains(&event))
    }
}

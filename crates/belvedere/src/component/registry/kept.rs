//! What components want kept when their server goes away, and what an earlier server has kept of them.

use std::any::type_name;

use super::{Components, Registry};
use crate::component::LiveComponent;
use crate::component::instance::{Instance, Mounted};
use crate::snapshot::SnapshotError;
use crate::telemetry::Told;
use crate::template::Key;
use crate::wire::token::SnapshotComponent;

/// A browser can bring the same as often as it likes.
static UNRESTORED: Told = Told::new();

/// What is kept of a view's components.
#[derive(Default)]
pub(super) struct Kept {
    /// Some are kept when their server goes away.
    pub(super) has_any: bool,
    /// What an earlier server has kept of some that are not placed yet.
    restored: Vec<SnapshotComponent>,
    /// Work was under way when the page was shown last, upon which they may be placed.
    is_awaited: bool,
}

/// By what a component with this id is known to other servers, if it is kept for them.
pub(super) fn name_of<C: LiveComponent>(
    mounted: &Mounted<C>,
    id: &(impl Key + ?Sized),
) -> Option<Box<[u8; 16]>> {
    mounted.is_kept().then(|| Box::new(SnapshotComponent::name_of(type_name::<C>(), id)))
}

impl Components {
    /// Whether one of them is kept, or was by an earlier server.
    pub(crate) fn has_kept(&self) -> bool {
        let has_kept =
            |registry: &Registry| registry.kept.has_any || !registry.kept.restored.is_empty();
        self.registry.as_deref().is_some_and(has_kept)
    }

    /// What those on the page want kept, and what is kept of some that are still to be placed; by name, so that
    /// the same is written alike.
    pub(crate) fn kept(&self) -> Result<Vec<SnapshotComponent>, SnapshotError> {
        let Some(registry) = self.registry.as_deref().filter(|_| self.has_kept()) else {
            return Ok(Vec::new());
        };
        let mut kept = registry.kept.restored.clone();
        for (number, entry) in &registry.entries {
            let (Some(name), Some(instance)) = (&entry.kept_as, &entry.instance) else { continue };
            if !self.is_placed(*number) {
                continue;
            }
            if let Some(state) = instance.keep() {
                let (version, state) = state?;
                kept.push(SnapshotComponent { name: **name, version, state });
            }
        }
        kept.sort_unstable_by_key(|component| component.name);
        Ok(kept)
    }

    /// An earlier server has kept this: each is given its own when it is mounted. Those that are there already
    /// are mounted again, with what the restored view gives them.
    pub(crate) fn restore(&mut self, kept: Vec<SnapshotComponent>) {
        if kept.is_empty() {
            return;
        }
        let registry = self.registry.get_or_insert_default();
        registry.kept.restored = kept;
        for entry in registry.entries.values_mut() {
            let Some(name) = &entry.kept_as else { continue };
            if !registry.kept.restored.iter().any(|kept| kept.name == **name) {
                continue;
            }
            // The next render wants it, and says with what.
            if let Some(instance) = &mut entry.instance {
                instance.renew();
                entry.has_streamed = false;
            }
        }
        // Those in which they stand place them again.
        for number in registry.entries.keys().copied().collect::<Vec<_>>() {
            self.changed(number);
        }
    }

    /// Gives a component that was just mounted, and has taken its properties over, what is kept of it.
    pub(crate) fn give_restored(&mut self, number: u64, instance: &mut dyn Instance) {
        let Some(registry) =
            self.registry.as_mut().filter(|registry| !registry.kept.restored.is_empty())
        else {
            return;
        };
        let Some(entry) = registry.entries.get(&number) else { return };
        let Some(name) = &entry.kept_as else { return };
        let is_own = |kept: &SnapshotComponent| kept.name == **name;
        let Some(at) = registry.kept.restored.iter().position(is_own) else { return };
        let SnapshotComponent { version, state, .. } = registry.kept.restored.swap_remove(at);
        if let Err(error) = instance.give(version, &state)
            && let Some(times) = UNRESTORED.again()
        {
            tracing::warn!(
                component = entry.kind.name,
                error = &error as &dyn std::error::Error,
                times,
                "what an earlier build has kept of a component is lost"
            );
        }
    }

    /// The page has gone on: what was not placed until now would be put into another than it was kept of. Unless
    /// the page was still being loaded.
    pub(crate) fn forget_restored(&mut self) {
        if let Some(registry) = &mut self.registry
            && !registry.kept.is_awaited
        {
            registry.kept.restored = Vec::new();
        }
    }

    /// The page is shown: whether work `is_under_way`, upon which more is placed.
    pub(crate) fn await_restored(&mut self, is_under_way: impl FnOnce() -> bool) {
        if let Some(registry) = &mut self.registry
            && !registry.kept.restored.is_empty()
        {
            registry.kept.is_awaited = is_under_way();
        }
    }
}

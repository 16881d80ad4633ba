//! Components that have left the page, until the browser says farewell to them.
//!
//! The browser says so in two steps: `cids_will_destroy` when the last element of a component is gone
//! (after a fade, where there is one), and `cids_destroyed` when the first was answered and there is
//! still none. Meanwhile the component may be placed again, and what the browser says may be late.
//! So what left the page is known here from the frames alone, and what comes back gets a new number:
//! whatever is still said of the old one, or patched into an element that fades, is not about it.

use std::collections::BTreeMap;

use tokio::time::Instant;

use super::pending::way_to;
use super::{Components, Entry, Name, Registry};
use crate::config::DepartedLimits;
use crate::diff::{Memory, RowId};

/// Whether the page shows a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stay {
    /// As far as frames say.
    Shown,
    /// The last frame has left it out.
    Away,
    /// It was away, and the render under way places it again.
    Returning,
    /// The same, and its tree is about to be sent.
    Back,
}

/// Those that are away, by when they left.
#[derive(Debug, Default)]
pub(super) struct Departed {
    by_turn: BTreeMap<(u64, u64), Departure>,
    turns: BTreeMap<u64, u64>,
    bytes: usize,
    /// The log says that some were forgotten.
    is_told: bool,
}

/// What was forgotten at the bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Forgotten {
    pub(crate) n_components: usize,
    /// Of this view, for the first time.
    pub(crate) is_first: bool,
}

#[derive(Debug)]
struct Departure {
    since: Instant,
    bytes: usize,
}

impl Stay {
    /// All of it is sent.
    pub(super) fn sent(self) -> Self {
        match self {
            Self::Returning | Self::Back => Self::Back,
            Self::Shown | Self::Away => Self::Shown,
        }
    }
}

impl Components {
    /// Whether the view has never placed one.
    pub(crate) fn are_none(&self) -> bool {
        self.registry.is_none()
    }

    /// A frame stands: finds out what has left the page with it.
    pub(crate) fn depart(&mut self, now: Instant) {
        let Some(registry) = &mut self.registry else { return };
        if !registry.has_inner && registry.pass != registry.view_pass {
            return;
        }
        let is_gone = |(number, entry): &(&u64, &Entry)| {
            entry.stay != Stay::Away && !registry.is_placed(**number)
        };
        let gone: Vec<u64> =
            registry.entries.iter().filter(is_gone).map(|(number, _)| *number).collect();
        for number in gone {
            registry.depart(number, now);
            // The browser has lost the elements of the views in it, or is about to.
            self.nested.lose(number);
        }
        registry.prune_rows();
    }

    /// A browser joins: it has nothing of any component, nor anything to say of those of before.
    pub(crate) fn begin_join(&mut self) {
        if let Some(registry) = &mut self.registry {
            for entry in registry.entries.values_mut() {
                entry.memory = Memory::default();
                entry.seen = 0;
                entry.is_leaving = false;
            }
            registry.rows.begin_join();
        }
        self.nested.begin_join(|owner| way_to(self.registry.as_deref(), owner));
    }

    /// The join is answered: what its page does not show is gone.
    pub(crate) fn end_join(&mut self) {
        let Some(registry) = &mut self.registry else { return };
        registry.remove_where(|entry| entry.seen == 0 || entry.stay == Stay::Away);
        self.drop_nested();
    }

    /// Forgets those that have been away longest, down to what may be kept.
    pub(crate) fn forget_departed(
        &mut self,
        limits: DepartedLimits,
        now: Instant,
    ) -> Option<Forgotten> {
        let registry = self.registry.as_mut()?;
        let mut n_components = 0;
        while let Some(number) = registry.departed.beyond(limits, now) {
            registry.remove(number);
            n_components += 1;
        }
        if n_components == 0 {
            return None;
        }
        let is_first = !std::mem::replace(&mut registry.departed.is_told, true);
        self.drop_nested();
        Some(Forgotten { n_components, is_first })
    }

    /// One that had left the page is placed again: under a new number, and with its streams told
    /// again. Whether it is such a one.
    pub(super) fn come_back(&mut self, name: Name) -> bool {
        let Some(registry) = &mut self.registry else { return false };
        let Some(number) = registry.numbers.get(&name).copied() else { return false };
        let is_away = |entry: &Entry| entry.stay == Stay::Away;
        if !registry.entries.get(&number).is_some_and(is_away) {
            return false;
        }
        registry.departed.remove(number);
        let Some(mut entry) = registry.entries.remove(&number) else { return false };
        registry.last += 1;
        let new_number = registry.last;
        entry.stay = Stay::Returning;
        entry.former = Some(number);
        entry.seen = 0;
        if entry.has_streamed {
            registry.lost.push(Some(new_number));
        }
        registry.numbers.insert(name, new_number);
        registry.entries.insert(new_number, entry);
        registry.has_returned = true;
        self.nested.change_owner(number, new_number);
        true
    }

    /// It is known what every template places.
    pub(crate) fn collected(&mut self) {
        if let Some(registry) = &mut self.registry {
            registry.has_returned = false;
        }
    }

    /// Whether it had left the page and is placed again.
    pub(crate) fn is_returning(&self, number: u64) -> bool {
        self.get(number).is_some_and(|entry| matches!(entry.stay, Stay::Returning | Stay::Back))
    }

    /// Whether the last renders have left a component out, be it for a frame or to know what they
    /// place, so that the frame under way takes it off the page. Of a stream's rows that is not known
    /// before.
    pub(crate) fn is_left_out(&self, number: u64) -> bool {
        self.registry.as_ref().is_none_or(|registry| registry.is_left_out(number))
    }

    /// Whether the browser comes to it as far as this frame has been rendered.
    pub(crate) fn is_placed(&self, number: u64) -> bool {
        self.registry.as_ref().is_some_and(|registry| registry.is_placed(number))
    }

    /// The same, or a row of the frame shows it that the browser does not keep: it reads those, too.
    pub(crate) fn is_read(&self, number: u64) -> bool {
        self.registry.as_ref().is_some_and(|registry| {
            registry.is_reached(number, |entry, row| {
                entry.seen >= registry.pass || registry.rows.contains(row)
            })
        })
    }

    /// Its state is given up: it is mounted again with the properties it was last given.
    pub(crate) fn renew(&mut self, number: u64) {
        let Some(registry) = &mut self.registry else { return };
        let Some(entry) = registry.entries.get_mut(&number) else { return };
        let Some(instance) = &mut entry.instance else { return };
        instance.renew();
        entry.has_streamed = false;
        if !std::mem::replace(&mut entry.is_wanted, true) {
            registry.wanted.push(number);
        }
    }

    /// The number of the component that the browser has shown under `number`.
    pub(crate) fn current(&self, number: u64) -> Option<u64> {
        let entries = &self.registry.as_ref()?.entries;
        if entries.contains_key(&number) {
            return Some(number);
        }
        entries.iter().find(|(_, entry)| entry.former == Some(number)).map(|(current, _)| *current)
    }

    /// The browser has no element of these any more. Of one in a stream's row that need not be known
    /// yet. Nor has it the nested views in them: should the page show one of these, its views are
    /// placed anew.
    pub(crate) fn will_destroy(&mut self, numbers: &[u64]) {
        for number in numbers {
            self.entry(*number, |entry| entry.is_leaving = entry.row.is_some());
            if self.nested.lose(*number) {
                self.changed(*number);
            }
        }
    }

    /// The browser drops these; those go that the last frame has left out. Returns what is gone.
    pub(crate) fn destroy(&mut self, numbers: &[u64]) -> Vec<u64> {
        let Some(registry) = &mut self.registry else { return Vec::new() };
        let (mut gone, last) = (Vec::new(), registry.last);
        for number in numbers.iter().filter(|number| **number <= last) {
            match registry.entries.get(number) {
                Some(entry) if entry.stay != Stay::Away && !entry.is_leaving => continue,
                Some(_) => registry.remove(*number),
                None => {}
            }
            gone.push(*number);
        }
        self.drop_nested();
        gone
    }
}

impl Registry {
    /// Whether the browser comes to a component as it shows the page: through what is around it.
    fn is_placed(&self, number: u64) -> bool {
        self.is_reached(number, |_, row| self.rows.contains(row))
    }

    fn is_reached(&self, number: u64, has_row: impl Fn(&Entry, RowId) -> bool) -> bool {
        let mut next = Some(number);
        // Two that left the page may have placed each other.
        for _ in 0..=self.entries.len() {
            let Some(entry) = next.and_then(|number| self.entries.get(&number)) else {
                return next.is_none();
            };
            if !self.is_reached_from_parent(entry, &has_row) {
                return false;
            }
            next = entry.parent;
        }
        false
    }

    fn is_reached_from_parent(
        &self,
        entry: &Entry,
        has_row: impl Fn(&Entry, RowId) -> bool,
    ) -> bool {
        match (entry.row, entry.parent) {
            (Some(row), _) => has_row(entry, row),
            (None, None) => entry.seen_by_view == self.view_pass,
            (None, Some(parent)) => {
                let parent = self.entries.get(&parent);
                parent.is_some_and(|parent| entry.seen >= parent.rendered)
            }
        }
    }

    fn is_left_out(&self, number: u64) -> bool {
        let mut next = Some(number);
        for _ in 0..=self.entries.len() {
            let Some(entry) = next.and_then(|number| self.entries.get(&number)) else {
                return next.is_some();
            };
            // Nothing was rendered yet since a browser has joined.
            let is_unknown = entry.is_in_stream || entry.seen == 0;
            let is_placed = match entry.parent.and_then(|parent| self.entries.get(&parent)) {
                Some(parent) => entry.seen >= parent.looked_at,
                None => entry.seen_by_view == self.view_pass,
            };
            if !is_unknown && !is_placed {
                return true;
            }
            next = entry.parent;
        }
        true
    }

    fn depart(&mut self, number: u64, now: Instant) {
        let Some(entry) = self.entries.get_mut(&number) else { return };
        entry.stay = Stay::Away;
        entry.memory = Memory::default();
        entry.row = None;
        entry.former = None;
        let of_instance = entry.instance.as_ref().map_or(0, |instance| instance.bytes());
        let bytes = size_of::<Entry>() + of_instance + entry.sent_bytes;
        self.dirty.remove(&number);
        self.uncollected.remove(&number);
        self.departed.add(number, self.pass, Departure { since: now, bytes });
    }

    /// What the rows of streams know of components that the page shows.
    fn prune_rows(&mut self) {
        let entries = &self.entries;
        self.rows.retain_owners(|owner| {
            entries.get(&owner).is_some_and(|entry| entry.stay != Stay::Away)
        });
    }
}

impl Departed {
    fn add(&mut self, number: u64, turn: u64, departure: Departure) {
        self.remove(number);
        self.bytes += departure.bytes;
        self.turns.insert(number, turn);
        self.by_turn.insert((turn, number), departure);
    }

    pub(super) fn remove(&mut self, number: u64) {
        let Some(turn) = self.turns.remove(&number) else { return };
        let departure = self.by_turn.remove(&(turn, number));
        self.bytes -= departure.map_or(0, |departure| departure.bytes);
    }

    /// The one that has been away longest, when more are away, or longer, than is kept.
    fn beyond(&self, limits: DepartedLimits, now: Instant) -> Option<u64> {
        let ((_, number), longest) = self.by_turn.first_key_value()?;
        let is_beyond = self.by_turn.len() > limits.components
            || self.bytes > limits.bytes
            || now.saturating_duration_since(longest.since) > limits.time;
        is_beyond.then_some(*number)
    }
}

//! Items that wait for a frame: in their order, and found by their ids.

use std::sync::Arc;

use foldhash::HashMap;

/// So few items are looked through; beyond, their places are known by id. Most frames carry one or two,
/// and a map costs more than they.
const FEW: usize = 16;

/// Where a new item goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum At {
    End,
    Index(u32),
}

impl At {
    /// As the wire has it: -1 is the end.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::End => -1,
            Self::Index(index) => i64::from(index),
        }
    }
}

/// One item to send.
#[derive(Debug)]
pub(super) struct Insert<T> {
    pub(super) id: Arc<str>,
    pub(super) at: At,
    /// As the wire has it: positive keeps the first, negative the last.
    pub(super) limit: Option<i64>,
    /// Only where the browser has the item already.
    pub(super) update_only: bool,
    /// Shared with the row that shows it.
    pub(super) item: Arc<T>,
}

impl<T> Insert<T> {
    pub(super) fn row(&self) -> (Arc<str>, Arc<T>) {
        (Arc::clone(&self.id), Arc::clone(&self.item))
    }
}

/// Items in the order in which they were put in, each id once.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    list: Vec<Insert<T>>,
    /// Where in the list an id is: of all items, or of none while they are few.
    places: HashMap<Arc<str>, usize>,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { list: Vec::new(), places: HashMap::default() }
    }
}

impl<T> Waiting<T> {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Insert<T>> {
        self.list.iter()
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Insert<T>> {
        let place = self.place(id)?;
        self.list.get_mut(place)
    }

    /// Those that were put in after the one with this id; none when there is none.
    pub(super) fn after(&self, id: &str) -> impl Iterator<Item = &Insert<T>> {
        let first = self.place(id).map_or(self.list.len(), |place| place + 1);
        self.list.iter().skip(first)
    }

    /// Puts one at the end, of which no other has the id.
    pub(super) fn push(&mut self, insert: Insert<T>) {
        if !self.places.is_empty() {
            self.places.insert(Arc::clone(&insert.id), self.list.len());
        }
        self.list.push(insert);
        if self.places.is_empty() && self.list.len() > FEW {
            self.find_places();
        }
    }

    /// Takes out those that `stays` does not hold for.
    pub(super) fn retain(&mut self, stays: impl Fn(&Insert<T>) -> bool) {
        let before = self.list.len();
        self.list.retain(stays);
        if self.list.len() < before && !self.places.is_empty() {
            self.find_places();
        }
    }

    /// Takes the one with this id out, if there is one.
    pub(super) fn remove(&mut self, id: &str) {
        let Some(place) = self.place(id) else { return };
        self.list.remove(place);
        self.places.remove(id);
        self.places.values_mut().filter(|other| **other > place).for_each(|other| *other -= 1);
    }

    fn find_places(&mut self) {
        let places = self.list.iter().enumerate();
        self.places = places.map(|(place, insert)| (Arc::clone(&insert.id), place)).collect();
    }

    fn place(&self, id: &str) -> Option<usize> {
        if self.places.is_empty() {
            return self.list.iter().position(|waiting| *waiting.id == *id);
        }
        self.places.get(id).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(id: usize, item: usize) -> Insert<usize> {
        let id = format!("item-{id}").into();
        Insert { id, at: At::End, limit: None, update_only: false, item: Arc::new(item) }
    }

    /// The items in their order.
    fn shown(waiting: &Waiting<usize>) -> Vec<usize> {
        waiting.iter().map(|insert| *insert.item).collect()
    }

    #[test]
    fn items_are_found_by_their_ids_however_many_wait() {
        for n_items in [FEW - 1, FEW, FEW + 1, 10 * FEW] {
            let mut waiting = Waiting::default();
            (0..n_items).for_each(|number| waiting.push(insert(number, number)));
            // Every third goes, from both ends, and those that stay are changed where they stand.
            for number in (0..n_items / 2).step_by(3).chain((n_items / 2..n_items).rev().step_by(3))
            {
                waiting.remove(&format!("item-{number}"));
                assert!(waiting.get_mut(&format!("item-{number}")).is_none());
            }
            waiting.remove("nobody");
            let stayed = shown(&waiting);
            for number in &stayed {
                let found = waiting.get_mut(&format!("item-{number}")).expect("it stayed");
                assert_eq!(*found.item, *number);
                found.item = Arc::new(number + 1000);
            }
            waiting.push(insert(n_items, n_items));
            let expected = stayed.iter().map(|number| number + 1000).chain([n_items]);
            assert_eq!(shown(&waiting), expected.collect::<Vec<_>>());
            assert_eq!(waiting.len(), stayed.len() + 1);
        }
    }

    #[test]
    fn those_that_do_not_stay_leave_the_others_to_be_found() {
        for n_items in [FEW, 10 * FEW] {
            let mut waiting = Waiting::default();
            (0..n_items).for_each(|number| waiting.push(insert(number, number)));
            waiting.retain(|insert| *insert.item % 3 != 1);
            for number in 0..n_items {
                let found = waiting.get_mut(&format!("item-{number}")).map(|found| *found.item);
                assert_eq!(found, (number % 3 != 1).then_some(number));
            }
        }
    }

    #[test]
    fn all_may_go_and_others_come() {
        let mut waiting = Waiting::default();
        for _ in 0..3 {
            (0..2 * FEW).for_each(|number| waiting.push(insert(number, number)));
            (0..2 * FEW).for_each(|number| waiting.remove(&format!("item-{number}")));
            assert_eq!(waiting.len(), 0);
        }
    }
}

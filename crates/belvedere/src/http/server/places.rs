//! Who has which place, who waits for one, and who gives his up. Rules alone: no task, no clock.
//!
//! ```text
//! open ─▶ ordinary ────────────────────────────────▶ close
//!    │        └ while it waits for its client: may be told to leave
//!    └──▶ reserved, a newcomer ─▶ ordinary, once an ordinary one has closed
//! ```
//!
//! A connection that is told to leave has its place until it is closed, and keeps it when its client
//! was faster. So ordinary connections are never more than `max`.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use tokio::sync::Notify;

/// Names one open connection; also the order in which they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlaceId(u64);

/// What a connection is told.
#[derive(Debug, Default)]
pub(super) struct Signals {
    /// That it is to leave. Its task takes it.
    pub(super) leave: Notify,
    /// That it may have become ordinary, or has to ask again. Its request takes it.
    pub(super) moved: Notify,
}

/// Whether a request is served like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Ordinary,
    /// Another is leaving for it: ask again when told.
    Soon,
    /// There is no room, and nobody to make any.
    Turned,
}

/// The places of one server.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Connections that are served as usual.
    max: usize,
    /// Those beyond, for the reserved paths and for saying that there is no room.
    n_reserved: usize,
    places: HashMap<PlaceId, Place>,
    n_ordinary: usize,
    /// Grows with every connection and every wait; orders them.
    next: u64,
    /// Ordinary connections that wait for their client, the longest wait first.
    waiting: BTreeMap<u64, PlaceId>,
    /// The same of reserved ones.
    waiting_reserved: BTreeMap<u64, PlaceId>,
    /// Reserved connections that are to become ordinary, in turn.
    newcomers: VecDeque<PlaceId>,
    /// Ordinary connections that were told to leave and are still here.
    n_leaving: usize,
    /// The same of reserved ones.
    n_leaving_reserved: usize,
}

#[derive(Debug)]
struct Place {
    signals: Arc<Signals>,
    is_reserved: bool,
    /// Since when it waits for its client, while it does.
    wait: Option<u64>,
    /// The client has not yet taken what was written: it is not told to leave.
    is_writing: bool,
    is_leaving: bool,
}

impl Places {
    pub(super) fn new(max: usize, n_reserved: usize) -> Self {
        Self { max, n_reserved, ..Self::default() }
    }

    pub(super) fn n_open(&self) -> usize {
        self.places.len()
    }

    /// Whether ordinary connections are as many as may be.
    pub(super) fn is_full(&self) -> bool {
        self.n_ordinary >= self.max
    }

    /// Whether another connection can be opened, be it a reserved one.
    pub(super) fn has_room(&self) -> bool {
        !self.is_full() || self.n_open() - self.n_ordinary < self.n_reserved
    }

    /// A place that waits for its first request: ordinary, or else reserved and a newcomer's.
    pub(super) fn open(&mut self, signals: Arc<Signals>) -> PlaceId {
        let is_reserved = self.is_full();
        let id = PlaceId(self.count());
        let place =
            Place { signals, is_reserved, wait: None, is_writing: false, is_leaving: false };
        self.places.insert(id, place);
        if is_reserved {
            self.newcomers.push_back(id);
        } else {
            self.n_ordinary += 1;
        }
        self.waits(id);
        if is_reserved {
            self.make_way();
        }
        id
    }

    pub(super) fn close(&mut self, id: PlaceId) {
        self.serves(id);
        let Some(place) = self.places.remove(&id) else { return };
        if place.is_reserved {
            self.newcomers.retain(|newcomer| *newcomer != id);
            return;
        }
        self.n_ordinary -= 1;
        self.take_in();
    }

    /// A connection waits for its client, who sends the head or the body of a request.
    pub(super) fn waits(&mut self, id: PlaceId) {
        let since = self.count();
        if let Some(place) = self.places.get_mut(&id) {
            place.wait.get_or_insert(since);
        }
        self.list(id);
    }

    /// A connection waits for its client no more. It was faster than whoever told it to leave.
    pub(super) fn serves(&mut self, id: PlaceId) {
        self.unlist(id);
        if let Some(place) = self.places.get_mut(&id) {
            place.wait = None;
        }
        self.stays(id);
    }

    /// What was written to a connection's client has stalled, or is taken again.
    pub(super) fn set_writing(&mut self, id: PlaceId, is_writing: bool) {
        if let Some(place) = self.places.get_mut(&id) {
            place.is_writing = is_writing;
        }
        if is_writing {
            self.unlist(id);
            self.stays(id);
        } else {
            self.list(id);
        }
    }

    pub(super) fn is_reserved(&self, id: PlaceId) -> bool {
        self.places.get(&id).is_some_and(|place| place.is_reserved)
    }

    pub(super) fn is_leaving(&self, id: PlaceId) -> bool {
        self.places.get(&id).is_some_and(|place| place.is_leaving)
    }

    /// How a connection stands that serves a request in need of an ordinary place.
    pub(super) fn standing(&mut self, id: PlaceId) -> Standing {
        if !self.is_reserved(id) {
            return Standing::Ordinary;
        }
        if !self.newcomers.contains(&id) {
            self.newcomers.push_back(id);
        }
        self.take_in();
        if !self.is_reserved(id) {
            return Standing::Ordinary;
        }
        self.make_way();
        if self.newcomers.iter().take(self.n_leaving).any(|newcomer| *newcomer == id) {
            return Standing::Soon;
        }
        self.newcomers.retain(|newcomer| *newcomer != id);
        Standing::Turned
    }

    /// Tells a connection to leave when none is leaving, so that there is room for one more.
    pub(super) fn make_room(&mut self) {
        if self.n_leaving + self.n_leaving_reserved == 0 {
            self.tell_longest_waiting();
        }
    }

    /// Tells the connection to leave that has waited longest; `false` when none waits.
    pub(super) fn tell_longest_waiting(&mut self) -> bool {
        let longest = self.waiting.first_key_value().or(self.waiting_reserved.first_key_value());
        let Some((_, id)) = longest else { return false };
        self.tell(*id);
        true
    }

    /// Tells as many ordinary connections to leave as there are newcomers, if so many wait.
    fn make_way(&mut self) {
        while self.n_leaving < self.newcomers.len() {
            let Some((_, longest)) = self.waiting.first_key_value() else { return };
            self.tell(*longest);
        }
    }

    fn tell(&mut self, id: PlaceId) {
        self.unlist(id);
        let Some(place) = self.places.get_mut(&id) else { return };
        place.is_leaving = true;
        place.signals.leave.notify_one();
        if place.is_reserved {
            self.n_leaving_reserved += 1;
            self.newcomers.retain(|newcomer| *newcomer != id);
        } else {
            self.n_leaving += 1;
        }
    }

    /// A connection does not leave, or has left: whoever counts on it asks again.
    fn stays(&mut self, id: PlaceId) {
        let Some(place) = self.places.get_mut(&id) else { return };
        if !std::mem::take(&mut place.is_leaving) {
            return;
        }
        if place.is_reserved {
            self.n_leaving_reserved -= 1;
            return;
        }
        self.n_leaving -= 1;
        for newcomer in &self.newcomers {
            if let Some(place) = self.places.get(newcomer) {
                place.signals.moved.notify_one();
            }
        }
    }

    /// Gives newcomers the ordinary places that are free.
    fn take_in(&mut self) {
        while !self.is_full() {
            let Some(first) = self.newcomers.pop_front() else { return };
            self.becomes_ordinary(first);
        }
    }

    fn becomes_ordinary(&mut self, id: PlaceId) {
        self.unlist(id);
        let Some(place) = self.places.get_mut(&id) else { return };
        place.is_reserved = false;
        place.signals.moved.notify_one();
        self.n_ordinary += 1;
        self.list(id);
    }

    /// Puts a connection that waits among those that may be told to leave.
    fn list(&mut self, id: PlaceId) {
        let Some(place) = self.places.get(&id) else { return };
        let (Some(since), false, false) = (place.wait, place.is_writing, place.is_leaving) else {
            return;
        };
        let list = if place.is_reserved { &mut self.waiting_reserved } else { &mut self.waiting };
        list.insert(since, id);
    }

    fn unlist(&mut self, id: PlaceId) {
        let Some(place) = self.places.get(&id) else { return };
        let Some(since) = place.wait else { return };
        let list = if place.is_reserved { &mut self.waiting_reserved } else { &mut self.waiting };
        list.remove(&since);
    }

    fn count(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn open(places: &mut Places) -> PlaceId {
        places.open(Arc::default())
    }

    #[test]
    fn a_newcomer_has_no_ordinary_place_before_another_has_left() {
        let mut places = Places::new(1, 1);
        let silent = open(&mut places);
        let newcomer = open(&mut places);
        assert!(places.is_leaving(silent));
        assert_eq!(places.standing(newcomer), Standing::Soon);
        places.close(silent);
        assert_eq!(places.standing(newcomer), Standing::Ordinary);
    }

    #[test]
    fn a_request_that_was_faster_keeps_its_place_and_the_newcomer_finds_another() {
        let mut places = Places::new(2, 1);
        let (first, second) = (open(&mut places), open(&mut places));
        let newcomer = open(&mut places);
        assert!(places.is_leaving(first) && !places.is_leaving(second));
        places.serves(first);
        assert!(!places.is_leaving(first));
        assert_eq!(places.standing(newcomer), Standing::Soon);
        assert!(places.is_leaving(second));
        places.serves(second);
        assert_eq!(places.standing(newcomer), Standing::Turned);
    }

    #[test]
    fn an_answer_that_its_client_still_takes_is_not_cut() {
        let mut places = Places::new(1, 1);
        let reads = open(&mut places);
        places.set_writing(reads, true);
        let newcomer = open(&mut places);
        assert_eq!(places.standing(newcomer), Standing::Turned);
        places.set_writing(reads, false);
        assert_eq!(places.standing(newcomer), Standing::Soon);
    }

    #[test]
    fn reserved_places_are_taken_from_the_silent_when_no_other_waits() {
        let mut places = Places::new(1, 1);
        let busy = open(&mut places);
        places.serves(busy);
        let silent = open(&mut places);
        assert!(!places.has_room());
        places.make_room();
        assert!(places.is_leaving(silent));
        places.close(silent);
        assert!(places.has_room());
    }

    proptest! {
        #[test]
        fn ordinary_connections_are_never_too_many(
            acts in proptest::collection::vec((0..7_u8, 0..8_usize), 0..200),
        ) {
            let mut places = Places::new(3, 2);
            let mut open: Vec<PlaceId> = Vec::new();
            for (act, which) in acts {
                let id = open.get(which).copied();
                match (act, id) {
                    (0, _) if places.has_room() => open.push(places.open(Arc::default())),
                    (0, _) => places.make_room(),
                    (1, Some(id)) => {
                        open.remove(which);
                        places.close(id);
                    }
                    (2, Some(id)) => places.waits(id),
                    (3, Some(id)) => places.serves(id),
                    (4, Some(id)) => {
                        places.serves(id);
                        let has_place = places.n_ordinary < 3;
                        let standing = places.standing(id);
                        prop_assert!(!has_place || standing == Standing::Ordinary);
                    }
                    (5, Some(id)) => places.set_writing(id, true),
                    (6, Some(id)) => places.set_writing(id, false),
                    _ => {}
                }
                let is_ordinary = |id: &&PlaceId| !places.is_reserved(**id);
                let n_ordinary = open.iter().filter(is_ordinary).count();
                prop_assert_eq!(n_ordinary, places.n_ordinary);
                prop_assert!(n_ordinary <= 3 && open.len() - n_ordinary <= 2);
                let leaving = |is_reserved| {
                    let is = |id: &&PlaceId| {
                        places.is_leaving(**id) && places.is_reserved(**id) == is_reserved
                    };
                    open.iter().filter(is).count()
                };
                prop_assert_eq!(leaving(false), places.n_leaving);
                prop_assert_eq!(leaving(true), places.n_leaving_reserved);
            }
        }
    }
}

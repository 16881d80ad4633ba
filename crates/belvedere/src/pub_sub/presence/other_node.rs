//! [`OtherNode`]: how far another node's word is known.

use crate::pub_sub::node::{PATIENCE_AFTER_LOSS_IN_BEATS, PATIENCE_IN_BEATS, What};

/// Another node of which something was heard.
pub(in crate::pub_sub) struct OtherNode {
    /// Of its last packet; none when some may have been lost since.
    last: Option<u64>,
    /// How often it has begun to tell all who are on its pages.
    round: u64,
    people: Known,
    /// How many beats of this node may still come back before it is taken for dead.
    patience: u32,
    /// It has said that it stops, and nothing new since.
    has_left: bool,
}

/// How far the people on a node's pages are known.
#[derive(PartialEq, Eq)]
enum Known {
    /// All of them.
    All,
    /// Some of what it said is lost: it has to tell all.
    InPart,
    /// It is telling all, and none of that is lost so far.
    Told,
}

/// What a packet means beside what it says.
pub(in crate::pub_sub) struct Noted {
    /// Which telling of the node it belongs to.
    pub(in crate::pub_sub) round: u64,
    /// Packets before it are lost.
    pub(in crate::pub_sub) is_after_loss: bool,
    /// The node has to tell all.
    pub(in crate::pub_sub) asks: bool,
}

impl OtherNode {
    /// One that has said nothing yet.
    pub(in crate::pub_sub) fn new() -> Self {
        let (last, patience) = (Some(0), PATIENCE_IN_BEATS);
        Self { last, round: 0, people: Known::All, patience, has_left: false }
    }

    /// Notes a packet; nothing for one that has come before.
    pub(in crate::pub_sub) fn hears(&mut self, number: u64, what: &What<'_>) -> Option<Noted> {
        let expected = self.last.map(|last| last.saturating_add(1));
        if expected.is_some_and(|expected| number < expected) {
            return None;
        }
        let is_after_loss = expected.is_some_and(|expected| number > expected);
        (self.last, self.patience) = (Some(number), PATIENCE_IN_BEATS);
        if is_after_loss {
            self.people = Known::InPart;
        }
        match what {
            What::Tell => (self.round, self.people) = (self.round + 1, Known::Told),
            What::Leave => self.has_left = true,
            What::Said { .. } | What::Here { .. } => self.has_left = false,
            What::Beat | What::Ask { .. } | What::Told | What::Gone { .. } => {}
        }
        Some(Noted {
            round: self.round,
            is_after_loss,
            asks: is_after_loss && self.is_known_in_part(),
        })
    }

    /// It says that it has told all; returns whether all of that was heard.
    pub(in crate::pub_sub) fn has_told(&mut self) -> bool {
        let is_heard = self.people == Known::Told;
        if is_heard {
            self.people = Known::All;
        }
        is_heard
    }

    /// The bus was lost for a while, perhaps for that node too.
    pub(in crate::pub_sub) fn bus_was_lost(&mut self) {
        (self.last, self.people) = (None, Known::InPart);
        self.patience = PATIENCE_AFTER_LOSS_IN_BEATS;
    }

    /// A beat of this node has come back; returns whether that was one too many.
    pub(in crate::pub_sub) fn is_dead_by_now(&mut self) -> bool {
        let left = self.patience.checked_sub(1);
        self.patience = left.unwrap_or_default();
        left.is_none()
    }

    pub(in crate::pub_sub) fn has_left(&self) -> bool {
        self.has_left
    }

    pub(in crate::pub_sub) fn is_known_in_part(&self) -> bool {
        self.people == Known::InPart
    }
}

//! The words of a tape and how to walk it.
//!
//! A tape is a render in order, outermost first; the slot of a hole is one of
//!
//! ```text
//! text   hash…hash 00                          an empty hole is the text ""
//! node   template id · holes 01                then the slots of its holes
//! list   row template id · holes 10, count     then per row its key's hash and its slots
//! stream row template id · kind 0 11           its rows are not remembered
//! component number · kind 1 11                 its tree has a tape of its own
//! ```
//!
//! There are no lengths: a subtree is skipped by walking it. A walk ends with the tape, whatever
//! its counts say.

use crate::template::statics::Fingerprint;

const TAG_BITS: u32 = 2;
const TAG_MASK: u64 = (1 << TAG_BITS) - 1;
const TAG_TEXT: u64 = 0;
const TAG_NODE: u64 = 1;
const TAG_LIST: u64 = 2;
/// A slot of one word; what it is stands where other words have their number of holes.
const TAG_OTHER: u64 = 3;
const KIND_STREAM: u64 = 0;
const KIND_COMPONENT: u64 = 1;

/// Where the template's id starts in a word.
const ID_SHIFT: u32 = 32;
const HOLES_MASK: u64 = (1 << (ID_SHIFT - TAG_BITS)) - 1;

/// Words of a list before its first row.
pub(super) const LIST_HEAD: usize = 2;

pub(super) fn text(hash: u64) -> u64 {
    (hash & !TAG_MASK) | TAG_TEXT
}

/// Whether a word is the whole slot of a text.
pub(super) fn is_text(word: u64) -> bool {
    word & TAG_MASK == TAG_TEXT
}

pub(super) fn node(template: Fingerprint) -> u64 {
    identity(template) | TAG_NODE
}

pub(super) fn list(row: Fingerprint) -> u64 {
    identity(row) | TAG_LIST
}

pub(super) fn stream(row: Fingerprint) -> u64 {
    (u64::from(row.id) << ID_SHIFT) | (KIND_STREAM << TAG_BITS) | TAG_OTHER
}

pub(super) fn component(number: u64) -> u64 {
    (number << ID_SHIFT) | (KIND_COMPONENT << TAG_BITS) | TAG_OTHER
}

fn identity(Fingerprint { id, n_holes }: Fingerprint) -> u64 {
    (u64::from(id) << ID_SHIFT) | ((n_holes as u64 & HOLES_MASK) << TAG_BITS)
}

fn n_holes(word: u64) -> usize {
    ((word >> TAG_BITS) & HOLES_MASK) as usize
}

/// The number of rows of the list at `at`.
pub(super) fn n_rows(tape: &[u64], at: usize) -> usize {
    tape.get(at + 1).map_or(0, |&count| count as usize)
}

/// The place after the slot at `at`.
pub(super) fn after_slot(tape: &[u64], at: usize) -> usize {
    let Some(&word) = tape.get(at) else {
        return at;
    };
    match word & TAG_MASK {
        TAG_NODE => after_slots(tape, at + 1, n_holes(word)),
        TAG_LIST => after_rows(tape, at + LIST_HEAD, n_rows(tape, at), n_holes(word)),
        _ => at + 1,
    }
}

/// The place after `n_rows` rows from `at` on: each its key and its slots.
pub(super) fn after_rows(tape: &[u64], mut at: usize, n_rows: usize, n_holes: usize) -> usize {
    for _ in 0..n_rows {
        if at >= tape.len() {
            break;
        }
        at = after_slots(tape, at + 1, n_holes);
    }
    at
}

fn after_slots(tape: &[u64], mut at: usize, n_slots: usize) -> usize {
    for _ in 0..n_slots {
        match tape.get(at) {
            None => break,
            // Most slots, so without a call.
            Some(&word) if is_text(word) => at += 1,
            Some(_) => at = after_slot(tape, at),
        }
    }
    at
}

//! What happened to a stream since its last frame, folded together as it happens.

use std::sync::Arc;

use super::waiting::{At, Insert, Waiting};
use crate::diff::{StreamInsert, StreamOperations};

/// Most changes that wait for one frame: a page that nobody looks at, or a slow one, must not fill
/// the memory with items of which its browser will show the last few. Far more than a frame carries
/// that follows a person's click.
const MAX_CHANGES: u32 = 1_000;

/// The browser first removes everything when `reset`, then `deletes`, then takes `inserts` in order.
#[derive(Debug)]
pub(super) struct Pending<T> {
    reset: bool,
    deletes: Vec<Arc<str>>,
    inserts: Waiting<T>,
    /// A page or frame has shown the stream: what comes now has a bound. The first fill has none, as
    /// it ends with the callback that makes it.
    is_shown: bool,
    /// What was sent may have left an item in the browser.
    has_items: bool,
    /// Changes since then that made this longer.
    n_changes: u32,
    /// The bound was reached: nothing is known until a reset.
    is_lost: bool,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self {
            reset: false,
            deletes: Vec::new(),
            inserts: Waiting::default(),
            is_shown: false,
            has_items: false,
            n_changes: 0,
            is_lost: false,
        }
    }
}

impl<T> Pending<T> {
    pub(super) fn len(&self) -> usize {
        self.deletes.len() + self.inserts.len()
    }

    /// Makes one change, however many items it is about. Forgets everything when there are more than
    /// may wait.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Self)) {
        if self.is_lost {
            return;
        }
        let before = self.len();
        change(self);
        self.n_changes += u32::from(self.is_shown && self.len() > before);
        if self.n_changes > MAX_CHANGES {
            let has_items = self.has_items;
            *self = Self { is_lost: true, is_shown: true, has_items, ..Self::default() };
        }
    }

    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Everything was sent.
    pub(super) fn forget(&mut self) {
        let has_kept = self.has_items && !self.reset;
        let has_items = has_kept || self.inserts.iter().any(|insert| !insert.update_only);
        *self = Self { is_shown: true, has_items, ..Self::default() };
    }

    /// An item that waits already keeps its turn and its place, as it would in the browser; one
    /// that was only to be updated has no place there if the browser lacks it, so takes this one, as
    /// does one that the limit has taken away by then.
    pub(super) fn insert(&mut self, insert: Insert<T>) {
        let is_gone = self.is_pushed_out(&insert);
        match self.inserts.get_mut(&insert.id) {
            Some(waiting) if !waiting.update_only && !is_gone => waiting.item = insert.item,
            Some(_) => {
                self.inserts.remove(&insert.id);
                self.inserts.push(insert);
            }
            None => self.inserts.push(insert),
        }
    }

    /// Whether as many were put in after the one that waits as the limit keeps, where it keeps them.
    fn is_pushed_out(&self, insert: &Insert<T>) -> bool {
        let Some(limit) = insert.limit else { return false };
        let kept = if limit < 0 { At::End } else { At::Index(0) };
        let after = self.inserts.after(&insert.id);
        let n_kept = after.filter(|other| !other.update_only && other.at == kept).count();
        u64::try_from(n_kept).is_ok_and(|n_kept| n_kept >= limit.unsigned_abs())
    }

    /// Nothing when the browser will not have the item: an update that follows a removal in one
    /// message would bring the removed element back.
    pub(super) fn update(&mut self, id: Arc<str>, item: T) {
        let item = Arc::new(item);
        match self.inserts.get_mut(&id) {
            Some(waiting) => waiting.item = item,
            None if self.reset || !self.has_items || self.deletes.contains(&id) => {}
            None => {
                self.inserts.push(Insert { id, at: At::End, limit: None, update_only: true, item });
            }
        }
    }

    /// Forgets the updates of items that the browser `lacks`.
    pub(super) fn forget_absent(&mut self, lacks: impl Fn(&str) -> bool) {
        self.inserts.retain(|insert| !(insert.update_only && lacks(&insert.id)));
    }

    /// The browser may have an older item with this id, so the deletion is sent in any case.
    pub(super) fn delete(&mut self, id: &str) {
        self.inserts.remove(id);
        if !self.reset && !self.deletes.iter().any(|deleted| **deleted == *id) {
            self.deletes.push(id.into());
        }
    }

    pub(super) fn reset(&mut self) {
        let Self { is_shown, has_items, .. } = *self;
        *self = Self { reset: true, is_shown, has_items, ..Self::default() };
    }

    pub(super) fn inserted(&self) -> Vec<(Arc<str>, Arc<T>)> {
        self.inserts.iter().map(Insert::row).collect()
    }

    /// What the browser will show that has nothing yet.
    pub(super) fn shown(&mut self) -> Vec<(Arc<str>, Arc<T>)> {
        self.is_shown = true;
        let mut shown = Vec::with_capacity(self.inserts.len());
        for insert in self.inserts.iter().filter(|insert| !insert.update_only) {
            let at = match insert.at {
                At::Index(index) => shown.len().min(index as usize),
                At::End => shown.len(),
            };
            shown.insert(at, insert.row());
            apply_limit(&mut shown, insert.limit);
        }
        shown
    }

    pub(super) fn operations(&mut self, name: &Arc<str>) -> StreamOperations {
        self.is_shown = true;
        let inserts = self.inserts.iter().map(|insert| StreamInsert {
            id: Arc::clone(&insert.id),
            at: insert.at.number(),
            limit: insert.limit,
            update_only: insert.update_only,
        });
        StreamOperations {
            reference: Arc::clone(name),
            inserts: inserts.collect(),
            deletes: self.deletes.clone(),
            reset: self.reset,
            is_first: !self.has_items,
        }
    }
}

fn apply_limit<R>(shown: &mut Vec<R>, limit: Option<i64>) {
    let Some(limit) = limit else { return };
    let kept = usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX);
    if limit < 0 {
        shown.drain(..shown.len().saturating_sub(kept));
    } else {
        shown.truncate(kept);
    }
}

//! Which imports a page shows, and in which order.

use super::Import;

/// Most imports that are shown: one for each server, and more servers than anybody has.
const MAX_SHOWN: usize = 8;

/// Imports under way, and how the last one of each person has ended, in the order in which they were begun.
#[derive(Debug, Default)]
pub struct Shown(Vec<Import>);

impl Shown {
    /// Shows how far an import is, in its place.
    pub fn put(&mut self, import: Import) {
        let shown = &mut self.0;
        match shown.binary_search_by_key(&import.id, |shown| shown.id) {
            // What has ended goes no further, whatever was still on its way.
            Ok(place) if import.is_under_way() && !shown[place].is_under_way() => return,
            Ok(place) => shown[place] = import,
            Err(place) => shown.insert(place, import),
        }
        let is_past = |place: usize, import: &Import| {
            !import.is_under_way() && shown[place + 1..].iter().any(|later| later.by == import.by)
        };
        if let Some(place) = (0..shown.len()).find(|place| is_past(*place, &shown[*place])) {
            shown.remove(place);
        }
        if shown.len() > MAX_SHOWN {
            let ended = shown.iter().position(|import| !import.is_under_way());
            shown.remove(ended.unwrap_or(0));
        }
    }

    /// The oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Import> {
        self.0.iter()
    }
}

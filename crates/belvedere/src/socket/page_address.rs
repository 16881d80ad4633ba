//! [`PageAddress`]: the URL of a page, which its own view sets and the views nested in it read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::navigation::LocalPath;
use crate::visit::Visit;

/// What a page shows, shared by its views.
pub(crate) struct PageAddress {
    /// The topic of the page's own view.
    pub(crate) root: Box<str>,
    /// The views that read it stand in the layout: the page's own view changes, and they stay.
    pub(crate) is_of_layout: bool,
    /// URL, route template, and what that route gives.
    shown: Mutex<(LocalPath, Arc<str>, Visit)>,
}

impl PageAddress {
    /// Of a page whose own view answers on `root`.
    pub(crate) fn new(root: &str, url: &LocalPath, route: &Arc<str>, visit: &Visit) -> Self {
        let shown = Mutex::new((url.clone(), Arc::clone(route), visit.clone()));
        Self { root: root.into(), is_of_layout: false, shown }
    }

    /// As the views in a layout around the page know it.
    pub(crate) fn of_layout(page: &Self) -> Self {
        let shown = Mutex::new(page.shown());
        Self { root: page.root.clone(), is_of_layout: true, shown }
    }

    /// Path and query.
    pub(crate) fn url(&self) -> LocalPath {
        self.lock().0.clone()
    }

    /// Path and query, the route template, and what that route gives.
    pub(crate) fn shown(&self) -> (LocalPath, Arc<str>, Visit) {
        self.lock().clone()
    }

    /// The page shows another URL.
    pub(crate) fn set(&self, url: &LocalPath, route: &Arc<str>, visit: &Visit) {
        *self.lock() = (url.clone(), Arc::clone(route), visit.clone());
    }

    fn lock(&self) -> MutexGuard<'_, (LocalPath, Arc<str>, Visit)> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! [`PageAddress`]: the URL of a page, which its own view sets and the views nested in it read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::navigation::LocalPath;

/// What a page shows, shared by its views.
pub(crate) struct PageAddress {
    /// The topic of the page's own view.
    pub(crate) root: Box<str>,
    /// URL and route template.
    shown: Mutex<(LocalPath, Arc<str>)>,
}

impl PageAddress {
    /// Of a page whose own view answers on `root`.
    pub(crate) fn new(root: &str, url: &LocalPath, route: &Arc<str>) -> Self {
        Self { root: root.into(), shown: Mutex::new((url.clone(), Arc::clone(route))) }
    }

    /// Path and query.
    pub(crate) fn url(&self) -> LocalPath {
        self.lock().0.clone()
    }

    /// Path and query, and the route template.
    pub(crate) fn shown(&self) -> (LocalPath, Arc<str>) {
        self.lock().clone()
    }

    /// The page shows another URL.
    pub(crate) fn set(&self, url: &LocalPath, route: &Arc<str>) {
        *self.lock() = (url.clone(), Arc::clone(route));
    }

    fn lock(&self) -> MutexGuard<'_, (LocalPath, Arc<str>)> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! [`Visit`]: what the routes of a group give to each visit of their pages.
//!
//! A visit begins with a page's request or with a live navigation, and is one for the page's view, the
//! views nested in it and all their components. Which routes give what is said by layers, which are the
//! business of `http::group`.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::http::session_value::StoredValue;

mod guard;
mod shared;

pub(crate) use guard::{AnyGuard, Refused};
pub use guard::{EventGuard, EventRefusal, GuardedEvent};
pub use shared::Shared;
pub(crate) use shared::SharedValues;

/// Shared by the views of a page; nothing where no layer gives anything.
#[derive(Clone, Default)]
pub(crate) struct Visit(Option<Arc<Given>>);

struct Given {
    /// The outermost first.
    guards: Vec<Arc<dyn AnyGuard>>,
    /// What the application keeps with the visitor's session.
    session: StoredValue,
    shared: SharedValues,
}

impl Visit {
    /// Of a page with these guards, the outermost first, and what has been loaded for it.
    pub(crate) fn new(
        guards: Vec<Arc<dyn AnyGuard>>,
        session: StoredValue,
        shared: SharedValues,
    ) -> Self {
        if guards.is_empty() && shared.is_empty() {
            return Self::default();
        }
        Self(Some(Arc::new(Given { guards, session, shared })))
    }

    /// Those whom an event has to pass, in this order.
    pub(crate) fn guards(&self) -> &[Arc<dyn AnyGuard>] {
        self.0.as_ref().map_or(&[], |given| &given.guards)
    }

    /// What has been loaded for it.
    pub(crate) fn shared(&self) -> Option<&SharedValues> {
        self.0.as_ref().map(|given| &given.shared)
    }

    fn session_value<T: DeserializeOwned>(&self) -> Option<T> {
        self.0.as_ref()?.session.read()
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Visit").field("guards", &self.guards().len()).finish()
    }
}

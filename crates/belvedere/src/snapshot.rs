//! [`Snapshot`]: what a view wants kept when its server goes away.
//!
//! Which fields these are is said here; when they are taken, sealed and given back is the runtime's.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

mod store;
mod timed;

pub(crate) use store::{Room, StoreFailure};
pub use store::{
    SharedSnapshotOptions, SharedSnapshots, SnapshotKey, SnapshotStore, SnapshotStoreError,
};
pub use timed::TimedSnapshotStore;

type Take<T> = Box<dyn Fn(&T) -> Result<String, SnapshotError> + Send + Sync>;
type Give<T> = Box<dyn Fn(&mut T, &str) -> Result<(), SnapshotError> + Send + Sync>;

/// What of a view's state outlives its server: what [`LiveView::snapshot`](crate::LiveView::snapshot)
/// declares.
///
#[doc = include_str!("docs/snapshot.md")]
pub struct Snapshot<T>(Option<Kept<T>>);

/// What a view keeps that keeps something.
pub(crate) struct Kept<T> {
    /// The one that is written.
    pub(crate) version: u32,
    take: Take<T>,
    /// Of each version that can be read, its own first.
    give: Vec<(u32, Give<T>)>,
}

impl<T: 'static> Snapshot<T> {
    /// Nothing is kept.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Keeps what `take` gives, as JSON. `give` puts it into a view that was mounted anew; both are of
    /// one type, so that what is written can be read.
    ///
    /// `version` is the number of that type's shape: another one when a field has gone or means
    /// something else, with [`older`](Self::older) for what was written before. A new field with
    /// `#[serde(default)]` needs none.
    #[must_use]
    pub fn version<S>(version: u32, take: fn(&T) -> S, give: fn(&mut T, S)) -> Self
    where
        S: Serialize + DeserializeOwned + 'static,
    {
        let take = move |view: &T| {
            let json = serde_json::to_string(&take(view)).map_err(SnapshotError::Unwritable)?;
            if cfg!(debug_assertions) {
                serde_json::from_str::<S>(&json).map_err(SnapshotError::Unwritable)?;
            }
            Ok(json)
        };
        Self(Some(Kept { version, take: Box::new(take), give: vec![(version, given(give))] }))
    }

    /// Reads an earlier version too, which an earlier build has written. A version that is not named
    /// is refused: the view stays as it was mounted.
    ///
    /// # Panics
    ///
    /// When the version is named already.
    #[must_use]
    pub fn older<S>(mut self, version: u32, give: fn(&mut T, S)) -> Self
    where
        S: DeserializeOwned + 'static,
    {
        if let Some(declared) = &mut self.0 {
            let is_new = declared.give.iter().all(|(known, _)| *known != version);
            assert!(is_new, "version {version} of a snapshot is read in two ways");
            declared.give.push((version, given(give)));
        }
        self
    }

    /// What is kept, if anything is.
    pub(crate) fn declared(self) -> Option<Kept<T>> {
        self.0
    }
}

impl<T> Kept<T> {
    /// The state as JSON.
    pub(crate) fn take(&self, view: &T) -> Result<String, SnapshotError> {
        (self.take)(view)
    }

    /// Puts a state that was written by some build into a view. A view is as it was when that fails.
    pub(crate) fn give(&self, view: &mut T, version: u32, json: &str) -> Result<(), SnapshotError> {
        let known = self.give.iter().find(|(known, _)| *known == version);
        let (_, give) = known.ok_or(SnapshotError::Version(version))?;
        give(view, json)
    }
}

fn given<T: 'static, S: DeserializeOwned + 'static>(give: fn(&mut T, S)) -> Give<T> {
    Box::new(move |view, json| {
        give(view, serde_json::from_str(json).map_err(SnapshotError::Unreadable)?);
        Ok(())
    })
}

impl<T> fmt::Debug for Snapshot<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.0.as_ref().map(|declared| declared.version);
        formatter.debug_struct("Snapshot").field("version", &version).finish_non_exhaustive()
    }
}

/// Why a state was not kept, or not given back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    /// In a debug build also what cannot be read again.
    #[error("it cannot be written as JSON and read again")]
    Unwritable(#[source] serde_json::Error),
    #[error("what `{0}` keeps cannot be written as JSON and read again")]
    OfComponent(&'static str, #[source] serde_json::Error),
    #[error("it cannot be read")]
    Unreadable(#[source] serde_json::Error),
    #[error("version {0} is not read")]
    Version(u32),
}

impl SnapshotError {
    /// The same, of a component with this name.
    pub(crate) fn of_component(self, name: &'static str) -> Self {
        match self {
            Self::Unwritable(error) => Self::OfComponent(name, error),
            error => error,
        }
    }

    /// One word per variant, as the value of a metric's attribute.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Unwritable(_) | Self::OfComponent(..) => "unwritable",
            Self::Unreadable(_) => "unreadable",
            Self::Version(_) => "version",
        }
    }
}

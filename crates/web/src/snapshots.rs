//! Where what is to outlive a server waits for the next one: the state of open pages, and who is signed in to the
//! inspector.

use belvedere::{SharedSnapshotOptions, SharedSnapshots};
use belvedere_diesel::{DatabaseSnapshots, Repo};
use belvedere_inspector::Guard;

use crate::config::{InspectorAccess, SnapshotPlace};

/// What lies in one table that all servers share.
#[derive(Debug, Default)]
pub struct Stored {
    /// The state of pages, if that is not each page's own browser's.
    pub pages: Option<SharedSnapshots>,
    /// Who is signed in to the inspector, if one does that with a password.
    pub sign_ins: Option<DatabaseSnapshots>,
}

/// The table, for what is to lie there. One that cannot be made stops nothing: browsers keep the state and each
/// server its sign-ins until it can, and the log says why.
pub async fn stored(place: SnapshotPlace, access: &InspectorAccess, repo: &Repo) -> Stored {
    let has_pages = place != SnapshotPlace::Browser;
    let has_sign_ins = matches!(access, InspectorAccess::On(Guard::Password { .. }));
    if !has_pages && !has_sign_ins {
        return Stored::default();
    }
    let table = DatabaseSnapshots::new(repo.clone());
    if let Err(error) = table.create_table().await {
        tracing::warn!(%error, "the table of snapshots is not there and cannot be made");
    }
    let over = |table| SharedSnapshots::over(table, SharedSnapshotOptions::default());
    Stored {
        pages: has_pages.then(|| over(table.clone())),
        sign_ins: has_sign_ins.then_some(table),
    }
}

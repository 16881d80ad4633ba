//! Where what is to outlive a server waits for the next one: the state of open pages, and who is signed in to the
//! inspector.

use belvedere::{SharedSnapshotOptions, SharedSnapshots};
use belvedere_diesel::{DatabaseSnapshots, Repo};
use belvedere_inspector::Guard;

use crate::config::{InspectorAccess, SnapshotPlace};

/// The store that all servers share, if that is not each page's own browser. One whose table cannot be made
/// stops nothing: browsers keep the state until it can, and the log says why.
pub async fn shared(place: SnapshotPlace, repo: &Repo) -> Option<SharedSnapshots> {
    if place == SnapshotPlace::Browser {
        return None;
    }
    Some(SharedSnapshots::over(table(repo).await, SharedSnapshotOptions::default()))
}

/// Where all servers see who is signed in to the inspector, if one does that with a password.
pub async fn sign_ins(access: &InspectorAccess, repo: &Repo) -> Option<DatabaseSnapshots> {
    match access {
        InspectorAccess::On(Guard::Password { .. }) => Some(table(repo).await),
        InspectorAccess::On(_) | InspectorAccess::Off(_) => None,
    }
}

async fn table(repo: &Repo) -> DatabaseSnapshots {
    let snapshots = DatabaseSnapshots::new(repo.clone());
    if let Err(error) = snapshots.create_table().await {
        tracing::warn!(%error, "the table of snapshots is not there and cannot be made");
    }
    snapshots
}

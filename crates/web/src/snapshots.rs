//! Where the state of open pages waits for the next server.

use belvedere::{SharedSnapshotOptions, SharedSnapshots};
use belvedere_diesel::{DatabaseSnapshots, Repo};

use crate::config::SnapshotPlace;

/// The store that all servers share, if that is not each page's own browser. One whose table cannot be made
/// stops nothing: browsers keep the state until it can, and the log says why.
pub async fn shared(place: SnapshotPlace, repo: &Repo) -> Option<SharedSnapshots> {
    if place == SnapshotPlace::Browser {
        return None;
    }
    let snapshots = DatabaseSnapshots::new(repo.clone());
    if let Err(error) = snapshots.create_table().await {
        tracing::warn!(%error, "the table of snapshots is not there and cannot be made");
    }
    Some(SharedSnapshots::over(snapshots, SharedSnapshotOptions::default()))
}

//! `SNAPSHOT_STORE`: where the state of open pages waits for the next server.

/// Where it lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SnapshotPlace {
    /// In each page's own browser, sealed.
    #[default]
    Browser,
    /// In a table of the database.
    Database,
}

/// Why `SNAPSHOT_STORE` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("SNAPSHOT_STORE is {0:?}; set it to browser or database")]
pub struct SnapshotPlaceError(String);

impl SnapshotPlace {
    /// The place that a setting says, or the default.
    pub(super) fn parse(setting: Option<&str>) -> Result<Self, SnapshotPlaceError> {
        match setting {
            None | Some("browser") => Ok(Self::Browser),
            Some("database") => Ok(Self::Database),
            Some(other) => Err(SnapshotPlaceError(other.to_owned())),
        }
    }
}

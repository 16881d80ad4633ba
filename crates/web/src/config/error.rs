//! What is wrong with a setting, in words for whoever has set it.

use belvedere::http::ClientAddressError;
use belvedere_diesel::{Database, DatabaseUrlError};
use belvedere_nats::NatsUrlError;

use super::{
    ConnectionsError, InspectorError, ListenError, PublicUrlError, SecretError, SnapshotPlaceError,
    StopTimeError,
};

/// A variable whose value cannot be used. The text says which, and what would do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `HOST` or `PORT`.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// `DATABASE_URL` or `DIRECT_DATABASE_URL`.
    #[error("{name}: {source}")]
    Database {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        #[source]
        source: DatabaseUrlError,
    },
    /// `NATS_URL`.
    #[error("NATS_URL: {0}")]
    Nats(#[from] NatsUrlError),
    /// `SECRET_KEY_BASE` or `SECRET_KEY_BASE_ACCEPTED`.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// `PUBLIC_URL`.
    #[error(transparent)]
    PublicUrl(#[from] PublicUrlError),
    /// `MAX_CONNECTIONS` or `DATABASE_CONNECTIONS`.
    #[error(transparent)]
    Connections(#[from] ConnectionsError),
    /// `SNAPSHOT_STORE`.
    #[error(transparent)]
    Snapshots(#[from] SnapshotPlaceError),
    /// `STOP_SECONDS`.
    #[error(transparent)]
    Stop(#[from] StopTimeError),
    /// `CLIENT_ADDRESS_HEADER`.
    #[error("CLIENT_ADDRESS_HEADER: {0}")]
    ClientAddress(#[from] ClientAddressError),
    /// `INSPECTOR_PASSWORD`.
    #[error(transparent)]
    Inspector(#[from] InspectorError),
    /// One of `OTEL_*`, `OTLP_ENDPOINT`, `RUST_LOG` or `LOG_FORMAT`.
    #[error(transparent)]
    Telemetry(#[from] belvedere_telemetry::SettingsError),
    /// A setting whose value is not UTF-8.
    #[error("{0} is set to bytes that are no text; write it in UTF-8")]
    NoText(String),
    /// `DIRECT_DATABASE_URL` and `DATABASE_URL` lead to databases of two kinds.
    #[error(
        "DIRECT_DATABASE_URL is {direct} and DATABASE_URL {database} (SQLite when it is not set), which cannot be one \
         database; leave out DIRECT_DATABASE_URL where no pooler is in between"
    )]
    OtherDatabase {
        /// Where `DIRECT_DATABASE_URL` leads to.
        direct: Database,
        /// Where `DATABASE_URL` leads to.
        database: Database,
    },
    /// A variable that is either on or off.
    #[error("{name} is {value:?}; set it to true or false")]
    Switch {
        /// The variable.
        name: &'static str,
        /// What it was set to.
        value: String,
    },
}

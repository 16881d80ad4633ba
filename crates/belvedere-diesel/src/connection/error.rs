//! Why there is no connection, in words that say what to do about it.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

/// Why no connection could be had. No message holds a password.
#[derive(Debug, Clone, Error)]
pub enum ConnectError {
    /// The directory of the SQLite file is missing and could not be made.
    #[error(
        "cannot create {} for the SQLite database: {source}; choose a writable place",
        path.display()
    )]
    SqliteDirectory {
        /// The directory.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// The SQLite file cannot be opened or is no database.
    #[error(
        "cannot open the SQLite database {}: {reason}; check that it is a database file that \
         this user may read and write",
        path.display()
    )]
    SqliteOpen {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The SQLite file or its directory may be read but not written.
    #[error(
        "the SQLite database {} is read-only; make the file and its directory writable for this \
         user",
        path.display()
    )]
    SqliteReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// There is no room for the SQLite file, or its disk fails.
    #[error(
        "the disk of the SQLite database {} is full or fails: {reason}; make room, or choose \
         another place",
        path.display()
    )]
    SqliteDisk {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        reason: String,
    },
    /// The SQLite file is not the one that was opened: what is written goes where nobody finds it.
    #[error(
        "the SQLite database {} was removed or replaced while it was open; put the same file back, \
         or restart the server with the file that is to be used",
        path.display()
    )]
    SqliteMoved {
        /// Where the file was.
        path: PathBuf,
    },
    /// The SQLite file's `-wal` is gone, or another stands in its place: what was saved last is in a file that
    /// nobody finds.
    #[error(
        "the file {0}-wal was removed or replaced while the SQLite database {0} was open; put the same file \
         back, or restart the server",
        path.display()
    )]
    SqliteWalRemoved {
        /// The database.
        path: PathBuf,
    },
    /// No PostgreSQL server answered.
    #[error(
        "cannot reach PostgreSQL at {address}: {reason}; check that the server runs and that \
         host and port in the database URL are right"
    )]
    PostgresUnreachable {
        /// Host and port.
        address: String,
        /// What the network said.
        reason: String,
    },
    /// The PostgreSQL server answered, and refused.
    #[error(
        "PostgreSQL at {address} refused the connection: {message} ({sql_state}); {}",
        advice(sql_state)
    )]
    PostgresRefused {
        /// Host and port.
        address: String,
        /// What the server said.
        message: String,
        /// PostgreSQL's five-letter code.
        sql_state: String,
    },
    /// The PostgreSQL server, or a pooler before it, refused a database URL with `options`.
    #[error(
        "PostgreSQL at {address} refused the connection: {message}; the database URL carries \
         `options`, which connection poolers refuse: leave them out and give them to the user \
         (ALTER ROLE … SET …)"
    )]
    PostgresOptions {
        /// Host and port.
        address: String,
        /// What the server said.
        message: String,
    },
    /// The connection could not be encrypted as asked.
    #[error(
        "no TLS connection to PostgreSQL at {address}: {reason}; check sslmode and sslrootcert in \
         the database URL"
    )]
    PostgresTls {
        /// Host and port.
        address: String,
        /// What went wrong in the handshake.
        reason: String,
    },
    /// The trusted authorities could not be read.
    #[error("cannot read trusted certificates from {from}: {reason}")]
    RootCertificates {
        /// The PEM file, or the operating system's store.
        from: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Establishing a connection took too long.
    #[error(
        "connecting to {address} took longer than {waited:?}; check the network, or raise the \
         connect time-out"
    )]
    TimedOut {
        /// What was being connected to.
        address: String,
        /// The time-out.
        waited: Duration,
    },
    /// Every connection stayed busy.
    #[error(
        "no database connection became free within {waited:?}; all {max_connections} are in use: \
         look for slow queries, or raise the maximum"
    )]
    PoolExhausted {
        /// The time-out.
        waited: Duration,
        /// The size of the pool.
        max_connections: usize,
    },
    /// As many as may write to SQLite at a time did, or were about to, for the whole time.
    #[error(
        "there was no turn to write to SQLite within {waited:?}; {max_writers} may write at a time, and each of them \
         wrote, or waited for the lock or for a connection: look for long transactions and slow queries, and for \
         another process that has the file open"
    )]
    WritersExhausted {
        /// The time-out.
        waited: Duration,
        /// How many connections may write, or wait to, at a time.
        max_writers: usize,
    },
}

impl ConnectError {
    /// The variant as a stable lower-case word, for the `error.type` attribute.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SqliteDirectory { .. } => "sqlite_directory",
            Self::SqliteOpen { .. } => "sqlite_open",
            Self::SqliteReadOnly { .. } => "sqlite_read_only",
            Self::SqliteDisk { .. } => "sqlite_disk",
            Self::SqliteMoved { .. } => "sqlite_moved",
            Self::SqliteWalRemoved { .. } => "sqlite_wal_removed",
            Self::PostgresUnreachable { .. } => "postgres_unreachable",
            Self::PostgresRefused { .. } => "postgres_refused",
            Self::PostgresOptions { .. } => "postgres_options",
            Self::PostgresTls { .. } => "postgres_tls",
            Self::RootCertificates { .. } => "root_certificates",
            Self::TimedOut { .. } => "connect_timeout",
            Self::PoolExhausted { .. } => "pool_exhausted",
            Self::WritersExhausted { .. } => "writers_exhausted",
        }
    }

    /// Whether others have all that may be had at a time.
    pub(crate) fn is_exhausted(&self) -> bool {
        match self {
            Self::PoolExhausted { .. } | Self::WritersExhausted { .. } => true,
            Self::PostgresRefused { sql_state, .. } => sql_state.starts_with(NO_RESOURCES),
            _ => false,
        }
    }
}

/// The class of PostgreSQL's codes for want of connections, memory or room.
const NO_RESOURCES: &str = "53";

/// What to do about a refusal, by the class of PostgreSQL's code.
fn advice(sql_state: &str) -> &'static str {
    match sql_state.get(..2) {
        // Invalid authorization, invalid catalog name.
        Some("28" | "3D") => "check user, password and database in the database URL",
        Some(NO_RESOURCES) => {
            "it has no room for another connection: close others, make the pools smaller, or \
             raise its limit"
        }
        // Operator intervention.
        Some("57") => "it starts, stops or was stopped: try again in a moment",
        _ => "the log of the server, or of the pooler before it, says more",
    }
}

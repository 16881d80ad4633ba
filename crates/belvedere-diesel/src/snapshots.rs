//! [`DatabaseSnapshots`]: a table in which what live views want kept lies for the next server.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use belvedere::{SnapshotKey, SnapshotStore, SnapshotStoreError};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::repo::{QueryError, Repo};

/// Rows that one statement removes.
const MAX_REMOVED: usize = 1_000;

/// Statements that remove expired rows, one after the other.
const MAX_BATCHES: usize = 100;

/// Connections that writing and forgetting snapshots take from the pages' at most. Removing those whose time is
/// over takes one more.
const MAX_CONNECTIONS: usize = 2;

/// How often a server removes expired rows, while it writes others.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

diesel::table! {
    belvedere_snapshots (id) {
        id -> Text,
        sealed -> Text,
        expires_at -> BigInt,
    }
}

/// A table of the application's database as the [`SnapshotStore`] of its servers.
///
/// Each snapshot is a row, written by one statement when its view has changed, and read by the one join that
/// takes the view's place. Rows whose time is over are removed once a minute by whichever server writes, a
/// thousand at a time.
///
/// The table is [`SCHEMA`](Self::SCHEMA), for a migration of the application's own; or
/// [`create_table`](Self::create_table) makes it at the start.
///
/// ```no_run
/// use belvedere::{LiveConfig, SecretKeyBase, SharedSnapshotOptions, SharedSnapshots};
/// use belvedere_diesel::{DatabaseConfig, DatabaseSnapshots, Repo};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = DatabaseConfig::new("postgres://app:secret@db.internal/app".parse()?);
/// let snapshots = DatabaseSnapshots::new(Repo::connect(&config).await?);
/// snapshots.create_table().await?;
/// let config = LiveConfig {
///     shared_snapshots: Some(SharedSnapshots::over(snapshots, SharedSnapshotOptions::default())),
///     ..LiveConfig::new(SecretKeyBase::random())
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DatabaseSnapshots {
    repo: Repo,
    /// When this server has removed expired rows last.
    swept: Arc<Mutex<Option<Instant>>>,
    /// A permit is a connection.
    connections: Arc<Semaphore>,
}

impl DatabaseSnapshots {
    /// What makes the table, on either database: two statements that do nothing where it is there.
    pub const SCHEMA: [&'static str; 2] = [
        "CREATE TABLE IF NOT EXISTS belvedere_snapshots (id TEXT PRIMARY KEY, sealed TEXT NOT NULL, \
         expires_at BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS belvedere_snapshots_expires_at ON belvedere_snapshots (expires_at)",
    ];

    /// In the database that this leads to. Nothing is asked yet.
    #[must_use]
    pub fn new(repo: Repo) -> Self {
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        Self { repo, swept: Arc::default(), connections }
    }

    /// Makes the table, if it is not there.
    ///
    /// # Errors
    ///
    /// When it is not there and cannot be made.
    pub async fn create_table(&self) -> Result<(), QueryError> {
        for statement in Self::SCHEMA {
            // Of two servers that make it at once PostgreSQL tells one that it is there.
            if self.repo.run(diesel::sql_query(statement)).await.is_err() {
                self.repo.run(diesel::sql_query(statement)).await?;
            }
        }
        Ok(())
    }

    /// Removes rows whose time is over, at most 100,000, and tells how many. Servers do so by themselves
    /// while they write; it is here for a job that does it where none writes any more.
    ///
    /// # Errors
    ///
    /// When the database does not answer; some may be removed.
    pub async fn remove_expired(&self) -> Result<usize, QueryError> {
        let mut n_removed = 0;
        for _ in 0..MAX_BATCHES {
            let text = format!(
                "DELETE FROM belvedere_snapshots WHERE id IN \
                 (SELECT id FROM belvedere_snapshots WHERE expires_at <= $1 LIMIT {MAX_REMOVED}) \
                 AND expires_at <= $1"
            );
            let remove = diesel::sql_query(text).bind::<BigInt, _>(seconds(Duration::ZERO));
            let n_rows = self.repo.run(remove).await?;
            n_removed += n_rows;
            if n_rows < MAX_REMOVED {
                break;
            }
        }
        Ok(n_removed)
    }

    /// Removes expired rows beside whoever asks, if it is time.
    fn sweep(&self) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_some_and(|swept| swept.elapsed() < SWEEP_INTERVAL) {
            return;
        }
        *swept = Some(Instant::now());
        drop(swept);
        let this = self.clone();
        tokio::spawn(async move {
            if let Err(error) = this.remove_expired().await {
                tracing::debug!(%error, "snapshots whose time is over are still there");
            }
        });
    }
}

impl SnapshotStore for DatabaseSnapshots {
    async fn put(
        &self,
        key: SnapshotKey,
        sealed: String,
        lasts: Duration,
    ) -> Result<(), SnapshotStoreError> {
        let row = (
            belvedere_snapshots::id.eq(id(key)),
            belvedere_snapshots::sealed.eq(sealed),
            belvedere_snapshots::expires_at.eq(seconds(lasts)),
        );
        let newer = (
            belvedere_snapshots::sealed.eq(excluded(belvedere_snapshots::sealed)),
            belvedere_snapshots::expires_at.eq(excluded(belvedere_snapshots::expires_at)),
        );
        let insert = diesel::insert_into(belvedere_snapshots::table).values(row);
        let insert = insert.on_conflict(belvedere_snapshots::id).do_update().set(newer);
        let connection = self.connections.acquire().await?;
        self.repo.run(insert).await?;
        drop(connection);
        self.sweep();
        Ok(())
    }

    async fn get(&self, key: SnapshotKey) -> Result<Option<String>, SnapshotStoreError> {
        let row = belvedere_snapshots::table
            .filter(belvedere_snapshots::id.eq(id(key)))
            .filter(belvedere_snapshots::expires_at.gt(seconds(Duration::ZERO)))
            .select(belvedere_snapshots::sealed);
        Ok(self.repo.one_or_none(row).await?)
    }

    async fn remove(&self, key: SnapshotKey) -> Result<(), SnapshotStoreError> {
        let row = belvedere_snapshots::table.filter(belvedere_snapshots::id.eq(id(key)));
        let _connection = self.connections.acquire().await?;
        self.repo.run(diesel::delete(row)).await?;
        Ok(())
    }
}

/// A key as text: 32 hexadecimal digits.
fn id(key: SnapshotKey) -> String {
    key.as_bytes().iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Seconds since 1970, so long from now.
fn seconds(from_now: Duration) -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.saturating_add(from_now).as_secs()).unwrap_or(i64::MAX)
}

//! [`DatabaseSnapshots`]: a table in which what live views want kept lies for the next server.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use belvedere::telemetry::Told;
use belvedere::{SnapshotKey, SnapshotStore, SnapshotStoreError};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::upsert::excluded;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::repo::{QueryError, Repo};

/// Rows that one statement removes.
const MAX_REMOVED: usize = 1_000;

/// Statements that remove rows for one reason, one after the other.
const MAX_BATCHES: usize = 100;

/// Characters of the key of a view's row, which no other has.
const KEY_CHARS: usize = 32;

/// Connections that writing and forgetting snapshots take from the pages' at most. Removing those whose time is
/// over takes one more.
const MAX_CONNECTIONS: usize = 2;

/// How often a server removes rows whose time is over, or that are too many, while it writes others.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60);

/// It does so earlier when it has added so many.
const MAX_UNSWEPT: usize = 1_000;

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
/// takes the view's place. Rows whose time is over, or that are [too many](SnapshotBounds), are removed once a minute
/// by whichever server writes, a thousand at a time.
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
    bounds: SnapshotBounds,
    swept: Arc<Mutex<Swept>>,
    told: Arc<Told>,
    /// A permit is a connection.
    connections: Arc<Semaphore>,
}

/// What this server has done about rows that are to go.
#[derive(Debug, Default)]
struct Swept {
    last: Option<Instant>,
    /// Rows that it has added since.
    n_added: usize,
}

/// How many snapshots of views lie in a table of [`DatabaseSnapshots`] until their time is over. Of more, those that
/// were written longest ago go: a page that is open and has gone without, writes the next one when it changes. What
/// others keep there, such as the inspector its sign-ins, has no part in it.
///
/// Who opens pages all day leaves a row for each. So there is a bound for a session, which holds with every row; and
/// one for an address, and for all, for which a server looks once a minute and when it has added a thousand rows. The
/// log says once a minute what had to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotBounds {
    /// Rows of one session. Default: 100. A page has one, and one more for each server that it has been restored at;
    /// so has each view in it.
    pub per_session: usize,
    /// Rows of the browsers at one address, where that is known. Default: 5,000.
    pub per_address: usize,
    /// Their bytes. Default: 50 MiB.
    pub bytes_per_address: u64,
    /// Rows in all. Default: 100,000.
    pub rows: usize,
    /// Their bytes. Default: 1 GiB.
    pub bytes: u64,
}

impl Default for SnapshotBounds {
    fn default() -> Self {
        Self {
            per_session: 100,
            per_address: 5_000,
            bytes_per_address: 50 * 1024 * 1024,
            rows: 100_000,
            bytes: 1024 * 1024 * 1024,
        }
    }
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
        let bounds = SnapshotBounds::default();
        Self { repo, bounds, swept: Arc::default(), told: Arc::default(), connections }
    }

    /// The same, with other bounds.
    #[must_use]
    pub fn within(self, bounds: SnapshotBounds) -> Self {
        Self { bounds, ..self }
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

    /// Removes what is beyond the [bounds](SnapshotBounds) of an address or of all, at most 100,000 rows of either,
    /// and tells how many. As [`remove_expired`](Self::remove_expired), it is done by servers that write.
    ///
    /// # Errors
    ///
    /// When the database does not answer; some may be removed.
    pub async fn remove_surplus(&self) -> Result<usize, QueryError> {
        let SnapshotBounds { per_address, bytes_per_address, rows, bytes, .. } = self.bounds;
        let address = format!("PARTITION BY substr(id, 1, {})", 2 * SnapshotKey::ADDRESS_BYTES);
        let of_addresses = self.remove_oldest(&address, per_address, bytes_per_address).await?;
        self.tell(of_addresses, "of one address");
        let of_all = self.remove_oldest("", rows, bytes).await?;
        self.tell(of_all, "in all");
        Ok(of_addresses + of_all)
    }

    /// Removes of each part those rows of views that were written longest ago, until so many and so many bytes are
    /// left.
    async fn remove_oldest(
        &self,
        parts: &str,
        max_rows: usize,
        max_bytes: u64,
    ) -> Result<usize, QueryError> {
        let mut n_removed = 0;
        for _ in 0..MAX_BATCHES {
            let text = format!(
                "DELETE FROM belvedere_snapshots WHERE id IN (SELECT id FROM (SELECT id, \
                 row_number() OVER newest AS n_rows, sum(octet_length(sealed)) OVER newest AS n_bytes \
                 FROM belvedere_snapshots WHERE length(id) = {KEY_CHARS} \
                 WINDOW newest AS ({parts} ORDER BY expires_at DESC, id)) AS views \
                 WHERE n_rows > $1 OR n_bytes > $2 LIMIT {MAX_REMOVED})"
            );
            let remove = diesel::sql_query(text)
                .bind::<BigInt, _>(i64::try_from(max_rows).unwrap_or(i64::MAX))
                .bind::<BigInt, _>(i64::try_from(max_bytes).unwrap_or(i64::MAX));
            let n_rows = self.repo.run(remove).await?;
            n_removed += n_rows;
            if n_rows < MAX_REMOVED {
                break;
            }
        }
        Ok(n_removed)
    }

    /// Writes what was kept under a key anew; whether there was anything.
    async fn replace(
        &self,
        key: SnapshotKey,
        sealed: &str,
        expires: i64,
    ) -> Result<bool, QueryError> {
        let row = belvedere_snapshots::table.filter(belvedere_snapshots::id.eq(id(key)));
        let newer =
            (belvedere_snapshots::sealed.eq(sealed), belvedere_snapshots::expires_at.eq(expires));
        Ok(self.repo.run(diesel::update(row).set(newer)).await? > 0)
    }

    /// Removes of the session that has just added this key what is beyond its bound.
    async fn remove_surplus_beside(&self, key: SnapshotKey) -> Result<(), QueryError> {
        let own = id(key);
        let session = &own[..2 * SnapshotKey::SESSION_BYTES];
        let [first, last] =
            ["0", "f"].map(|digit| session.to_owned() + &digit.repeat(KEY_CHARS - session.len()));
        let remove = diesel::sql_query(
            "DELETE FROM belvedere_snapshots WHERE id IN (SELECT id FROM (SELECT id, \
             row_number() OVER (ORDER BY expires_at DESC, id) AS n_rows \
             FROM belvedere_snapshots WHERE id BETWEEN $1 AND $2 AND id <> $3) AS views WHERE n_rows > $4)",
        );
        let max_others = self.bounds.per_session.saturating_sub(1);
        let remove = remove
            .bind::<Text, _>(first)
            .bind::<Text, _>(last)
            .bind::<Text, _>(&own)
            .bind::<BigInt, _>(i64::try_from(max_others).unwrap_or(i64::MAX));
        let n_removed = self.repo.run(remove).await?;
        self.tell(n_removed, "of one session");
        Ok(())
    }

    fn tell(&self, n_removed: usize, which: &str) {
        if n_removed == 0 {
            return;
        }
        if let Some(times) = self.told.again() {
            let bounds = self.bounds;
            tracing::warn!(
                times,
                n_removed,
                ?bounds,
                "what views want kept was removed before its time, since there was too much {which}: see \
                 `SnapshotBounds`"
            );
        }
    }

    /// Removes rows that are to go beside whoever asks, if it is time.
    fn sweep(&self, n_added: usize) {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        swept.n_added += n_added;
        let is_recent = swept.last.is_some_and(|last| last.elapsed() < SWEEP_INTERVAL);
        if is_recent && swept.n_added < MAX_UNSWEPT {
            return;
        }
        *swept = Swept { last: Some(Instant::now()), n_added: 0 };
        drop(swept);
        let this = self.clone();
        tokio::spawn(async move {
            let removed = async { this.remove_expired().await.and(this.remove_surplus().await) };
            if let Err(error) = removed.await {
                tracing::debug!(%error, "snapshots that are to go are still there");
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
        let (is_of_view, expires) = (key.is_of_view(), seconds(lasts));
        let row = (
            belvedere_snapshots::id.eq(id(key)),
            belvedere_snapshots::sealed.eq(&sealed),
            belvedere_snapshots::expires_at.eq(expires),
        );
        let newer = (
            belvedere_snapshots::sealed.eq(excluded(belvedere_snapshots::sealed)),
            belvedere_snapshots::expires_at.eq(excluded(belvedere_snapshots::expires_at)),
        );
        let insert = diesel::insert_into(belvedere_snapshots::table).values(row);
        let insert = insert.on_conflict(belvedere_snapshots::id).do_update().set(newer);
        let connection = self.connections.acquire().await?;
        let is_new = !is_of_view || !self.replace(key, &sealed, expires).await?;
        if is_new {
            self.repo.run(insert).await?;
        }
        if is_new && is_of_view {
            self.remove_surplus_beside(key).await?;
        }
        drop(connection);
        self.sweep(usize::from(is_new));
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

/// A key as text: 32 hexadecimal digits, after one more sign where it is not that of a view.
fn id(key: SnapshotKey) -> String {
    let sign = if key.is_of_view() { "" } else { "-" };
    key.as_bytes().iter().fold(sign.to_owned(), |mut text, byte| {
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

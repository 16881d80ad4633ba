//! Migrations of a PostgreSQL database, under a lock that other instances wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diesel::pg::Pg;
use diesel::result::Error as DieselError;
use diesel_async::{
    AnsiTransactionManager, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection as _,
    TransactionManager as _,
};
use futures_util::TryFutureExt as _;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::{APPLIED, Action, Folder, MigrationError, act, aside, without};
use crate::config::DatabaseConfig;
use crate::connection::ConnectError;
use crate::connection::postgres::{self, Driver, Opened, PostgresManager, Route};
use crate::database_url::{DatabaseUrl, PostgresUrl};
use crate::repo::{QueryError, is_lock_timeout};

/// What the lock is called among PostgreSQL's advisory locks; any number that is ours alone.
const ADVISORY_LOCK: i64 = 0x006c_7669_6577;

/// How long to wait for another instance's migrations.
const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the answer may take, that the lock was had or not.
const LOCK_ANSWER_TIMEOUT: Duration = Duration::from_secs(65);

/// How often in a row the server may leave a new connection unanswered while migrations run.
const MAX_UNANSWERED: u32 = 3;

pub(super) async fn pending(
    migrations: Folder,
    url: &PostgresUrl,
    config: &DatabaseConfig,
) -> Result<Vec<String>, MigrationError> {
    let opened = open(url, config).await?;
    let applied = within(config, url, applied(&opened.client)).await??;
    without::<Pg>(&migrations, &applied)
}

/// Migrations are synchronous in Diesel and its harness blocks its thread while the driver runs on
/// another, so they get a small runtime of their own; whatever runtime the caller has is free.
pub(super) async fn perform(
    migrations: Folder,
    url: &PostgresUrl,
    config: &DatabaseConfig,
    action: Action,
) -> Result<Vec<String>, MigrationError> {
    let (url, config) = (url.clone(), config.clone());
    aside(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| MigrationError::Failed(error.into()))?;
        runtime.block_on(async move {
            let Opened { client, route, driver, .. } = open(&url, &config).await?;
            let watched = match route {
                Route::Direct => Some(url),
                // A pooler whose connections are all taken would look like a silent server.
                Route::Pooler => past_pooler(&config),
            };
            let watch = Watch::start(watched, config, driver);
            let done = match route {
                Route::Direct => directly(client, migrations, action).await,
                Route::Pooler => behind_pooler(client, migrations, action).await,
            };
            done.map_err(|error| watch.cause(error))
        })
    })
    .await
}

fn past_pooler(config: &DatabaseConfig) -> Option<PostgresUrl> {
    let Some(DatabaseUrl::Postgres(direct)) = &config.direct_url else { return None };
    Some(direct.clone())
}

/// Looks whether the server answers while migrations run, which may take as long as they need: one that is stopped
/// in the middle would be waited for without end. The connection ends with this. Where there is no way past a pooler,
/// nobody looks.
struct Watch {
    task: JoinHandle<()>,
    is_silent: Arc<AtomicBool>,
}

impl Watch {
    fn start(url: Option<PostgresUrl>, config: DatabaseConfig, driver: Driver) -> Self {
        let is_silent = Arc::new(AtomicBool::new(false));
        let silent = Arc::clone(&is_silent);
        let task = tokio::spawn(async move {
            let Some(url) = url else { return std::future::pending().await };
            let mut n_unanswered = 0;
            while n_unanswered < MAX_UNANSWERED {
                if n_unanswered == 0 {
                    tokio::time::sleep(config.connect_timeout).await;
                }
                // Also a server that refuses more connections answers.
                match open(&url, &config).await {
                    Err(MigrationError::Connect(ConnectError::TimedOut { .. })) => {
                        n_unanswered += 1
                    }
                    _ => n_unanswered = 0,
                }
            }
            silent.store(true, Ordering::Relaxed);
            drop(driver);
        });
        Self { task, is_silent }
    }

    /// Why migrations have failed: for their own reason, or since the connection was given up.
    fn cause(&self, error: MigrationError) -> MigrationError {
        if !self.is_silent.load(Ordering::Relaxed) {
            return error;
        }
        let words = "it stopped answering while the migrations ran; whether the last one has run, `migrate` \
                     tells when it answers again";
        MigrationError::Database(QueryError::Silent(words.to_owned()))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Each migration in a transaction of its own, under a lock that ends with the connection.
async fn directly(
    client: Client,
    migrations: Folder,
    action: Action,
) -> Result<Vec<String>, MigrationError> {
    lock(&client).await?;
    let connection = session(client).await?;
    act(&mut AsyncMigrationHarness::new(connection), migrations, action)
}

/// All migrations in one transaction, which a pooler leaves on one session, and the lock with it.
async fn behind_pooler(
    client: Client,
    migrations: Folder,
    action: Action,
) -> Result<Vec<String>, MigrationError> {
    let mut connection = session(client).await?;
    let begin = format!(
        "BEGIN; SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({ADVISORY_LOCK}); \
         SET LOCAL lock_timeout = 0",
        LOCK_TIMEOUT.as_millis()
    );
    let begun = AnsiTransactionManager::begin_transaction_sql(&mut connection, &begin);
    locked_in_time(begun).await?;
    let mut harness = AsyncMigrationHarness::new(connection);
    let names = act(&mut harness, migrations, action)?;
    let mut connection = harness.into_inner();
    // Named statements would stay with the session, where the pooler's next client trips over them.
    connection.batch_execute("DEALLOCATE ALL").await?;
    AnsiTransactionManager::commit_transaction(&mut connection).await?;
    Ok(names)
}

async fn session(client: Client) -> Result<AsyncPgConnection, MigrationError> {
    let connection = AsyncPgConnection::try_from(client).await;
    connection.map_err(|error| MigrationError::Failed(error.into()))
}

/// A connection on which a statement may take as long as the server allows.
async fn open(url: &PostgresUrl, config: &DatabaseConfig) -> Result<Opened, MigrationError> {
    let manager = PostgresManager::new(url.clone(), config)?;
    Ok(within(config, url, manager.open(Duration::ZERO)).await??)
}

async fn within<T>(
    config: &DatabaseConfig,
    url: &PostgresUrl,
    answer: impl Future<Output = T>,
) -> Result<T, ConnectError> {
    let waited = config.connect_timeout;
    let timed_out = |_| ConnectError::TimedOut { address: postgres::address(url), waited };
    tokio::time::timeout(waited, answer).await.map_err(timed_out)
}

async fn applied(client: &Client) -> Result<Vec<String>, MigrationError> {
    let messages = match client.simple_query(APPLIED).await {
        Ok(messages) => messages,
        Err(error) => {
            let error = postgres::from_driver(&error);
            return match QueryError::of(&error) {
                QueryError::SchemaOutdated(_) => Ok(Vec::new()),
                _ => Err(error.into()),
            };
        }
    };
    let version = |message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    };
    Ok(messages.into_iter().filter_map(version).collect())
}

/// Waits for other instances; the lock ends with the connection.
async fn lock(client: &Client) -> Result<(), MigrationError> {
    let sql = format!(
        "SET lock_timeout = {}; SELECT pg_advisory_lock({ADVISORY_LOCK}); SET lock_timeout = 0",
        LOCK_TIMEOUT.as_millis()
    );
    let locked = client.batch_execute(&sql);
    locked_in_time(locked.map_err(|error| postgres::from_driver(&error))).await
}

/// A server that fell silent after it let us in does not end the wait by its own limit.
async fn locked_in_time(
    locking: impl Future<Output = Result<(), DieselError>>,
) -> Result<(), MigrationError> {
    match tokio::time::timeout(LOCK_ANSWER_TIMEOUT, locking).await {
        Ok(locked) => locked.map_err(not_locked),
        Err(_) => {
            let words = format!("no answer within {LOCK_ANSWER_TIMEOUT:?}");
            Err(MigrationError::Database(QueryError::Silent(words)))
        }
    }
}

/// Why the lock was not had: for the time that another instance takes, or something else.
fn not_locked(error: DieselError) -> MigrationError {
    if is_lock_timeout(&error) {
        MigrationError::Locked(error.into())
    } else {
        MigrationError::Database(error.into())
    }
}

//! [`PostgresBus`]: PostgreSQL's `LISTEN` and `NOTIFY` as the bus between the servers of an application.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use belvedere::pub_sub::{Bus, BusConnection, BusError};
use tokio::sync::mpsc;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use crate::config::DatabaseConfig;
use crate::connection::postgres::{Driver, PostgresManager, Route, from_driver};
use crate::database_url::{DatabaseUrl, PostgresUrl};
use crate::repo::QueryError;

/// A longer name is cut where it is listened to, and refused where it is notified.
const MAX_CHANNEL_BYTES: usize = 63;

/// What `NOTIFY` takes is shorter than 8,000 bytes.
const MAX_PAYLOAD_BYTES: usize = 7_999;

/// Most payloads that wait for this process: 8 MB at most. Beyond, they wait at the database.
const MAX_WAITING: usize = 1_024;

/// Most bytes of what comes while this session sends and cannot be handled.
const MAX_EARLY_BYTES: usize = 16 * 1024 * 1024;

/// The bus of an application whose servers share a PostgreSQL database.
///
/// Each server has one connection for it, beside those of its pool. What is published is what
/// [`NOTIFY`](https://www.postgresql.org/docs/current/sql-notify.html) takes, less than 8,000 bytes: ids,
/// by which whoever hears it reads the rest. Between this and the database there may be no pooler, since
/// a session that listens is never given to another.
///
/// ```no_run
/// use belvedere::{PubSub, SecretKeyBase};
/// use belvedere::pub_sub::PubSubOptions;
/// use belvedere_diesel::{DatabaseConfig, PostgresBus};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = DatabaseConfig::new("postgres://app:secret@db.internal/app".parse()?);
/// let secret = SecretKeyBase::random();
/// let pub_sub = match PostgresBus::of(&config) {
///     Some(bus) => PubSub::over(bus, &secret, PubSubOptions::default()),
///     // On SQLite there is one server.
///     None => PubSub::new(),
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct PostgresBus {
    /// Where the database is.
    url: PostgresUrl,
    /// How it is reached.
    config: DatabaseConfig,
    channel: String,
}

/// A session that listens.
#[derive(Debug)]
pub struct PostgresBusConnection {
    client: Client,
    notify: Statement,
    channel: String,
    heard: mpsc::Receiver<String>,
    /// What has come while this session sent, before what waits in `heard`.
    heard_early: VecDeque<String>,
    _driver: Driver,
}

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
enum PostgresBusError {
    #[error(
        "a connection pooler stands before PostgreSQL, and a session that listens needs one of its own: \
         give the bus the server's own address"
    )]
    Pooler,
    #[error(
        "the database keeps text as {0}, in which not everything can be said: the bus needs one that keeps \
         it as UTF8"
    )]
    Encoding(String),
    #[error("the name of a channel has 1 to {MAX_CHANNEL_BYTES} bytes, and this one {0}")]
    Channel(usize),
    #[error("more came while this session sent than may wait")]
    Flooded,
    #[error("the session has ended")]
    Ended,
}

impl PostgresBus {
    /// Over the database of `config`, if that is one of PostgreSQL.
    #[must_use]
    pub fn of(config: &DatabaseConfig) -> Option<Self> {
        let url = match &config.url {
            DatabaseUrl::Postgres(url) => url.clone(),
            #[cfg(feature = "sqlite")]
            DatabaseUrl::Sqlite(_) => return None,
        };
        Some(Self { url, config: config.clone(), channel: "belvedere".to_owned() })
    }

    /// On a channel of this name, 1 to 63 bytes, for several applications in one database. By default
    /// `belvedere`. With a longer one there is no bus, and the log says why.
    #[must_use]
    pub fn with_channel(self, channel: impl Into<String>) -> Self {
        Self { channel: channel.into(), ..self }
    }
}

impl Bus for PostgresBus {
    type Connection = PostgresBusConnection;

    fn max_payload_bytes(&self) -> usize {
        MAX_PAYLOAD_BYTES
    }

    async fn connect(&self) -> Result<PostgresBusConnection, BusError> {
        if !(1..=MAX_CHANNEL_BYTES).contains(&self.channel.len()) {
            return Err(PostgresBusError::Channel(self.channel.len()).into());
        }
        let (hears, heard) = mpsc::channel(MAX_WAITING);
        let manager = PostgresManager::new(self.url.clone(), &self.config)?.hearing(hears);
        let opened = Box::pin(manager.open(Duration::ZERO)).await?;
        if opened.route == Route::Pooler {
            return Err(PostgresBusError::Pooler.into());
        }
        let encoding = "SELECT current_setting('server_encoding')";
        let encoding: String =
            opened.client.query_one(encoding, &[]).await.map_err(in_words)?.get(0);
        // The second one keeps bytes as they are.
        if !["UTF8", "SQL_ASCII"].contains(&&*encoding) {
            return Err(PostgresBusError::Encoding(encoding).into());
        }
        let channel = self.channel.replace('"', "\"\"");
        opened.client.batch_execute(&format!("LISTEN \"{channel}\"")).await.map_err(in_words)?;
        let notify = "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload";
        let notify = opened.client.prepare(notify).await.map_err(in_words)?;
        let (client, channel) = (opened.client, self.channel.clone());
        let (heard_early, _driver) = (VecDeque::new(), opened.driver);
        Ok(PostgresBusConnection { client, notify, channel, heard, heard_early, _driver })
    }
}

impl BusConnection for PostgresBusConnection {
    async fn send(&mut self, payloads: Vec<String>) -> Result<(), BusError> {
        let Self { client, notify, channel, heard, heard_early, .. } = self;
        // One transaction, so one wake-up for each server, in this order.
        let parameters: [&(dyn ToSql + Sync); 2] = [channel, &payloads];
        let mut sending = pin!(client.execute(&*notify, &parameters));
        let mut n_bytes: usize = heard_early.iter().map(String::len).sum();
        loop {
            tokio::select! {
                sent = &mut sending => {
                    return sent.map(drop).map_err(|error| in_words(error).into());
                }
                // It comes back here before it counts as sent, and must not be in the way.
                Some(payload) = heard.recv() => {
                    n_bytes += payload.len();
                    if n_bytes > MAX_EARLY_BYTES {
                        return Err(PostgresBusError::Flooded.into());
                    }
                    heard_early.push_back(payload);
                }
            }
        }
    }

    async fn receive(&mut self) -> Result<String, BusError> {
        if let Some(heard) = self.heard_early.pop_front() {
            return Ok(heard);
        }
        self.heard.recv().await.ok_or_else(|| PostgresBusError::Ended.into())
    }
}

/// What PostgreSQL says, of which the driver's own words tell nothing.
fn in_words(error: tokio_postgres::Error) -> QueryError {
    from_driver(&error).into()
}

//! Connections to a PostgreSQL server.
//!
//! The task that drives a connection belongs to [`PostgresConnection`]: it ends with it, and its
//! end tells the pool that the server hung up, so a restarted server costs no failed query on
//! connections that were idle meanwhile.

use std::error::Error as _;
use std::fmt;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, LoadBalanceHosts};
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::DatabaseConfig;
use crate::connection::{ConnectError, tls};
use crate::database_url::PostgresUrl;

/// How long an idle connection stays silent before the network is asked whether the server is
/// still there; the driver's two hours outlive every proxy between here and it.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// A PostgreSQL connection together with the task that drives it.
pub struct PostgresConnection {
    connection: AsyncPgConnection,
    driver: JoinHandle<()>,
    peer: Option<SocketAddr>,
}

impl PostgresConnection {
    /// The address at the other end, where a network is in between and the URL names one host.
    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }
}

impl Deref for PostgresConnection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl DerefMut for PostgresConnection {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}

impl fmt::Debug for PostgresConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresConnection").finish_non_exhaustive()
    }
}

/// Opens connections to one server.
pub struct PostgresManager {
    url: PostgresUrl,
    tls: Option<MakeRustlsConnect>,
    statement_timeout: Duration,
    max_lifetime: Duration,
    max_idle: Duration,
}

impl PostgresManager {
    pub(crate) fn new(url: PostgresUrl, config: &DatabaseConfig) -> Result<Self, ConnectError> {
        let tls = tls::connector(url.tls())?;
        Ok(Self {
            url,
            tls,
            statement_timeout: config.statement_timeout,
            max_lifetime: config.max_lifetime,
            max_idle: config.max_idle,
        })
    }

    /// Opens one connection. A statement on it may take as long as the server allows.
    pub(crate) async fn connect(&self) -> Result<PostgresConnection, ConnectError> {
        let mut config = self.url.driver_config().clone();
        config.keepalives_idle(config.get_keepalives_idle().min(KEEPALIVE_IDLE));
        if config.get_application_name().is_none() {
            config.application_name("belvedere");
        }
        let (client, driver, peer) = self.reach(config).await?;
        let connection = AsyncPgConnection::try_from(client).await.map_err(|error| {
            ConnectError::PostgresUnreachable {
                address: address(&self.url),
                reason: error.to_string(),
            }
        })?;
        Ok(PostgresConnection { connection, driver, peer })
    }

    /// Connects to the first address that answers, as the driver does, and says which it was.
    async fn reach(&self, config: Config) -> Result<Reached, ConnectError> {
        let mut addresses = addresses(&config, self.url.port()).await.into_iter().peekable();
        loop {
            let peer = addresses.next();
            let mut config = config.clone();
            if let Some(peer) = peer.filter(|_| config.get_hostaddrs().is_empty()) {
                config.hostaddr(peer.ip());
            }
            let connected =
                match &self.tls {
                    None => config.connect(NoTls).await.map(|(client, connection)| {
                        (client, tokio::spawn(drive(connection)), peer)
                    }),
                    Some(tls) => config.connect(tls.clone()).await.map(|(client, connection)| {
                        (client, tokio::spawn(drive(connection)), peer)
                    }),
                };
            match connected {
                Err(_) if addresses.peek().is_some() => {}
                outcome => return outcome.map_err(|error| self.error(&error)),
            }
        }
    }

    fn error(&self, error: &tokio_postgres::Error) -> ConnectError {
        let address = address(&self.url);
        if let Some(refusal) = error.as_db_error() {
            return ConnectError::PostgresRefused {
                address,
                message: refusal.message().to_owned(),
                sql_state: refusal.code().code().to_owned(),
            };
        }
        let kind = error.to_string();
        let reason = error.source().map_or_else(|| kind.clone(), ToString::to_string);
        // The driver does not tell its kinds apart in any other way.
        if kind.contains("TLS") {
            ConnectError::PostgresTls { address, reason }
        } else {
            ConnectError::PostgresUnreachable { address, reason }
        }
    }
}

impl fmt::Debug for PostgresManager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresManager").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Manager for PostgresManager {
    // Boxed, because pages hold connections in their futures.
    type Type = Box<PostgresConnection>;
    type Error = ConnectError;

    async fn create(&self) -> Result<Self::Type, Self::Error> {
        // Boxed, because every query's future holds this one, and it is large and rarely runs.
        let mut connection = Box::new(Box::pin(self.connect()).await?);
        let limit = format!("SET statement_timeout = {}", self.statement_timeout.as_millis());
        connection.batch_execute(&limit).await.map_err(|error| {
            ConnectError::PostgresUnreachable {
                address: address(&self.url),
                reason: error.to_string(),
            }
        })?;
        Ok(connection)
    }

    // No round trip: a connection that died while idle has ended its driver.
    async fn recycle(
        &self,
        connection: &mut Self::Type,
        metrics: &Metrics,
    ) -> RecycleResult<Self::Error> {
        if connection.driver.is_finished() {
            return Err(RecycleError::message("the server closed the connection"));
        }
        if metrics.age() > self.max_lifetime || metrics.last_used() > self.max_idle {
            return Err(RecycleError::message("the connection is too old"));
        }
        Ok(())
    }
}

/// A client, the task that drives its connection, and the address that it leads to.
type Reached = (Client, JoinHandle<()>, Option<SocketAddr>);

/// Where the only host of `config` may be reached. Empty where the choice is the driver's: among
/// several hosts, at random, for a Unix socket, or when there is no such name, which it says best.
async fn addresses(config: &Config, port: u16) -> Vec<SocketAddr> {
    let is_random = config.get_load_balance_hosts() == LoadBalanceHosts::Random;
    match (config.get_hosts(), config.get_hostaddrs()) {
        ([_], [address]) => vec![SocketAddr::new(*address, port)],
        ([Host::Tcp(name)], []) if !is_random => {
            tokio::net::lookup_host((&**name, port)).await.map(Vec::from_iter).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Host and port as an operator writes them.
pub(crate) fn address(url: &PostgresUrl) -> String {
    let host = url.host();
    if host.contains(':') {
        format!("[{host}]:{}", url.port())
    } else {
        format!("{host}:{}", url.port())
    }
}

/// Moves bytes until the client is dropped or the server hangs up.
async fn drive<S, T>(connection: tokio_postgres::Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if let Err(error) = connection.await {
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        tracing::warn!(reason, "a PostgreSQL connection ended; the pool opens another");
    }
}

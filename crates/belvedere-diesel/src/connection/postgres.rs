//! Connections to a PostgreSQL server.
//!
//! The task that drives a connection belongs to [`PostgresConnection`]: it ends with it, and its
//! end tells the pool that the server hung up, so a restarted server costs no failed query on
//! connections that were idle meanwhile.
//!
//! What goes over a connection is this crate's own, not diesel-async's: behind a pooler statements
//! must have no names, and Diesel's errors lose PostgreSQL's codes.

mod driver;
mod failure;
mod request;
mod row;
mod session;

pub(crate) use driver::Driver;
pub(crate) use failure::from_driver;
pub(crate) use session::{PostgresConnection, Route};

use std::error::Error as _;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use tokio::sync::mpsc;
use tokio_postgres::config::{Host, LoadBalanceHosts};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::DatabaseConfig;
use crate::connection::{ConnectError, tls};
use crate::database_url::PostgresUrl;
use session::Limits;

/// How long an idle connection stays silent before the network is asked whether the server is
/// still there; the driver's two hours outlive every proxy between here and it.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// How long a network may go without a sign that it carries what was sent, or asked. The driver's
/// own limit is the system's, a quarter of an hour.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(20);

/// How often, and with what pause, the network is asked before it is given up.
const KEEPALIVE_RETRIES: u32 = 2;

/// A setting that no server has. A session that remembers it was set up by us and is ours alone.
const DIRECT_MARK: &str = "belvedere.direct";

/// Opens connections to one server.
pub struct PostgresManager {
    url: PostgresUrl,
    tls: Option<MakeRustlsConnect>,
    statement_timeout: Duration,
    answer_timeout: Duration,
    max_lifetime: Duration,
    max_idle: Duration,
    /// Whether a pooler has been met on the way to the server.
    meets_pooler: AtomicBool,
    /// Whether the log has been told what that means for statements.
    has_told_of_pooler: AtomicBool,
    /// Takes what the server notifies a session of.
    hears: Option<mpsc::Sender<String>>,
}

/// A connection before anything uses it.
pub(crate) struct Opened {
    pub(crate) client: Client,
    pub(crate) driver: Driver,
    pub(crate) route: Route,
    /// The address at the other end, where a network is in between and the URL names one host.
    pub(crate) peer: Option<SocketAddr>,
}

impl PostgresManager {
    pub(crate) fn new(url: PostgresUrl, config: &DatabaseConfig) -> Result<Self, ConnectError> {
        let tls = tls::connector(url.tls())?;
        Ok(Self {
            url,
            tls,
            statement_timeout: config.statement_timeout,
            answer_timeout: config.answer_timeout,
            max_lifetime: config.max_lifetime,
            max_idle: config.max_idle,
            meets_pooler: AtomicBool::new(false),
            has_told_of_pooler: AtomicBool::new(false),
            hears: None,
        })
    }

    /// Hands on what the server notifies a session of. One whose notifications nobody takes ends.
    #[cfg(feature = "bus")]
    pub(crate) fn hearing(self, hears: mpsc::Sender<String>) -> Self {
        Self { hears: Some(hears), ..self }
    }

    /// Opens one connection, on which the server works on a statement for so long; zero is no
    /// limit.
    ///
    /// What a session is to keep is told while connecting. A pooler either refuses that, each in
    /// words of its own, or keeps it to itself, and so gives itself away.
    pub(crate) async fn open(&self, statement_timeout: Duration) -> Result<Opened, ConnectError> {
        if !self.meets_pooler() {
            match self.dial(Some(statement_timeout)).await {
                Ok((client, driver, peer)) if self.is_marked(&client).await? => {
                    return Ok(Opened { client, driver, route: Route::Direct, peer });
                }
                Ok(_) => {}
                Err(error) if !may_be_of_pooler(&error) => return Err(error),
                Err(_) => {}
            }
        }
        // What is refused without settings too was not refused for them.
        let (client, driver, peer) = self.dial(None).await?;
        self.meets_pooler.store(true, Ordering::Relaxed);
        // A pooler lets a client in before it has a session for it.
        client.simple_query("SELECT 1").await.map_err(|error| self.error(&error))?;
        Ok(Opened { client, driver, route: Route::Pooler, peer })
    }

    /// Whether a pooler stands before the server, as far as that was seen.
    pub(crate) fn meets_pooler(&self) -> bool {
        self.meets_pooler.load(Ordering::Relaxed)
    }

    /// Whether whoever is at the other end, server or pooler, lets a client in or says why not.
    pub(crate) async fn is_heard(&self) -> bool {
        !matches!(self.dial(None).await, Err(ConnectError::PostgresUnreachable { .. }))
    }

    async fn dial(&self, statement_timeout: Option<Duration>) -> Result<Reached, ConnectError> {
        let mut config = self.url.driver_config().clone();
        config.keepalives_idle(config.get_keepalives_idle().min(KEEPALIVE_IDLE));
        if config.get_keepalives_interval().is_none() && config.get_keepalives_retries().is_none() {
            config.keepalives_interval(NETWORK_TIMEOUT / (KEEPALIVE_RETRIES + 1));
            config.keepalives_retries(KEEPALIVE_RETRIES);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(NETWORK_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("belvedere");
        }
        if let Some(limit) = statement_timeout {
            let options = config.get_options().unwrap_or_default();
            config.options(format!(
                "-c lock_timeout={} {options} -c TimeZone=UTC -c statement_timeout={} -c {DIRECT_MARK}=on",
                lock_timeout(limit).as_millis(),
                limit.as_millis()
            ));
        }
        self.reach(config).await
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
            let hears = self.hears.clone();
            let connected =
                match &self.tls {
                    None => config.connect(NoTls).await.map(|(client, connection)| {
                        (client, Driver::start(connection, hears), peer)
                    }),
                    Some(tls) => config.connect(tls.clone()).await.map(|(client, connection)| {
                        (client, Driver::start(connection, hears), peer)
                    }),
                };
            match connected {
                Err(_) if addresses.peek().is_some() => {}
                outcome => return outcome.map_err(|error| self.error(&error)),
            }
        }
    }

    /// Whether the session is the one that was asked for.
    async fn is_marked(&self, client: &Client) -> Result<bool, ConnectError> {
        let sql = format!("SELECT current_setting('{DIRECT_MARK}', true)");
        let messages = client.simple_query(&sql).await.map_err(|error| self.error(&error))?;
        Ok(messages.iter().any(
            |message| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some("on")),
        ))
    }

    fn error(&self, error: &tokio_postgres::Error) -> ConnectError {
        let address = address(&self.url);
        if let Some(refusal) = error.as_db_error() {
            let has_options = self.url.driver_config().get_options().is_some();
            if has_options && refusal.message().contains("options") {
                return ConnectError::PostgresOptions {
                    address,
                    message: refusal.message().to_owned(),
                };
            }
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
        let opened = Box::pin(self.open(self.statement_timeout)).await?;
        if opened.route == Route::Pooler && !self.has_told_of_pooler.swap(true, Ordering::Relaxed) {
            tracing::info!(
                address = address(&self.url),
                "a connection pooler stands before PostgreSQL: statements go out without names, and \
                 only transactions have the server's time limit"
            );
        }
        let limits = Limits {
            statement_timeout: self.statement_timeout,
            answer_timeout: self.answer_timeout,
        };
        Ok(Box::new(PostgresConnection::new(opened, limits, self.tls.clone())))
    }

    // No round trip: a connection that died while idle has ended its driver.
    async fn recycle(
        &self,
        connection: &mut Self::Type,
        metrics: &Metrics,
    ) -> RecycleResult<Self::Error> {
        if connection.is_lost() {
            return Err(RecycleError::message("the server closed the connection"));
        }
        if metrics.age() > self.max_lifetime || metrics.last_used() > self.max_idle {
            return Err(RecycleError::message("the connection is too old"));
        }
        Ok(())
    }
}

/// How long of a statement's time it waits for a lock: less than all of it, so that who waits for others is told so.
fn lock_timeout(statement_timeout: Duration) -> Duration {
    statement_timeout / 10 * 9
}

/// Whether a pooler may have refused what a server would have taken: not the login, not for want
/// of room, and not because it starts or stops.
fn may_be_of_pooler(error: &ConnectError) -> bool {
    match error {
        ConnectError::PostgresOptions { .. } => true,
        ConnectError::PostgresRefused { sql_state, .. } => {
            !["28", "3D", "53", "57"].iter().any(|class| sql_state.starts_with(class))
        }
        _ => false,
    }
}

/// A client, the task that drives its connection, and the address that it leads to.
type Reached = (Client, Driver, Option<SocketAddr>);

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

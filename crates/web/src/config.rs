//! The settings, read from the environment here and nowhere else, into types that cannot be wrong.

mod connections;
mod error;
mod inspector;
mod listen;
mod public_url;
mod secret;
mod snapshots;
mod stop;

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use belvedere::SecretKeyBase;
use belvedere::http::ClientAddress;
use belvedere::http::server::ServerLimits;
use belvedere_diesel::{Database, DatabaseConfig, DatabaseUrl};
use belvedere_nats::NatsBus;

use crate::writes::Writes;

pub use connections::ConnectionsError;
pub use error::ConfigError;
pub use inspector::{Explained, InspectorAccess, InspectorError};
pub use listen::{Host, Listen, ListenError};
pub use public_url::{PublicUrl, PublicUrlError};
pub use secret::SecretError;
pub use snapshots::{SnapshotPlace, SnapshotPlaceError};
pub use stop::{StopTime, StopTimeError};

/// Listed by `--help`. Every setting is an environment variable.
pub const SETTINGS_HELP: &str = "\
Settings (environment variables):
  HOST                  Address to listen on: an IP address, or `localhost` for
                        both loopback addresses. `::` in a container.
                        [default: localhost]
  PORT                  Port to listen on; 0 takes a free one. [default: 4000]
  DATABASE_URL          A file path or sqlite://<path>, or postgres://<host>/<name>.
                        A SQLite file that does not exist is created and filled.
                        [default: sqlite://data/belvedere.sqlite3]
  DIRECT_DATABASE_URL   The same database past its connection pooler, for
                        `web migrate`: through one, all migrations are one
                        transaction; for what servers tell each other, where that
                        goes over PostgreSQL; and to tell a busy pooler from a
                        silent database. [default: DATABASE_URL]
  DATABASE_CONNECTIONS  Most connections of the pages to the database.
                        [default: 10]
  NATS_URL              A NATS over which servers tell each other what their visitors
                        do, such as nats://user:password@host:4222; more than one are
                        parted by commas. [default: none, and PostgreSQL if that is
                        the database]
  SNAPSHOT_STORE        Where the state of open pages waits for the next server when
                        this one goes away: browser, or database for a table in
                        DATABASE_URL. [default: browser]
  SECRET_KEY_BASE       At least 64 bytes that sign cookies and tokens; make one
                        with `web secret`. A debug build keeps its own beside the
                        database file; a release build does not start without.
  SECRET_KEY_BASE_ACCEPTED
                        Secrets whose cookies and tokens are believed as well, with
                        spaces between: the earlier one after a change, so that
                        nobody is signed out. [default: none]
  PUBLIC_URL            Scheme and host under which browsers reach the server, when
                        a proxy changes them. [default: the request's own host]
  MAX_CONNECTIONS       Most connections at a time, a WebSocket for each open page
                        included; less where fewer files may be open. [default: 10000]
  STOP_SECONDS          How long a server that is told to stop may take to move its
                        sockets, answer requests and send its spans; less than the
                        platform waits. [default: 10]
  READ_ONLY             Whether the pages refuse to change the database: true or
                        false. [default: false]
  CLIENT_ADDRESS_HEADER The header in which a proxy in front of the server names its
                        client: Fly-Client-IP, or X-Forwarded-For:2 behind two
                        proxies, each of which adds to it. What one client may
                        take, and wrong passwords, are counted by it.
                        [default: none, clients connect themselves]
  INSPECTOR_PASSWORD    At least 8 characters that open /inspector, where traces and
                        live views can be watched. A debug build that listens on
                        loopback opens it without. [default: no inspector]
  OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_*
                        Where traces and metrics go and how, as OpenTelemetry defines them.
                        Without an endpoint nothing is exported.
  OTLP_ENDPOINT         A base URL to which /v1/traces is added; the OTEL_* ones win.
  N_PLUS_ONE_THRESHOLD  How often a page or an event may run the same SELECT until
                        its span is flagged and a line logged. [default: 3]
  TRUST_INCOMING_TRACE  Whether a request's `traceparent` becomes the parent of its
                        trace: true or false. [default: false]
  RUST_LOG              What is logged, such as `info` or `web=debug`. [default: info]
  LOG_FORMAT            How: text or json. [default: text]
  NO_COLOR              Set to anything, log lines are not coloured.";

/// The database used when none is named.
const DEFAULT_DATABASE: &str = "sqlite://data/belvedere.sqlite3";

/// Where a debug build keeps its secret when the database is no file of ours.
const DEFAULT_FOLDER: &str = "data";

/// The environment at start-up, from which each subcommand takes the settings it needs.
///
/// A variable that is set to nothing counts as not set, as container tools like to pass them on.
pub struct Environment {
    variables: HashMap<String, String>,
    /// A setting that is no text.
    unreadable: Option<String>,
}

impl std::fmt::Debug for Environment {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

impl Environment {
    /// The process's own environment.
    #[must_use]
    pub fn of_process() -> Self {
        Self::from_bytes(std::env::vars_os())
    }

    /// An environment as the system gives it. Variables that are not UTF-8 are left out; of settings among
    /// them [`check`](Self::check) tells.
    fn from_bytes(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let (mut pairs, mut unreadable) = (Vec::new(), None);
        for (name, value) in variables {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => pairs.push((name, value)),
                Err(_) if is_setting(&name) => unreadable = Some(name),
                Err(_) => {}
            }
        }
        Self { unreadable, ..Self::from_pairs(pairs) }
    }

    /// An environment of the given variables, for tests.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables = pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        Self { variables, unreadable: None }
    }

    /// Whether each setting is a text. Of one that is not, its default would be taken without a word.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoText`] for one that is none.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.unreadable.clone().map_or(Ok(()), |name| Err(ConfigError::NoText(name)))
    }

    /// The value of one variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim())
    }

    /// Where to listen: `HOST` and `PORT`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Listen`] when either is not what it should be.
    pub fn listen(&self) -> Result<Listen, ConfigError> {
        Ok(Listen::parse(self.get("HOST"), self.get("PORT"))?)
    }

    /// Which database: `DATABASE_URL`, or the embedded default.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Database`] when it names no supported database.
    pub fn database(&self) -> Result<DatabaseUrl, ConfigError> {
        parse_database("DATABASE_URL", self.get("DATABASE_URL").unwrap_or(DEFAULT_DATABASE))
    }

    /// Which database to migrate, and over which servers tell each other of changes:
    /// `DIRECT_DATABASE_URL`, or else that of [`database`](Self::database).
    ///
    /// # Errors
    ///
    /// [`ConfigError::Database`] when it names no supported database, [`ConfigError::OtherDatabase`] when that is
    /// of another kind.
    pub fn direct_database(&self) -> Result<DatabaseUrl, ConfigError> {
        let database = self.database()?;
        let Some(url) = self.get("DIRECT_DATABASE_URL") else { return Ok(database) };
        let direct = parse_database("DIRECT_DATABASE_URL", url)?;
        let [of_direct, of_pages] = [&direct, &database].map(kind_of);
        match of_direct == of_pages {
            true => Ok(direct),
            false => Err(ConfigError::OtherDatabase { direct: of_direct, database: of_pages }),
        }
    }

    /// How the pages use the database: that of [`database`](Self::database), with at most
    /// `DATABASE_CONNECTIONS`.
    ///
    /// # Errors
    ///
    /// Those of [`direct_database`](Self::direct_database) and [`ConfigError::Connections`].
    pub fn database_config(&self) -> Result<DatabaseConfig, ConfigError> {
        let defaults = domain::database(self.database()?);
        let max_connections = connections::to_database(self.get("DATABASE_CONNECTIONS"))?;
        Ok(DatabaseConfig {
            max_connections: max_connections.unwrap_or(defaults.max_connections),
            direct_url: Some(self.direct_database()?).filter(|direct| *direct != defaults.url),
            ..defaults
        })
    }

    /// Over which NATS servers tell each other of changes: `NATS_URL`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Nats`] when it is no address of one.
    pub fn nats(&self) -> Result<Option<NatsBus>, ConfigError> {
        Ok(self.get("NATS_URL").map(NatsBus::new).transpose()?)
    }

    /// Where the state of open pages waits for the next server: `SNAPSHOT_STORE`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Snapshots`] when it is no such place.
    pub fn snapshot_place(&self) -> Result<SnapshotPlace, ConfigError> {
        Ok(SnapshotPlace::parse(self.get("SNAPSHOT_STORE"))?)
    }

    /// The secret that signs cookies and tokens: `SECRET_KEY_BASE`; and those that are believed beside
    /// it: `SECRET_KEY_BASE_ACCEPTED`.
    ///
    /// In a debug build a missing one is made once and kept beside the database file, so that open
    /// pages survive a rebuild.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Secret`] when it is missing in a release build, too short, or when the kept
    /// one cannot be read or written.
    pub fn secret(&self, database: &DatabaseUrl) -> Result<SecretKeyBase, ConfigError> {
        let secret = match self.get("SECRET_KEY_BASE") {
            Some(text) => secret::parse(text)?,
            None if cfg!(debug_assertions) => secret::kept_in(&folder_of(database))?,
            None => return Err(SecretError::Missing.into()),
        };
        let accepted = self.get("SECRET_KEY_BASE_ACCEPTED").unwrap_or_default();
        Ok(secret::with_accepted(secret, accepted)?)
    }

    /// What browsers call this server: `PUBLIC_URL`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::PublicUrl`] when it is not scheme and host.
    pub fn public_url(&self) -> Result<Option<PublicUrl>, ConfigError> {
        Ok(self.get("PUBLIC_URL").map(PublicUrl::parse).transpose()?)
    }

    /// What strangers may occupy: `MAX_CONNECTIONS`. Health checks are answered even when it is
    /// reached.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Connections`] when it is no number of connections, and what
    /// [`client_address`](Self::client_address) returns.
    pub fn server_limits(&self) -> Result<ServerLimits, ConfigError> {
        let limits = connections::limits(self.get("MAX_CONNECTIONS"))?;
        Ok(ServerLimits { client_address: self.client_address()?, ..limits })
    }

    /// How long the end may take: `STOP_SECONDS`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Stop`] when it is no number of seconds, or too few.
    pub fn stop_time(&self) -> Result<StopTime, ConfigError> {
        Ok(StopTime::parse(self.get("STOP_SECONDS"))?)
    }

    /// Whether visitors may change the database: `READ_ONLY`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Switch`] when it is neither true nor false.
    pub fn writes(&self) -> Result<Writes, ConfigError> {
        Ok(if self.switch("READ_ONLY")? { Writes::Refused } else { Writes::Allowed })
    }

    /// Whether log lines, and what the program says beside them, are JSON: `LOG_FORMAT`.
    #[must_use]
    pub fn speaks_json(&self) -> bool {
        self.get("LOG_FORMAT") == Some("json")
    }

    /// Where the address of a client stands: `CLIENT_ADDRESS_HEADER`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::ClientAddress`] when the header names no client.
    pub fn client_address(&self) -> Result<ClientAddress, ConfigError> {
        let header = self.get("CLIENT_ADDRESS_HEADER");
        Ok(header.map(str::parse).transpose()?.unwrap_or_default())
    }

    /// Who may open the inspector of a server that listens so: `INSPECTOR_PASSWORD`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Inspector`] when the password is too short, and what
    /// [`client_address`](Self::client_address) returns.
    pub fn inspector(&self, listen: &Listen) -> Result<InspectorAccess, ConfigError> {
        let password = self.get("INSPECTOR_PASSWORD");
        Ok(InspectorAccess::parse(password, self.client_address()?, listen)?)
    }

    /// Whether to continue traces begun by callers: `TRUST_INCOMING_TRACE`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Switch`] when it is neither true nor false.
    pub fn trust_incoming_trace(&self) -> Result<bool, ConfigError> {
        self.switch("TRUST_INCOMING_TRACE")
    }

    /// Where traces go and what is logged: `OTEL_*`, `OTLP_ENDPOINT`, `RUST_LOG`, `LOG_FORMAT`,
    /// `NO_COLOR`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Telemetry`] when one of them cannot be understood.
    pub fn telemetry(
        &self,
        service_name: &str,
    ) -> Result<belvedere_telemetry::Settings, ConfigError> {
        let lookup = |name: &str| self.get(name).map(ToOwned::to_owned);
        Ok(belvedere_telemetry::Settings::from_vars(service_name, lookup)?)
    }

    fn switch(&self, name: &'static str) -> Result<bool, ConfigError> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "no" | "off") => Ok(false),
            Some("true" | "1" | "yes" | "on") => Ok(true),
            Some(value) => Err(ConfigError::Switch { name, value: value.to_owned() }),
        }
    }
}

fn parse_database(name: &'static str, url: &str) -> Result<DatabaseUrl, ConfigError> {
    url.parse().map_err(|source| ConfigError::Database { name, source })
}

/// Whether [`SETTINGS_HELP`] names a variable, by a star if need be.
fn is_setting(name: &str) -> bool {
    SETTINGS_HELP.split([' ', ',', '\n']).any(|word| match word.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == word,
    })
}

fn kind_of(database: &DatabaseUrl) -> Database {
    match database {
        DatabaseUrl::Sqlite(_) => Database::Sqlite,
        DatabaseUrl::Postgres(_) => Database::Postgres,
    }
}

fn folder_of(database: &DatabaseUrl) -> PathBuf {
    let folder = match database {
        DatabaseUrl::Sqlite(path) => path.as_path().parent(),
        DatabaseUrl::Postgres(_) => Some(Path::new(DEFAULT_FOLDER)),
    };
    folder.unwrap_or(Path::new("")).to_owned()
}

#[cfg(test)]
mod tests;

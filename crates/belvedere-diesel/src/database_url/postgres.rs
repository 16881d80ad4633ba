//! The PostgreSQL half of a database URL: host, database, user and how to encrypt.
//!
//! `sslmode` and `sslrootcert` are read here, because the driver knows three modes only and
//! refuses the one that verifies; every other parameter goes to the driver as it stands.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;
use tokio_postgres::config::{Host, SslMode};

const DEFAULT_PORT: u16 = 5432;

/// Everything needed to reach a PostgreSQL database.
///
/// Invariant: names at least one host; the driver's own notion of `sslmode` agrees with
/// [`tls`](Self::tls).
#[derive(Debug, Clone, PartialEq)]
pub struct PostgresUrl {
    config: Box<tokio_postgres::Config>,
    tls: TlsMode,
}

/// Whether and how the connection is encrypted, PostgreSQL's `sslmode`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TlsMode {
    /// Never encrypt.
    Disable,
    /// Encrypt when the server offers it, without verifying its certificate: the default, as in
    /// PostgreSQL's own clients, so that a URL that works with `psql` works here. On a network
    /// that is not trusted choose [`VerifyFull`](Self::VerifyFull).
    #[default]
    Prefer,
    /// Encrypt or fail, without verifying the server's certificate.
    Require,
    /// Encrypt or fail, and verify the server's certificate and its host name.
    VerifyFull(RootCertificates),
}

/// Which certificate authorities are trusted by [`TlsMode::VerifyFull`], PostgreSQL's
/// `sslrootcert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootCertificates {
    /// The operating system's.
    System,
    /// Those in a PEM file.
    File(PathBuf),
}

impl PostgresUrl {
    pub(super) fn parse(text: &str) -> Result<Self, PostgresUrlError> {
        let (base, parameters) = split_parameters(text)?;
        let mut mode = None;
        let mut roots = None;
        let mut kept = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(parse_roots(value)),
                _ => kept.push(parameter),
            }
        }
        let tls = parse_tls(mode, roots)?;
        let separator = if kept.is_empty() { "" } else { "?" };
        let mut config: tokio_postgres::Config = format!("{base}{separator}{}", kept.join("&"))
            .parse()
            .map_err(PostgresUrlError::new)?;
        if config.get_hosts().is_empty() {
            return Err(PostgresUrlError::NoHost);
        }
        config.ssl_mode(match tls {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyFull(_) => SslMode::Require,
        });
        Ok(Self { config: Box::new(config), tls })
    }

    /// How the connection is encrypted.
    #[must_use]
    pub fn tls(&self) -> &TlsMode {
        &self.tls
    }

    /// The first host: a name, an address, or the directory of a Unix socket.
    #[must_use]
    pub fn host(&self) -> String {
        match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            #[cfg(unix)]
            Some(Host::Unix(directory)) => directory.display().to_string(),
            None => String::new(),
        }
    }

    /// The first host's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.config.get_ports().first().copied().unwrap_or(DEFAULT_PORT)
    }

    /// The name of the database, by default that of the user.
    #[must_use]
    pub fn database(&self) -> &str {
        self.config.get_dbname().or_else(|| self.config.get_user()).unwrap_or("postgres")
    }

    pub(crate) fn driver_config(&self) -> &tokio_postgres::Config {
        &self.config
    }
}

/// Writes the URL without the password and without parameters.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(formatter, "{user}@")?;
        }
        write!(formatter, "{}:{}/{}", self.host(), self.port(), self.database())
    }
}

/// Why a PostgreSQL URL cannot be used. No variant repeats a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PostgresUrlError {
    /// The driver does not understand the URL.
    #[error("the PostgreSQL URL cannot be read: {0}")]
    Syntax(String),
    /// The password or user name holds a bare `@`, so that the host would be guessed wrong.
    #[error(
        "the PostgreSQL URL holds more than one @; write an @ within user name or password as %40"
    )]
    AmbiguousUser,
    /// There is nobody to connect to.
    #[error("the PostgreSQL URL names no host; write postgres://<user>@<host>/<database>")]
    NoHost,
    /// This `sslmode` does not exist, or is not supported.
    #[error(
        "sslmode={0} is not supported; supported are disable, prefer (the default), require and \
         verify-full"
    )]
    SslMode(String),
    /// A trusted authority was named, but nothing would be verified.
    #[error("sslrootcert has no effect without sslmode=verify-full; set both, or neither")]
    RootsUnused,
}

impl PostgresUrlError {
    /// Keeps the driver's words only; they name options and never their values.
    fn new(error: tokio_postgres::Error) -> Self {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Self::Syntax(cause.unwrap_or_else(|| error.to_string()))
    }
}

/// Splits the URL at the `?` that starts its parameters; a password may hold another one.
fn split_parameters(text: &str) -> Result<(&str, &str), PostgresUrlError> {
    let authority_start = text.find("://").map_or(0, |index| index + "://".len());
    let user_end = text.find('@').unwrap_or(authority_start);
    let (base, parameters) = match text[user_end..].find('?') {
        Some(index) => (&text[..user_end + index], &text[user_end + index + 1..]),
        None => (text, ""),
    };
    if base.matches('@').count() > 1 {
        return Err(PostgresUrlError::AmbiguousUser);
    }
    Ok((base, parameters))
}

fn parse_tls(
    mode: Option<&str>,
    roots: Option<RootCertificates>,
) -> Result<TlsMode, PostgresUrlError> {
    let tls = match mode {
        None => TlsMode::default(),
        Some("disable") => TlsMode::Disable,
        Some("prefer") => TlsMode::Prefer,
        Some("require") => TlsMode::Require,
        Some("verify-full") => {
            return Ok(TlsMode::VerifyFull(roots.unwrap_or(RootCertificates::System)));
        }
        Some(other) => return Err(PostgresUrlError::SslMode(other.to_owned())),
    };
    if roots.is_some() { Err(PostgresUrlError::RootsUnused) } else { Ok(tls) }
}

/// PostgreSQL 16 and later write `system` for the operating system's own.
fn parse_roots(value: &str) -> RootCertificates {
    match value {
        "system" => RootCertificates::System,
        path => RootCertificates::File(PathBuf::from(percent_decode(path))),
    }
}

/// Decodes `%2F` and its like; what is no valid escape stays as it stands.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let escape = (bytes[index] == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escape.unwrap_or(bytes[index]));
        index += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

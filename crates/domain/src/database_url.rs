//! Which database to use, parsed from one text such as `DATABASE_URL`.
//!
//! A [`DatabaseUrl`] is either the path of a SQLite file or everything needed to reach a
//! PostgreSQL server. Reading the environment, and connecting, happen elsewhere.

mod postgres;

pub use postgres::{PostgresUrl, PostgresUrlError, RootCertificates, TlsMode};

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

/// A database this crate can use.
///
/// ```
/// use domain::DatabaseUrl;
///
/// let embedded: DatabaseUrl = "sqlite://data/app.sqlite3".parse()?;
/// let plain: DatabaseUrl = "data/app.sqlite3".parse()?;
/// let server: DatabaseUrl = "postgres://app:secret@db.internal/app".parse()?;
///
/// assert_eq!(embedded, plain);
/// assert_eq!(server.to_string(), "postgres://app@db.internal:5432/app");
/// # Ok::<(), domain::DatabaseUrlError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum DatabaseUrl {
    /// An embedded database in one file.
    Sqlite(SqlitePath),
    /// A PostgreSQL server.
    Postgres(PostgresUrl),
}

impl DatabaseUrl {
    /// The SQLite file at a path, relative to the working directory unless absolute.
    ///
    /// # Errors
    ///
    /// As for parsing: an empty path, `:memory:`, or one that is not UTF-8.
    pub fn sqlite(path: impl AsRef<Path>) -> Result<Self, DatabaseUrlError> {
        let path = path.as_ref();
        let text = path.to_str().ok_or_else(|| DatabaseUrlError::PathNotUtf8(path.to_owned()))?;
        Ok(Self::Sqlite(SqlitePath::parse(text)?))
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once(':') else {
            return Ok(Self::Sqlite(SqlitePath::parse(text)?));
        };
        match scheme {
            "sqlite" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                Ok(Self::Sqlite(SqlitePath::parse(path)?))
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(PostgresUrl::parse(text)?)),
            "" => Err(DatabaseUrlError::InMemory),
            _ => Err(DatabaseUrlError::Scheme(scheme.to_owned())),
        }
    }
}

/// Writes the URL without the password and without any parameter.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite://{}", path.as_str()),
            Self::Postgres(url) => fmt::Display::fmt(url, formatter),
        }
    }
}

/// The path of a SQLite file: UTF-8, not empty, and a file rather than memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlitePath(String);

impl SqlitePath {
    fn parse(text: &str) -> Result<Self, DatabaseUrlError> {
        if text.is_empty() {
            return Err(DatabaseUrlError::Empty);
        }
        if text == ":memory:" {
            return Err(DatabaseUrlError::InMemory);
        }
        if text.contains(['?', '\0']) {
            return Err(DatabaseUrlError::SqliteParameters);
        }
        // SQLite reads `file:…` as a URI of its own; a leading `./` keeps every path a path.
        let needs_prefix = text.starts_with("file:") || text.starts_with(':');
        Ok(Self(if needs_prefix { format!("./{text}") } else { text.to_owned() }))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }

    /// The last component of the path, which names the database in traces.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.as_path().file_name().and_then(|name| name.to_str()).unwrap_or(&self.0)
    }
}

/// Why a text names no database this crate can use. No variant repeats a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatabaseUrlError {
    /// Nothing was given.
    #[error("the database URL is empty; give a file path, sqlite://<path> or postgres://<host>")]
    Empty,
    /// The scheme belongs to a database that is not supported.
    #[error(
        "the database URL's scheme {0:?} is not supported; supported are sqlite://<path>, \
         postgres://<host> and a plain file path"
    )]
    Scheme(String),
    /// Every pooled connection would have a database of its own.
    #[error(
        "SQLite databases in memory are not supported, since each connection would see its own; \
         give the path of a file"
    )]
    InMemory,
    /// A SQLite URL carries parameters.
    #[error("a SQLite URL is sqlite://<path> and takes no parameters; remove what follows the ?")]
    SqliteParameters,
    /// The path cannot be handed to SQLite.
    #[error("the SQLite path {0:?} is not UTF-8")]
    PathNotUtf8(PathBuf),
    /// The PostgreSQL part is wrong.
    #[error(transparent)]
    Postgres(#[from] PostgresUrlError),
}

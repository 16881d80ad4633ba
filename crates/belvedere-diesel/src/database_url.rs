//! Which database to use, parsed from one text such as `DATABASE_URL`.
//!
//! A [`DatabaseUrl`] is either the path of a SQLite file or everything needed to reach a
//! PostgreSQL server. Reading the environment, and connecting, happen elsewhere.

#[cfg(feature = "postgres")]
mod postgres;

#[cfg(feature = "postgres")]
pub use postgres::{PostgresUrl, PostgresUrlError, RootCertificates, TlsMode};

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

/// A database this crate can use.
///
/// ```
/// use belvedere_diesel::DatabaseUrl;
///
/// let embedded: DatabaseUrl = "sqlite://data/app.sqlite3".parse()?;
/// let plain: DatabaseUrl = "data/app.sqlite3".parse()?;
/// let server: DatabaseUrl = "postgres://app:secret@db.internal/app".parse()?;
///
/// assert_eq!(embedded, plain);
/// assert_eq!(server.to_string(), "postgres://app@db.internal:5432/app");
/// # Ok::<(), belvedere_diesel::DatabaseUrlError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum DatabaseUrl {
    /// An embedded database in one file.
    #[cfg(feature = "sqlite")]
    Sqlite(SqlitePath),
    /// A PostgreSQL server.
    #[cfg(feature = "postgres")]
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
        Self::of_sqlite(text)
    }

    #[cfg(feature = "sqlite")]
    fn of_sqlite(path: &str) -> Result<Self, DatabaseUrlError> {
        Ok(Self::Sqlite(SqlitePath::parse(path)?))
    }

    #[cfg(not(feature = "sqlite"))]
    fn of_sqlite(_: &str) -> Result<Self, DatabaseUrlError> {
        Err(DatabaseUrlError::BuiltWithout { database: "SQLite", feature: "sqlite" })
    }

    #[cfg(feature = "postgres")]
    fn of_postgres(url: &str) -> Result<Self, DatabaseUrlError> {
        Ok(Self::Postgres(PostgresUrl::parse(url)?))
    }

    #[cfg(not(feature = "postgres"))]
    fn of_postgres(_: &str) -> Result<Self, DatabaseUrlError> {
        Err(DatabaseUrlError::BuiltWithout { database: "PostgreSQL", feature: "postgres" })
    }
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once(':') else {
            return Self::of_sqlite(text);
        };
        match scheme {
            "sqlite" => Self::of_sqlite(rest.strip_prefix("//").unwrap_or(rest)),
            "postgres" | "postgresql" => Self::of_postgres(text),
            "" => Err(DatabaseUrlError::InMemory),
            _ => Err(DatabaseUrlError::Scheme(scheme.to_owned())),
        }
    }
}

/// Writes the URL without the password and without any parameter.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref path) => write!(formatter, "sqlite://{}", path.as_str()),
            #[cfg(feature = "postgres")]
            Self::Postgres(ref url) => fmt::Display::fmt(url, formatter),
        }
    }
}

/// The path of a SQLite file: UTF-8, not empty, and a file rather than memory.
#[cfg(feature = "sqlite")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlitePath(String);

#[cfg(feature = "sqlite")]
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
    /// The program was built for another database.
    #[error(
        "the database URL names {database}, which this program was built without: give it the \
         feature `{feature}` of belvedere-diesel, or the URL of another database"
    )]
    BuiltWithout {
        /// The database.
        database: &'static str,
        /// The feature that it needs.
        feature: &'static str,
    },
    /// The PostgreSQL part is wrong.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Postgres(#[from] PostgresUrlError),
}

//! Why a query failed, in words for the person who runs the application.

mod violation;

use std::borrow::Cow;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use thiserror::Error;

use crate::connection::ConnectError;
use crate::repo::Database;

pub use violation::Violation;

/// Why a query failed. No message holds a value of the query.
#[derive(Debug, Clone, Error)]
pub enum QueryError {
    /// There was no connection to run it on.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is no such row.
    #[error("no such row")]
    NotFound,
    /// A row with this key exists already.
    #[error("a row with this key exists already: {0}")]
    UniqueViolation(Violation),
    /// The row refers to one that does not exist.
    #[error("the row refers to one that does not exist: {0}")]
    ForeignKeyViolation(Violation),
    /// A rule of the table is broken; the name of the constraint is among the words.
    #[error("a rule of the table is broken: {0}")]
    CheckViolation(Violation),
    /// A column that must have a value got none.
    #[error("a column that must have a value has none: {0}")]
    NotNullViolation(Violation),
    /// Another writer kept the SQLite file locked for the whole busy time-out, or what the statement needs of
    /// PostgreSQL for as long as one may wait for a lock.
    #[error("what the statement needs stayed locked by another writer; try again")]
    Locked,
    /// No space is left for the database.
    #[error("the disk of the database is full; make room")]
    DiskFull,
    /// The disk of the database cannot be read or written, for want of room or health.
    #[error("the disk of the database fails: {0}; check that it has room and is in order")]
    Disk(String),
    /// The database may be read but not written.
    #[error(
        "the database is read-only; make the file and its directory writable, or connect to the \
         primary"
    )]
    ReadOnly,
    /// The tables are older than the program.
    #[error("the database lacks a table or column, run the migrations: {0}")]
    SchemaOutdated(String),
    /// Two transactions got in each other's way; the same one may succeed when repeated.
    #[error("the transaction collided with another one; try again")]
    Serialization,
    /// A statement of the transaction has failed, and PostgreSQL saves nothing of one in which that happened. Its body
    /// went on all the same.
    #[error(
        "a statement of the transaction has failed, so nothing of it is saved: return the error of that statement, or \
         write one that cannot fail (ON CONFLICT DO NOTHING)"
    )]
    TransactionAborted,
    /// The connection broke while the query ran.
    #[error("the connection to the database was lost: {0}")]
    ConnectionLost(String),
    /// The database is connected and silent. The connection was closed.
    #[error(
        "the database is connected and silent: {0}; check that the server runs and that the \
         network carries what is sent to it"
    )]
    Silent(String),
    /// A connection pooler gave a statement a session that does not know it.
    #[error(
        "a connection pooler changed the session under a statement: {0}; let it refuse unknown \
         start-up parameters (PgBouncer's ignore_startup_parameters without `options`), by which \
         it is recognised, or let it pool sessions"
    )]
    Pooler(String),
    /// A statement for one database was given to a pool of the other.
    #[error(
        "a statement for {wanted} was given to a pool of {actual}: ask `Repo::database` first, or \
         write the statement so that both can run it"
    )]
    WrongDatabase {
        /// The database that the statement is for.
        wanted: Database,
        /// The database of the pool.
        actual: Database,
    },
    /// PostgreSQL cancelled a statement that took too long.
    #[error("the database cancelled the statement: {0}")]
    StatementCancelled(String),
    /// What the database returned does not fit the type it is read into.
    #[error("a row does not fit its type: {0}")]
    Decode(String),
    /// The database refused the statement for another reason.
    #[error("the database refused the statement: {0}")]
    Refused(String),
}

impl QueryError {
    /// The constraint that a row broke, so that a form can say which field is wrong.
    ///
    /// PostgreSQL knows the name of each. SQLite knows those of checks and of unique indexes on an
    /// expression, such as `lower(email)`; of other unique keys and of missing values it names the
    /// columns instead, such as `users.email`, and of foreign keys nothing.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::UniqueViolation(violation)
            | Self::ForeignKeyViolation(violation)
            | Self::CheckViolation(violation)
            | Self::NotNullViolation(violation) => violation.constraint.as_deref(),
            _ => None,
        }
    }
}

impl From<Error> for QueryError {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

impl QueryError {
    /// Of an error of which SQLite's words are all that is left.
    pub(crate) fn of_words(message: String) -> Self {
        from_sqlite(message)
    }

    pub(crate) fn of(error: &Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(kind, information) => from_database(kind, information.as_ref()),
            Error::DeserializationError(cause) => Self::Decode(cause.to_string()),
            _ => Self::Refused(error.to_string()),
        }
    }
}

fn from_database(
    kind: &DatabaseErrorKind,
    information: &dyn DatabaseErrorInformation,
) -> QueryError {
    let violation = || Violation::new(information);
    let message = || information.message().to_owned();
    match kind {
        DatabaseErrorKind::UniqueViolation => QueryError::UniqueViolation(violation()),
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            QueryError::ForeignKeyViolation(violation())
        }
        DatabaseErrorKind::CheckViolation | DatabaseErrorKind::ExclusionViolation => {
            QueryError::CheckViolation(violation())
        }
        DatabaseErrorKind::NotNullViolation => QueryError::NotNullViolation(violation()),
        DatabaseErrorKind::SerializationFailure => QueryError::Serialization,
        DatabaseErrorKind::ReadOnlyTransaction => QueryError::ReadOnly,
        // Made by this crate alone, when an answer took too long.
        DatabaseErrorKind::ClosedConnection => QueryError::Silent(message()),
        DatabaseErrorKind::UnableToSendCommand => QueryError::ConnectionLost(message()),
        _ => match sql_state(information) {
            Some(code) => from_sql_state(code, message()),
            None => from_sqlite(message()),
        },
    }
}

/// What stands before PostgreSQL's SQLSTATE in the details of an error, for which Diesel has no
/// place.
pub(crate) const SQL_STATE: &str = "SQLSTATE ";

/// What PostgreSQL says when a lock was waited for in vain.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// PostgreSQL's five letters for an error.
fn sql_state(information: &dyn DatabaseErrorInformation) -> Option<&str> {
    information.details()?.strip_prefix(SQL_STATE)
}

/// Whether a lock was waited for in vain.
#[cfg(feature = "postgres")]
pub(crate) fn is_lock_timeout(error: &Error) -> bool {
    let Error::DatabaseError(_, information) = error else { return false };
    match sql_state(information.as_ref()) {
        Some(code) => code == LOCK_NOT_AVAILABLE,
        // diesel-async, which runs migrations, drops the code.
        None => information.message().contains("lock timeout"),
    }
}

/// Tells apart by PostgreSQL's code what Diesel does not.
fn from_sql_state(code: &str, message: String) -> QueryError {
    match code {
        // undefined_table, undefined_column, undefined_object, undefined_function
        "42P01" | "42703" | "42704" | "42883" => QueryError::SchemaOutdated(message),
        // disk_full
        "53100" => QueryError::DiskFull,
        // io_error
        "58030" => QueryError::Disk(message),
        // query_canceled, by the statement's time limit or an administrator
        "57014" => QueryError::StatementCancelled(message),
        // lock_not_available
        LOCK_NOT_AVAILABLE => QueryError::Locked,
        // deadlock_detected
        "40P01" => QueryError::Serialization,
        // in_failed_sql_transaction
        "25P02" => QueryError::TransactionAborted,
        // invalid_sql_statement_name, duplicate_prepared_statement
        "26000" | "42P05" => QueryError::Pooler(message),
        // admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout; class 08
        "57P01" | "57P02" | "57P03" | "57P05" => QueryError::ConnectionLost(message),
        _ if code.starts_with("08") => QueryError::ConnectionLost(message),
        _ => QueryError::Refused(message),
    }
}

/// Tells apart by SQLite's words what Diesel does not: it drops the result code.
fn from_sqlite(message: String) -> QueryError {
    let has = |words: &str| message.contains(words);
    if has("database is locked") || has("database table is locked") {
        QueryError::Locked
    } else if has("disk is full") {
        QueryError::DiskFull
    } else if has("disk I/O error") {
        QueryError::Disk(message)
    } else if has("readonly database") {
        QueryError::ReadOnly
    } else if has("no such table") || has("no such column") {
        QueryError::SchemaOutdated(message)
    } else {
        QueryError::Refused(message)
    }
}

/// The value of `error.type`: SQLSTATE where there is one, also for the same failure of SQLite,
/// else a word.
pub(crate) fn error_type(error: &Error) -> Cow<'static, str> {
    let Error::DatabaseError(kind, information) = error else {
        return Cow::Borrowed(match error {
            Error::NotFound => "not_found",
            Error::DeserializationError(_) => "decode",
            _ => "_OTHER",
        });
    };
    if let Some(code) = sql_state(information.as_ref()) {
        return Cow::Owned(code.to_owned());
    }
    Cow::Borrowed(match from_database(kind, information.as_ref()) {
        QueryError::UniqueViolation(_) => "23505",
        QueryError::ForeignKeyViolation(_) => "23503",
        QueryError::NotNullViolation(_) => "23502",
        QueryError::CheckViolation(_) => "23514",
        QueryError::Locked => "locked",
        QueryError::DiskFull => "53100",
        QueryError::Disk(_) => "58030",
        QueryError::ReadOnly => "25006",
        QueryError::SchemaOutdated(_) => "schema_outdated",
        QueryError::ConnectionLost(_) => "connection_lost",
        QueryError::Silent(_) => "timeout",
        _ => "_OTHER",
    })
}

/// The value of `db.response.status_code`: PostgreSQL's SQLSTATE, or SQLite's result code, the
/// extended one where its words tell it.
pub(crate) fn status_code(error: &Error) -> Option<Cow<'static, str>> {
    let Error::DatabaseError(kind, information) = error else { return None };
    if let Some(code) = sql_state(information.as_ref()) {
        return Some(Cow::Owned(code.to_owned()));
    }
    let code = match kind {
        DatabaseErrorKind::CheckViolation => "275",
        DatabaseErrorKind::ForeignKeyViolation => "787",
        DatabaseErrorKind::NotNullViolation => "1299",
        // A primary key (1555) and another unique key (2067) fail in the same words.
        DatabaseErrorKind::UniqueViolation => "19",
        DatabaseErrorKind::Unknown => SQLITE_CODES
            .iter()
            .find(|(words, _)| information.message().contains(words))
            .map_or("1", |(_, code)| code),
        _ => return None,
    };
    Some(Cow::Borrowed(code))
}

/// SQLite's words for the result codes that are not about one statement; its codes have one text
/// each. Other words are those of the general error, 1.
const SQLITE_CODES: [(&str, &str); 16] = [
    ("access permission denied", "3"),
    ("query aborted", "4"),
    ("database is locked", "5"),
    ("database table is locked", "6"),
    ("out of memory", "7"),
    ("readonly database", "8"),
    ("interrupted", "9"),
    ("disk I/O error", "10"),
    ("disk image is malformed", "11"),
    ("disk is full", "13"),
    ("unable to open database file", "14"),
    ("database schema has changed", "17"),
    ("too big", "18"),
    ("constraint failed", "19"),
    ("datatype mismatch", "20"),
    ("file is not a database", "26"),
];

/// The database's own words, which name constraints and columns but no values.
pub(crate) fn describe(error: &Error) -> Cow<'static, str> {
    match error {
        Error::DatabaseError(_, information) => Cow::Owned(information.message().to_owned()),
        Error::DeserializationError(_) => Cow::Borrowed("a row does not fit its type"),
        _ => Cow::Owned(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: DatabaseErrorKind, message: &str) -> (QueryError, Cow<'static, str>, String) {
        let error = Error::DatabaseError(kind, Box::new(message.to_owned()));
        let (kind, code) = (error_type(&error), status_code(&error).unwrap_or_default());
        (QueryError::from(error), kind, code.into_owned())
    }

    /// What cannot be brought about on a healthy machine, in SQLite's words.
    #[test]
    fn words_of_sqlite_are_told_apart() {
        let check = |message, kind: &str, code: &str| {
            let (error, found, status) = told(DatabaseErrorKind::Unknown, message);
            assert_eq!((found.as_ref(), status.as_str()), (kind, code), "{message}");
            error
        };
        let full = check("database or disk is full", "53100", "13");
        assert!(matches!(full, QueryError::DiskFull));
        assert!(matches!(check("disk I/O error", "58030", "10"), QueryError::Disk(_)));
        let read_only = check("attempt to write a readonly database", "25006", "8");
        assert!(matches!(read_only, QueryError::ReadOnly));
        assert!(matches!(check("database is locked", "locked", "5"), QueryError::Locked));
        assert!(matches!(check("near \"SELEC\"", "_OTHER", "1"), QueryError::Refused(_)));
    }

    /// What a healthy server does not say, by PostgreSQL's codes.
    #[test]
    fn codes_of_postgres_are_told_apart() {
        let told = |code| from_sql_state(code, String::new());
        assert!(matches!(told("53100"), QueryError::DiskFull));
        assert!(matches!(told("57014"), QueryError::StatementCancelled(_)));
        assert!(matches!(told("40P01"), QueryError::Serialization));
        assert!(matches!(told("55P03"), QueryError::Locked));
        assert!(matches!(told("25P02"), QueryError::TransactionAborted));
        assert!(matches!(told("57P01"), QueryError::ConnectionLost(_)));
        assert!(matches!(told("08006"), QueryError::ConnectionLost(_)));
        assert!(matches!(told("42P01"), QueryError::SchemaOutdated(_)));
        // "prepared statement … does not exist" is no matter of migrations.
        assert!(matches!(told("26000"), QueryError::Pooler(_)));
        assert!(matches!(told("3D000"), QueryError::Refused(_)));
    }

    #[test]
    fn a_lost_connection_is_told_apart() {
        let (lost, kind, code) = told(DatabaseErrorKind::UnableToSendCommand, "connection closed");
        assert!(matches!(lost, QueryError::ConnectionLost(_)));
        assert_eq!((kind.as_ref(), code.as_str()), ("connection_lost", ""));
    }

    #[test]
    fn sqlite_names_what_it_knows_of_a_constraint() {
        let named = |kind, message| told(kind, message).0.constraint().map(ToOwned::to_owned);
        let unique = named(DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: a.b");
        assert_eq!(unique.as_deref(), Some("a.b"));
        let message = "UNIQUE constraint failed: index 'a_b_key'";
        let of_expression = named(DatabaseErrorKind::UniqueViolation, message);
        assert_eq!(of_expression.as_deref(), Some("a_b_key"));
        let key = named(DatabaseErrorKind::ForeignKeyViolation, "FOREIGN KEY constraint failed");
        assert_eq!(key, None);
    }
}

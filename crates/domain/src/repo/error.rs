//! Why a query failed, in words for the person who runs the application.

use std::borrow::Cow;

use diesel::result::{DatabaseErrorKind, Error};
use thiserror::Error;

use crate::connection::ConnectError;

/// Why a query failed. No message holds a value of the query.
#[derive(Debug, Error)]
pub enum QueryError {
    /// There was no connection to run it on.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is no such row.
    #[error("no such row")]
    NotFound,
    /// A row with this key exists already.
    #[error("a row with this key exists already: {0}")]
    UniqueViolation(String),
    /// The row refers to one that does not exist.
    #[error("the row refers to one that does not exist: {0}")]
    ForeignKeyViolation(String),
    /// A rule of the table is broken; the name of the constraint is among the words.
    #[error("a rule of the table is broken: {0}")]
    CheckViolation(String),
    /// A column that must have a value got none.
    #[error("a column that must have a value has none: {0}")]
    NotNullViolation(String),
    /// Another writer kept the SQLite file locked for the whole busy time-out.
    #[error("the SQLite database stayed locked by another writer; try again")]
    Locked,
    /// No space is left for the database.
    #[error("the disk of the database is full; make room")]
    DiskFull,
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
    /// The connection broke while the query ran.
    #[error("the connection to the database was lost: {0}")]
    ConnectionLost(String),
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

impl From<Error> for QueryError {
    fn from(error: Error) -> Self {
        match &error {
            Error::NotFound => Self::NotFound,
            Error::DatabaseError(kind, information) => {
                from_database(kind, information.message().to_owned())
            }
            Error::DeserializationError(cause) => Self::Decode(cause.to_string()),
            _ => Self::Refused(error.to_string()),
        }
    }
}

fn from_database(kind: &DatabaseErrorKind, message: String) -> QueryError {
    match kind {
        DatabaseErrorKind::UniqueViolation => QueryError::UniqueViolation(message),
        DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::RestrictViolation => {
            QueryError::ForeignKeyViolation(message)
        }
        DatabaseErrorKind::CheckViolation | DatabaseErrorKind::ExclusionViolation => {
            QueryError::CheckViolation(message)
        }
        DatabaseErrorKind::NotNullViolation => QueryError::NotNullViolation(message),
        DatabaseErrorKind::SerializationFailure => QueryError::Serialization,
        DatabaseErrorKind::ReadOnlyTransaction => QueryError::ReadOnly,
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            QueryError::ConnectionLost(message)
        }
        _ => from_message(message),
    }
}

/// Tells apart what Diesel does not: neither SQLite's result code nor PostgreSQL's SQLSTATE
/// survives in its error, only the text.
fn from_message(message: String) -> QueryError {
    let has = |words: &str| message.contains(words);
    if has("database is locked") || has("database table is locked") {
        QueryError::Locked
    } else if has("disk is full") || has("No space left on device") {
        QueryError::DiskFull
    } else if has("readonly database") {
        QueryError::ReadOnly
    } else if has("no such table") || has("no such column") || has("does not exist") {
        QueryError::SchemaOutdated(message)
    } else if has("canceling statement") {
        QueryError::StatementCancelled(message)
    } else if has("deadlock detected") {
        QueryError::Serialization
    } else if has("terminating connection") {
        QueryError::ConnectionLost(message)
    } else {
        QueryError::Refused(message)
    }
}

/// The value of `error.type`: SQLSTATE where Diesel lets it be known, else a word.
pub(crate) fn error_type(error: &Error) -> &'static str {
    let Error::DatabaseError(kind, information) = error else {
        return match error {
            Error::NotFound => "not_found",
            Error::DeserializationError(_) => "decode",
            _ => "_OTHER",
        };
    };
    match kind {
        DatabaseErrorKind::UniqueViolation => "23505",
        DatabaseErrorKind::ForeignKeyViolation => "23503",
        DatabaseErrorKind::NotNullViolation => "23502",
        DatabaseErrorKind::CheckViolation => "23514",
        DatabaseErrorKind::RestrictViolation => "23001",
        DatabaseErrorKind::ExclusionViolation => "23P01",
        DatabaseErrorKind::SerializationFailure => "40001",
        DatabaseErrorKind::ReadOnlyTransaction => "25006",
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            "connection_lost"
        }
        _ => match from_message(information.message().to_owned()) {
            QueryError::Locked => "locked",
            QueryError::DiskFull => "53100",
            QueryError::ReadOnly => "25006",
            QueryError::SchemaOutdated(_) => "schema_outdated",
            QueryError::StatementCancelled(_) => "57014",
            QueryError::Serialization => "40P01",
            QueryError::ConnectionLost(_) => "connection_lost",
            _ => "_OTHER",
        },
    }
}

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

    fn told(kind: DatabaseErrorKind, message: &str) -> (QueryError, &'static str) {
        let error = Error::DatabaseError(kind, Box::new(message.to_owned()));
        let kind = error_type(&error);
        (QueryError::from(error), kind)
    }

    /// What cannot be brought about on a healthy machine, in the words of SQLite and PostgreSQL.
    #[test]
    fn messages_are_told_apart() {
        let unknown = |message| told(DatabaseErrorKind::Unknown, message);
        assert!(matches!(unknown("database or disk is full"), (QueryError::DiskFull, "53100")));
        let full = "could not extend file \"base/1/2\": No space left on device";
        assert!(matches!(unknown(full), (QueryError::DiskFull, "53100")));
        let read_only = "attempt to write a readonly database";
        assert!(matches!(unknown(read_only), (QueryError::ReadOnly, "25006")));
        assert!(matches!(unknown("database is locked"), (QueryError::Locked, "locked")));
        let cancelled = "canceling statement due to statement timeout";
        assert!(matches!(unknown(cancelled), (QueryError::StatementCancelled(_), "57014")));
        assert!(matches!(unknown("deadlock detected"), (QueryError::Serialization, "40P01")));
        let shutdown = "terminating connection due to administrator command";
        assert!(matches!(unknown(shutdown), (QueryError::ConnectionLost(_), "connection_lost")));
        assert!(matches!(unknown("something else"), (QueryError::Refused(_), "_OTHER")));
    }

    #[test]
    fn a_lost_connection_is_told_apart() {
        let lost = told(DatabaseErrorKind::UnableToSendCommand, "connection closed");
        assert!(matches!(lost, (QueryError::ConnectionLost(_), "connection_lost")));
    }
}

//! The driver's errors as Diesel's, without losing the code on the way.
//!
//! Diesel's error has no place for PostgreSQL's SQLSTATE, so it travels as the error's details.
//! What PostgreSQL itself calls details is left out: it repeats the values of the row.

use std::error::Error as _;

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use tokio_postgres::error::{DbError, SqlState};

use crate::repo::SQL_STATE;

/// An error as the server told it, without the values it was about.
struct Refusal {
    error: DbError,
    details: String,
}

impl DatabaseErrorInformation for Refusal {
    fn message(&self) -> &str {
        self.error.message()
    }

    fn details(&self) -> Option<&str> {
        Some(&self.details)
    }

    fn hint(&self) -> Option<&str> {
        self.error.hint()
    }

    fn table_name(&self) -> Option<&str> {
        self.error.table()
    }

    fn column_name(&self) -> Option<&str> {
        self.error.column()
    }

    fn constraint_name(&self) -> Option<&str> {
        self.error.constraint()
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}

/// What the server would say of something that it was asked for and does not have.
struct Undefined {
    message: String,
    details: String,
}

impl DatabaseErrorInformation for Undefined {
    fn message(&self) -> &str {
        &self.message
    }

    fn details(&self) -> Option<&str> {
        Some(&self.details)
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        None
    }

    fn column_name(&self) -> Option<&str> {
        None
    }

    fn constraint_name(&self) -> Option<&str> {
        None
    }

    fn statement_position(&self) -> Option<i32> {
        None
    }
}

/// The error for what was looked up and is not there, with the code that the server gives to it.
pub(super) fn undefined_object(message: String) -> Error {
    let details = format!("{SQL_STATE}{}", SqlState::UNDEFINED_OBJECT.code());
    Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(Undefined { message, details }))
}

/// An error of the driver in Diesel's terms.
pub(crate) fn from_driver(error: &tokio_postgres::Error) -> Error {
    let Some(refusal) = error.as_db_error() else {
        let words = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        return Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, Box::new(words));
    };
    let code = refusal.code();
    let information =
        Refusal { error: refusal.clone(), details: format!("{SQL_STATE}{}", code.code()) };
    Error::DatabaseError(kind(code), Box::new(information))
}

fn kind(code: &SqlState) -> DatabaseErrorKind {
    match *code {
        SqlState::UNIQUE_VIOLATION => DatabaseErrorKind::UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION => DatabaseErrorKind::ForeignKeyViolation,
        SqlState::RESTRICT_VIOLATION => DatabaseErrorKind::RestrictViolation,
        SqlState::EXCLUSION_VIOLATION => DatabaseErrorKind::ExclusionViolation,
        SqlState::NOT_NULL_VIOLATION => DatabaseErrorKind::NotNullViolation,
        SqlState::CHECK_VIOLATION => DatabaseErrorKind::CheckViolation,
        SqlState::T_R_SERIALIZATION_FAILURE => DatabaseErrorKind::SerializationFailure,
        SqlState::READ_ONLY_SQL_TRANSACTION => DatabaseErrorKind::ReadOnlyTransaction,
        _ => DatabaseErrorKind::Unknown,
    }
}

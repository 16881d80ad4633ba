//! The rule of a table that a row broke.

use std::fmt;

use diesel::result::DatabaseErrorInformation;

/// Which rule of a table a row broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    message: String,
    pub(super) constraint: Option<String>,
}

impl Violation {
    pub(super) fn new(information: &dyn DatabaseErrorInformation) -> Self {
        let message = information.message().to_owned();
        let by_message = || match message.split_once(" constraint failed: ") {
            Some(("UNIQUE" | "CHECK" | "NOT NULL", named)) => Some(without_index(named)),
            _ => None,
        };
        let constraint = information.constraint_name().or_else(by_message).map(ToOwned::to_owned);
        Self { constraint, message }
    }
}

/// The name in `index 'users_name_key'`, as SQLite tells a unique index of an expression.
fn without_index(named: &str) -> &str {
    named.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')).unwrap_or(named)
}

impl fmt::Display for Violation {
    /// The database's own words.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

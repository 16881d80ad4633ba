//! Errors by which the database is busy, and may not be in a moment, or has no room.

use std::error::Error;

use crate::connection::ConnectError;
use crate::repo::QueryError;

impl QueryError {
    /// Whether the same query may succeed in a moment: others write, or have all connections.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Locked | Self::Serialization => true,
            Self::Connect(error) => error.is_exhausted(),
            _ => false,
        }
    }
}

/// Whether an error is one of this crate by which the database [is busy](QueryError::is_busy). Given to
/// `belvedere::LiveConfig::is_busy`, it has pages say so and visitors come again.
///
/// An error of the application's own is looked into by its [`source`](Error::source). One that is
/// `#[error(transparent)]` leaves out the error that it stands for, and says only what has caused that.
///
/// ```
/// use belvedere_diesel::QueryError;
///
/// assert!(belvedere_diesel::is_busy(&QueryError::Locked));
/// assert!(!belvedere_diesel::is_busy(&QueryError::NotFound));
/// ```
#[must_use]
pub fn is_busy(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref().is_some_and(QueryError::is_busy)
        || error.downcast_ref().is_some_and(ConnectError::is_exhausted)
}

/// Whether an error is one of this crate by which the disk of the database is full, as [`is_busy`]; for
/// `belvedere::LiveConfig::is_full`.
///
/// ```
/// use belvedere_diesel::QueryError;
///
/// assert!(belvedere_diesel::is_full(&QueryError::DiskFull));
/// assert!(!belvedere_diesel::is_full(&QueryError::Locked));
/// ```
#[must_use]
pub fn is_full(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(QueryError::DiskFull))
}

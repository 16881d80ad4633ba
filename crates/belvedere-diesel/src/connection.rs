//! One connection to one database: how it is opened, recycled and refused.
//!
//! The pool ([`crate::Repo`]) asks the managers here for connections; the queries sent through
//! them are observed one layer up, in [`crate::trace`].

mod error;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(feature = "postgres")]
mod tls;

pub use error::ConnectError;

//! One connection to one database: how it is opened, recycled and refused.
//!
//! The pool ([`crate::Repo`]) asks the managers here for connections; the queries sent through
//! them are observed one layer up, in [`crate::trace`].

mod error;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod tls;

pub use error::ConnectError;

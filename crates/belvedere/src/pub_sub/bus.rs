//! [`Bus`]: the engine that carries messages between the servers of one application.

use std::error::Error;
use std::future::Future;

/// Why a bus cannot be reached, in its own words.
pub type BusError = Box<dyn Error + Send + Sync>;

/// An engine that carries text between servers, such as PostgreSQL's `NOTIFY`: what one of them sends,
/// all that are connected receive.
///
/// [`PubSub::over`](crate::PubSub::over) does the rest: it connects again after a loss, later each time and
/// never all servers at once, notices what was lost, and has its listeners read anew.
pub trait Bus: Send + Sync + 'static {
    /// What [`connect`](Self::connect) opens.
    type Connection: BusConnection;

    /// Most bytes of a payload. It is asked for each message, since some engines say it with a connection.
    fn max_payload_bytes(&self) -> usize;

    /// Opens a connection, which receives whatever is sent from then on.
    ///
    /// # Errors
    ///
    /// When the engine is not there. It is tried again.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, BusError>> + Send;
}

/// A connection to a [`Bus`]. After an error it is dropped.
pub trait BusConnection: Send + 'static {
    /// Sends payloads to all that are connected, in this order. This connection receives them too, after
    /// what others have sent before: by its own words a server knows that the bus carries, and takes no
    /// other for dead while it does not.
    ///
    /// # Errors
    ///
    /// When some of them may not have been sent.
    fn send(&mut self, payloads: Vec<String>) -> impl Future<Output = Result<(), BusError>> + Send;

    /// The next payload that somebody has sent.
    ///
    /// # Errors
    ///
    /// When the connection is lost, or the engine says that it has dropped some.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future must lose no payload: it is dropped whenever there is something to send.
    fn receive(&mut self) -> impl Future<Output = Result<String, BusError>> + Send;
}

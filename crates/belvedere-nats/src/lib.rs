#![doc = include_str!("docs/guide.md")]

mod bus;
mod connection;
mod url;

#[cfg(feature = "testing")]
pub mod testing;

pub use bus::NatsBus;
pub use connection::NatsBusConnection;
pub use url::NatsUrlError;

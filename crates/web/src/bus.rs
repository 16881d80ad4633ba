//! What carries changes from page to page, and from server to server where there are several.

use belvedere::pub_sub::PubSubOptions;
use belvedere::{PubSub, SecretKeyBase};
use belvedere_diesel::{DatabaseConfig, PostgresBus};
use belvedere_nats::NatsBus;

/// Over NATS where there is one, else over PostgreSQL where that is the database: to all servers with this
/// secret. Without either there is one server. A bus that is not there stops nothing: the log says so once,
/// and when it comes.
///
/// # Panics
///
/// Outside of a tokio runtime.
#[must_use]
pub fn pub_sub(nats: Option<NatsBus>, database: &DatabaseConfig, secret: &SecretKeyBase) -> PubSub {
    let options = PubSubOptions::default();
    match (nats, PostgresBus::of(database)) {
        (Some(nats), _) => PubSub::over(nats, secret, options),
        (None, Some(postgres)) => PubSub::over(postgres, secret, options),
        (None, None) => PubSub::with(options),
    }
}

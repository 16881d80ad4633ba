//! The instrument of a server's connections.

use std::sync::OnceLock;

use super::bridge::{Counter, KeyValue, meter};
use super::{attribute, metric};

/// Counts connections that a server did not serve; one per server.
#[derive(Debug, Default)]
pub(crate) struct ServerMetrics(OnceLock<Counter<u64>>);

/// Why a connection was not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TurnedAway {
    /// It waited for a request while others needed its place.
    GaveWay,
    /// It was answered that there is no room.
    NoRoom,
    /// Its address has as many at work as it may.
    Address,
    /// The system did not hand it over.
    NotAccepted,
}

impl TurnedAway {
    fn reason(self) -> &'static str {
        match self {
            Self::GaveWay => "gave_way",
            Self::NoRoom => "no_room",
            Self::Address => "address",
            Self::NotAccepted => "not_accepted",
        }
    }
}

impl ServerMetrics {
    /// A connection was turned away.
    pub(crate) fn turned_away(&self, why: TurnedAway) {
        let counter = self.0.get_or_init(|| {
            meter()
                .u64_counter(metric::CONNECTIONS_TURNED_AWAY)
                .with_description("Connections that were not served.")
                .with_unit("{connection}")
                .build()
        });
        counter.add(1, &[KeyValue::new(attribute::REASON, why.reason())]);
    }
}

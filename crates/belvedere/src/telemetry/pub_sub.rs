//! The instruments of pub/sub.

use std::fmt;
use std::sync::OnceLock;

use super::bridge::{Counter, KeyValue, meter};
use super::{attribute, metric};

/// Counts messages on topics; one per [`PubSub`](crate::pub_sub::PubSub), made on first use.
#[derive(Default)]
pub(crate) struct PubSubMetrics(OnceLock<Instruments>);

struct Instruments {
    published: Counter<u64>,
    delivered: Counter<u64>,
    missed: Counter<u64>,
    unsent: Counter<u64>,
    refused: Counter<u64>,
}

impl PubSubMetrics {
    /// A message was published here.
    pub(crate) fn published(&self, topic: &'static str) {
        self.all().published.add(1, &series(topic));
    }

    /// A message went to so many listeners, and made some miss so many.
    pub(crate) fn delivered(&self, topic: &'static str, n_waiting: usize, n_missed: usize) {
        if n_waiting > 0 {
            self.all().delivered.add(n_waiting as u64, &series(topic));
        }
        if n_missed > 0 {
            self.all().missed.add(n_missed as u64, &series(topic));
        }
    }

    /// So many were dropped on their way to other servers.
    pub(crate) fn unsent(&self, n_dropped: usize) {
        if n_dropped > 0 {
            self.all().unsent.add(n_dropped as u64, &[]);
        }
    }

    /// One came over the bus that is of nobody here.
    pub(crate) fn refused(&self) {
        self.all().refused.add(1, &[]);
    }

    fn all(&self) -> &Instruments {
        self.0.get_or_init(|| {
            let meter = meter();
            let counter = |name, what| {
                meter.u64_counter(name).with_unit("{message}").with_description(what).build()
            };
            Instruments {
                published: counter(metric::PUB_SUB_PUBLISHED, "Messages published here."),
                delivered: counter(metric::PUB_SUB_DELIVERED, "Messages handed to a listener."),
                missed: counter(metric::PUB_SUB_MISSED, "Messages dropped for one listener."),
                unsent: counter(metric::PUB_SUB_UNSENT, "Messages that the bus did not take."),
                refused: counter(metric::PUB_SUB_REFUSED, "What came and was not signed."),
            }
        })
    }
}

impl fmt::Debug for PubSubMetrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PubSubMetrics").finish_non_exhaustive()
    }
}

fn series(topic: &'static str) -> [KeyValue; 1] {
    [KeyValue::new(attribute::PUB_SUB_TOPIC, topic)]
}

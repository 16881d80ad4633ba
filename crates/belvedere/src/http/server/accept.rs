//! Taking connections from a listener, also when the system refuses them.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::connections::{Connections, Slot};
use crate::telemetry::TurnedAway;

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// The longest pause: files that others close are found within it.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How long no failure must come until connections are known to be accepted again. While files are used up each
/// one that is freed is taken at once, and the next connection fails.
const CALM: Duration = Duration::from_secs(10);

/// Where connections come from.
pub(super) trait Accept {
    /// The next connection and its client's address.
    fn accept(&mut self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send;
}

impl Accept for TcpListener {
    fn accept(&mut self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> + Send {
        Self::accept(self)
    }
}

/// A listener that does not give up.
pub(super) struct Acceptor<L> {
    listener: L,
    connections: Arc<Connections>,
    /// Since the last connection.
    n_in_a_row: u32,
    /// What the log was told of and is not over.
    outage: Option<Outage>,
}

/// Connections could not be accepted, time and again.
struct Outage {
    n_failures: u64,
    last: Instant,
}

impl<L: Accept> Acceptor<L> {
    pub(super) fn new(listener: L, connections: Arc<Connections>) -> Self {
        Self { listener, connections, n_in_a_row: 0, outage: None }
    }

    /// The next connection, with its place among the open ones.
    pub(super) async fn next(&mut self) -> (TcpStream, SocketAddr, Arc<Slot>) {
        loop {
            match self.listener.accept().await {
                Ok((stream, address)) => {
                    self.succeeded();
                    self.connections.room().await;
                    return (stream, address, self.connections.open());
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => tokio::time::sleep(self.failed(&error)).await,
            }
        }
    }

    fn succeeded(&mut self) {
        self.n_in_a_row = 0;
        let over = self.outage.take_if(|outage| outage.last.elapsed() >= CALM);
        if let Some(Outage { n_failures, .. }) = over {
            tracing::info!(n_failures, "connections are accepted again");
        }
    }

    /// Tells a failure, if it is the first, and says how long to pause.
    fn failed(&mut self, error: &io::Error) -> Duration {
        if self.outage.is_none() {
            tracing::error!(
                %error,
                "connections cannot be accepted; when too many files are open, raise the limit \
                 (`ulimit -n`) or lower max_connections"
            );
        }
        let n_failures = self.outage.as_ref().map_or(0, |outage| outage.n_failures) + 1;
        self.outage = Some(Outage { n_failures, last: Instant::now() });
        let pause = FIRST_PAUSE.saturating_mul(1 << self.n_in_a_row.min(16)).min(LONGEST_PAUSE);
        self.n_in_a_row = self.n_in_a_row.saturating_add(1);
        self.connections.metrics().turned_away(TurnedAway::NotAccepted);
        // Mostly files are missing, and a connection without a request has one to spare.
        self.connections.close_longest_waiting();
        pause
    }
}

/// The client went away between the system's acceptance and ours.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};

    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::server::ServerLimits;

    /// A listener of a process that has too many open files, some times.
    struct Exhausted {
        n_failures: u32,
        listener: TcpListener,
    }

    impl Accept for Exhausted {
        async fn accept(&mut self) -> io::Result<(TcpStream, SocketAddr)> {
            match self.n_failures.checked_sub(1) {
                Some(left) => {
                    self.n_failures = left;
                    Err(io::Error::from_raw_os_error(24))
                }
                None => self.listener.accept().await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_listener_that_fails_is_asked_again_less_and_less_often() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let connections = Connections::new(&ServerLimits::default());
        let waits = connections.open();
        let mut acceptor = Acceptor::new(Exhausted { n_failures: 9, listener }, connections);
        let client = TcpStream::connect(address).await.expect("the system accepts");
        let started = Instant::now();
        let (_stream, from, _slot) = acceptor.next().await;
        assert_eq!(from, client.local_addr().expect("an address"));
        // 10, 20, 40 … 640 ms, then one second each.
        let waited = started.elapsed();
        assert!((3270..3300).contains(&waited.as_millis()), "{waited:?}");
        // A connection without a request gave its file.
        waits.gives_way().await;
    }

    #[tokio::test(start_paused = true)]
    async fn failures_are_one_outage_until_none_has_come_for_a_while() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let connections = Connections::new(&ServerLimits::default());
        let mut acceptor = Acceptor::new(listener, connections);
        let n_failures = |acceptor: &Acceptor<_>| acceptor.outage.as_ref().map(|it| it.n_failures);
        let none_left = io::Error::from_raw_os_error(24);
        for n_before in 0..3 {
            assert_eq!(acceptor.failed(&none_left), FIRST_PAUSE);
            acceptor.succeeded();
            assert_eq!(n_failures(&acceptor), Some(n_before + 1));
        }
        tokio::time::advance(CALM).await;
        acceptor.succeeded();
        assert_eq!(n_failures(&acceptor), None, "the next failure is told again");
    }
}

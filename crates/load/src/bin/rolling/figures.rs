//! What became of all visitors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use load::browser::BrowserError;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Error;

/// Counts of one run.
#[derive(Default)]
pub(crate) struct Figures {
    here: AtomicUsize,
    joins: Mutex<Vec<Instant>>,
    back: AtomicUsize,
    answered: AtomicUsize,
    unanswered: AtomicUsize,
    refused_by_status: AtomicUsize,
    refused_otherwise: AtomicUsize,
}

impl Figures {
    /// A visitor has joined, for the first time or back again.
    pub(crate) fn joined(&self, is_back: bool) {
        add(&self.here);
        if is_back {
            add(&self.back);
        }
        self.joins().push(Instant::now());
    }

    /// A visitor has lost the socket.
    pub(crate) fn lost(&self) {
        self.here.fetch_sub(1, Ordering::Relaxed);
    }

    /// A visitor did not get in.
    pub(crate) fn refused(&self, error: &BrowserError) {
        let by_status =
            matches!(error, BrowserError::Status { .. } | BrowserError::WebSocket(Error::Http(_)));
        add(if by_status { &self.refused_by_status } else { &self.refused_otherwise });
    }

    pub(crate) fn answered(&self) {
        add(&self.answered);
    }

    pub(crate) fn unanswered(&self) {
        add(&self.unanswered);
    }

    /// Returns when all are here.
    pub(crate) async fn all_joined(&self, n: usize, limit: Duration) -> anyhow::Result<()> {
        let here = async {
            while self.here.load(Ordering::Relaxed) < n {
                sleep(Duration::from_millis(50)).await;
            }
        };
        let n_here = || self.here.load(Ordering::Relaxed);
        timeout(limit, here).await.with_context(|| format!("{} of {n} are here", n_here()))
    }

    /// Counts joins from now on.
    pub(crate) fn forget_joins(&self) {
        self.joins().clear();
    }

    /// Most joins within one second.
    pub(crate) fn peak_of_joins(&self) -> usize {
        let joins = self.joins();
        let within = |(index, first): (usize, &Instant)| {
            let after = joins[index..].iter();
            after.take_while(|join| join.duration_since(*first) < Duration::from_secs(1)).count()
        };
        joins.iter().enumerate().map(within).max().unwrap_or(0)
    }

    pub(crate) fn print(&self, n_visitors: usize, n_here: usize) {
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        println!(
            "visitors {n_visitors}, there at the end {n_here}, lost {}\n\
             sockets moved {}, peak {} joins in one second\n\
             clicks answered {}, unanswered when their socket closed {}\n\
             tries refused by status {}, otherwise {}",
            n_visitors - n_here,
            count(&self.back),
            self.peak_of_joins(),
            count(&self.answered),
            count(&self.unanswered),
            count(&self.refused_by_status),
            count(&self.refused_otherwise),
        );
    }

    fn joins(&self) -> std::sync::MutexGuard<'_, Vec<Instant>> {
        self.joins.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn add(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::Relaxed);
}

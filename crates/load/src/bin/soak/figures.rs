//! What became of everything.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::ensure;
use load::visitor::Difference;

use crate::visitor::Left;

/// A number that many add to.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self) {
        self.add_many(1);
    }

    fn add_many(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    pub(crate) fn sub(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts of one run.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// Visitors with a joined page now.
    pub(crate) here: Count,
    here_at_end: Count,
    pub(crate) sent: Count,
    pub(crate) answered: Count,
    /// Acts that were answered, and are stored.
    stored: Count,
    /// Acts that are stored, and whose answer was lost.
    stored_unanswered: Count,
    /// Acts that the server has answered without doing them, such as for want of a database.
    pub(crate) failed: Count,
    lost: Count,
    twice: Count,
    /// Texts and pages that were answered and not shown.
    pub(crate) mistaken: Count,
    /// Events without an answer while their socket stood.
    pub(crate) hung: Count,
    /// Events with an answer that refused them.
    pub(crate) events_refused: Count,
    /// Pages that had to be loaded anew.
    pub(crate) loaded_anew: Count,
    pub(crate) joins: Count,
    /// Loads, sockets and joins that did not come about.
    pub(crate) refused: Count,
    /// Sockets that were lost to a server.
    pub(crate) parted: Count,
    /// Of those, the ones that were told to move.
    pub(crate) moved: Count,
    pub(crate) dropped: Count,
    pub(crate) closed: Count,
    pub(crate) navigated: Count,
    pub(crate) uploaded: Count,
    /// Forms that were sent again after a loss.
    pub(crate) recovered: Count,
}

impl Figures {
    /// What a desk shows differs from what was promised.
    pub(crate) fn differs(&self, visitor: i64, when: &str, difference: Difference) {
        let Difference { lost, twice } = difference;
        if lost + twice > 0 {
            println!("visitor {visitor} {when}: {difference:?}");
        }
        self.lost.add_many(lost);
        self.twice.add_many(twice);
    }

    /// Compares what was answered with what is stored: by visitor and act, a row for each time.
    pub(crate) fn compare(&self, visits: &[Left], rows: &[(i64, i64)]) {
        let mut n_rows: HashMap<_, u64> = HashMap::new();
        for row in rows {
            *n_rows.entry(*row).or_default() += 1;
        }
        for Left { visitor, acts, is_here } in visits {
            self.here_at_end.add_many(u64::from(*is_here));
            for act in acts {
                let n = n_rows.remove(&(*visitor, act.number)).unwrap_or(0);
                match (act.is_answered, n) {
                    (true, 0) => {
                        println!("visitor {visitor}: act {} is not stored", act.number);
                        self.lost.add();
                    }
                    (true, _) => self.stored.add(),
                    (false, _) => self.stored_unanswered.add_many(n.min(1)),
                }
                self.twice.add_many(n.saturating_sub(1));
            }
        }
        // What nobody has sent was applied once too often.
        self.twice.add_many(n_rows.values().sum());
    }

    pub(crate) fn print(&self, n_visitors: usize) {
        let lines = [
            ("visitors", n_visitors as u64),
            ("there at the end", self.here_at_end.get()),
            ("events sent", self.sent.get()),
            ("answered", self.answered.get()),
            ("answered and lost", self.lost.get()),
            ("applied twice", self.twice.get()),
            ("texts and pages not as answered", self.mistaken.get()),
            ("not answered while the socket stood", self.hung.get()),
            ("refused", self.events_refused.get()),
            ("pages that had to be loaded anew", self.loaded_anew.get()),
            ("acts stored and answered", self.stored.get()),
            ("acts stored whose answer was lost", self.stored_unanswered.get()),
            ("acts that failed, and said so", self.failed.get()),
            ("joins", self.joins.get()),
            ("loads, sockets and joins in vain", self.refused.get()),
            ("sockets lost to a server", self.parted.get()),
            ("of those told to move", self.moved.get()),
            ("sockets dropped by visitors", self.dropped.get()),
            ("pages closed", self.closed.get()),
            ("live navigations", self.navigated.get()),
            ("files uploaded", self.uploaded.get()),
            ("forms sent again", self.recovered.get()),
        ];
        println!();
        for (name, figure) in lines {
            println!("{name:<40} {figure:>10}");
        }
    }

    /// # Errors
    /// When a promise was broken.
    pub(crate) fn check(&self, n_visitors: usize) -> anyhow::Result<()> {
        let broken = [
            ("answered and lost", &self.lost),
            ("applied twice", &self.twice),
            ("not as answered", &self.mistaken),
            ("not answered", &self.hung),
            ("refused", &self.events_refused),
            ("loaded anew", &self.loaded_anew),
        ];
        for (name, count) in broken {
            ensure!(count.get() == 0, "{name}: {}", count.get());
        }
        let n_here = self.here_at_end.get();
        ensure!(n_here == n_visitors as u64, "{n_here} of {n_visitors} visitors are there");
        Ok(())
    }
}

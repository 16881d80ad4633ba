//! What both users pages show: the cost of the last load, and the table.

use std::time::{Duration, Instant};

use belvedere::{Render, live};
use belvedere_diesel::QueryCount;
use domain::users::User;

use crate::kit::count::Thousands;

/// Most users that are shown. One more is asked for, which says whether there are more.
pub(super) const MAX_SHOWN: u32 = 1_000;

/// The users of a page, each with the number of items on their list, and what loading them cost.
#[derive(Debug)]
pub(super) struct UsersTable {
    users: Vec<(User, i64)>,
    has_more: HasMore,
    took: Duration,
    n_queries: u64,
}

impl UsersTable {
    /// The users, whether there are [more](cut), and the cost of a load that began at `started` and ran the
    /// queries of `count`.
    #[must_use]
    pub(super) fn loaded(
        users: Vec<(User, i64)>,
        has_more: HasMore,
        started: Instant,
        count: &QueryCount,
    ) -> Self {
        Self { users, has_more, took: started.elapsed(), n_queries: count.queries() }
    }

    /// Two figures and the table. `cost` decides the colour of the number of queries.
    pub(super) fn render(&self, cost: Cost) -> impl Render {
        live! {
            dl.stats {
                div class=(cost.class()) {
                    dt { "Queries" }
                    dd id="query-count" { (self.n_queries) }
                }
                div {
                    dt { "Load time" }
                    dd id="load-time" { (milliseconds(self.took)) " ms" }
                }
            }
            div.table-wrap {
                table id="users" {
                    caption {
                        @if self.has_more.0 { "The first " (Thousands(self.users.len() as u64)) " users; there are more" }
                        @else { (self.users.len()) " users" }
                    }
                    thead {
                        tr {
                            th scope="col" { "Name" }
                            th.number scope="col" { "Age" }
                            th.number scope="col" { "Todo items" }
                        }
                    }
                    tbody {
                        @for (user, n_items) in &self.users {
                            tr key=(user.id) data-user-id=(user.id) {
                                th scope="row" { (user.name) }
                                td.number { (user.age) }
                                td.number { (n_items) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether there are more users than are shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct HasMore(bool);

/// Leaves those that are shown.
pub(super) fn cut<T>(users: &mut Vec<T>) -> HasMore {
    let has_more = HasMore(users.len() > MAX_SHOWN as usize);
    users.truncate(MAX_SHOWN as usize);
    has_more
}

/// How the number of queries grows with the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// It stays as it is.
    Constant,
    /// It grows by one for every user.
    PerUser,
}

impl Cost {
    fn class(self) -> &'static str {
        match self {
            Self::Constant => "good",
            Self::PerUser => "bad",
        }
    }
}

/// Milliseconds with one decimal, rounded.
fn milliseconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_to_read() {
        assert_eq!(milliseconds(Duration::from_micros(349)), "0.3");
        assert_eq!(milliseconds(Duration::from_millis(1200)), "1200.0");
    }
}

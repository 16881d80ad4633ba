//! What both users pages show: the cost of the last load, and the table.

use std::time::{Duration, Instant};

use belvedere::{Render, live};
use belvedere_diesel::QueryCount;
use domain::users::User;

/// The users of a page, each with the number of items on their list, and what loading them cost.
#[derive(Debug)]
pub(super) struct UsersTable {
    users: Vec<(User, i64)>,
    took: Duration,
    n_queries: u64,
}

impl UsersTable {
    /// The users and the cost of a load that began at `started` and ran the queries of `count`.
    #[must_use]
    pub(super) fn loaded(users: Vec<(User, i64)>, started: Instant, count: &QueryCount) -> Self {
        Self { users, took: started.elapsed(), n_queries: count.queries() }
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
                    caption { (self.users.len()) " users" }
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

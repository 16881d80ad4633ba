//! How the database is used: which one, how many connections, how long to wait.
//!
//! A plain struct with defaults; the application fills it from its own configuration.

use std::time::Duration;

use crate::database_url::DatabaseUrl;

/// Settings of a [`Repo`](crate::Repo). Any value is valid.
#[derive(Debug, Clone, PartialEq)]
pub struct DatabaseConfig {
    /// Which database.
    pub url: DatabaseUrl,
    /// The same PostgreSQL database past the connection pooler that `url` leads to.
    /// [`Repo::check`](crate::Repo::check) asks there when the pooler gives no answer, so that a
    /// queue for the pooler's connections is not taken for a silent database, and [`Migrations`](crate::Migrations)
    /// look there whether it still answers. Default none.
    pub direct_url: Option<DatabaseUrl>,
    /// The application's tables, which may stand in the span name of a query that has no fixed type
    /// (`sql_query`, boxed, `eq_any` on SQLite). Of other tables such a span tells the operation
    /// alone, so that no text put together while running names a span. Default none.
    pub tables: &'static [&'static str],
    /// The largest number of open connections, from one to ten thousand; other numbers are taken for
    /// the nearest of these. Default 10.
    ///
    /// One connection serves a few hundred pages a second; more of them buy little but memory,
    /// in SQLite (one writer at a time) even less. Of SQLite's at most half, or the only one, are given to
    /// [`run`](crate::Repo::run) and [`transaction`](crate::Repo::transaction) at a time, so that who reads need not
    /// wait for those who wait for its lock. What a query returns rows of, as `insert … returning`, counts as reading.
    pub max_connections: usize,
    /// How many connections are opened at the start already, at least one, so that the first
    /// visitors do not wait for them. Default 2.
    pub warm_connections: usize,
    /// How long a query waits for a free connection before it fails; one that writes to SQLite waits as long for
    /// its turn first. Default 5 s.
    pub wait_timeout: Duration,
    /// How long establishing one connection may take. Default 5 s.
    pub connect_timeout: Duration,
    /// How long PostgreSQL works on one statement before it cancels it; zero is no limit.
    /// Default 15 s. Nine tenths of it a statement may wait for a lock
    /// ([`QueryError::Locked`](crate::QueryError::Locked)), unless the URL's `options` say otherwise. SQLite knows no
    /// such limit.
    pub statement_timeout: Duration,
    /// How long PostgreSQL's answer to one statement may take on this side, whatever the reason;
    /// then the connection is closed and the query fails. Above `statement_timeout`, so that a
    /// server that can still speak has the first word; zero is no limit. Default 18 s: with
    /// `wait_timeout` and `connect_timeout` that is less than the 30 s after which a browser gives up
    /// what it asked of a live view, and loads the page anew without a word.
    pub answer_timeout: Duration,
    /// How long SQLite waits for another writer to finish. Default 5 s.
    pub busy_timeout: Duration,
    /// A PostgreSQL connection older than this is replaced, so that a proxy or a fail-over behind
    /// one name is followed. Default 10 min.
    pub max_lifetime: Duration,
    /// A PostgreSQL connection unused for longer than this is replaced rather than trusted.
    /// Default 5 min.
    pub max_idle: Duration,
}

/// As many connections as a pool may have.
const MOST_CONNECTIONS: usize = 10_000;

impl DatabaseConfig {
    /// The defaults for one database.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            direct_url: None,
            tables: &[],
            max_connections: 10,
            warm_connections: 2,
            wait_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(18),
            busy_timeout: Duration::from_secs(5),
            max_lifetime: Duration::from_secs(600),
            max_idle: Duration::from_secs(300),
        }
    }

    /// [`max_connections`](Self::max_connections) within its bounds.
    pub(crate) fn pool_size(&self) -> usize {
        self.max_connections.clamp(1, MOST_CONNECTIONS)
    }
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    #[test]
    fn a_silent_database_is_told_of_before_the_browser_gives_up() {
        /// What the client waits for an answer to an event.
        const CLIENT: Duration = Duration::from_secs(30);
        let config = DatabaseConfig::new("postgres://localhost/notes".parse().expect("a URL"));
        assert!(config.statement_timeout < config.answer_timeout);
        assert!(config.wait_timeout + config.connect_timeout + config.answer_timeout < CLIENT);
    }
}

//! How far away the database is to be for a page: the setting `?round_trip_ms=5`.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{FromRequestParts, Query};
use belvedere::{Render, live};
use belvedere_diesel::Repo;
use http::request::Parts;
use serde::Deserialize;

/// What the page offers, in milliseconds: the same machine, the same region, the next one, another
/// continent's edge.
const CHOICES: [u64; 4] = [0, 1, 5, 20];

/// The longest that is simulated for one query, in milliseconds: the slow page has many.
const MAX_MS: u64 = 20;

/// The time that is waited for each query of a page, in place of a network. Whatever the address
/// says, it is between nothing and 20 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoundTrip {
    ms: u64,
}

#[derive(Deserialize)]
struct Setting {
    round_trip_ms: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for RoundTrip {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let setting = Query::<Setting>::try_from_uri(&parts.uri);
        let ms = setting.ok().and_then(|Query(setting)| setting.round_trip_ms?.parse().ok());
        Ok(Self { ms: ms.unwrap_or(0).min(MAX_MS) })
    }
}

impl RoundTrip {
    /// A way to the database that is so long.
    pub(super) fn of(self, repo: &Repo) -> Repo {
        repo.with_round_trip(Duration::from_millis(self.ms))
    }

    /// What is set, and what else there is, as links of the page at `path`.
    pub(super) fn render(self, path: &'static str) -> impl Render {
        live! {
            nav.choices aria-label="Distance to the database" {
                span { "Network to the database, simulated:" }
                @for ms in CHOICES {
                    a href={ (path) "?round_trip_ms=" (ms) } aria-current=[(ms == self.ms).then_some("true")] {
                        @if ms == 0 { "none" } @else { (ms) " ms" }
                    }
                }
            }
            @if self.ms > 0 {
                p.note {
                    "Each query waits " (self.ms) " ms, as it would for the answer of a database that far \
                     away. The wait is simulated; the trace shows it within the query, and says so."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(uri: &str) -> RoundTrip {
        let request = http::Request::builder().uri(uri).body(()).expect("an address");
        let (mut parts, ()) = request.into_parts();
        let Ok(read) = RoundTrip::from_request_parts(&mut parts, &()).await;
        read
    }

    #[tokio::test]
    async fn whatever_the_address_says_is_bounded() {
        for (query, ms) in [
            ("", 0),
            ("?round_trip_ms=5", 5),
            ("?round_trip_ms=100000", MAX_MS),
            ("?round_trip_ms=-1", 0),
            ("?round_trip_ms=soon", 0),
            ("?round_trip_ms=1&round_trip_ms=2", 0),
        ] {
            assert_eq!(read(&format!("/users-slow{query}")).await, RoundTrip { ms }, "{query}");
        }
    }
}

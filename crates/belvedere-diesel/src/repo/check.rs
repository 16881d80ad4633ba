//! Is the database there? Asked on a connection that no page uses, once for all who want to know
//! at the same time.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel_async::SimpleAsyncConnection as _;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use tokio::sync::Notify;

#[cfg(feature = "postgres")]
use crate::connection::postgres::PostgresConnection;
#[cfg(feature = "sqlite")]
use crate::connection::sqlite::SqliteConnection;
use crate::repo::QueryError;
use crate::repo::pool::{Checkout, Connections, Pool};

/// Reads from the file.
#[cfg(feature = "sqlite")]
const SQLITE_QUESTION: &str = "SELECT 1 FROM sqlite_master LIMIT 1";
/// Asks for nothing but an answer.
#[cfg(feature = "postgres")]
const POSTGRES_QUESTION: &str = "SELECT 1";

type Answer = Result<(), QueryError>;
type Answering = BoxFuture<'static, Answer>;

/// Asks whether the database is there.
#[derive(Default)]
pub(super) struct Check {
    /// A connection beside the pool, opened when it is first needed. Taken while it is asked, so
    /// that whatever happens meanwhile leaves no doubtful connection behind.
    kept: Mutex<Option<Kept>>,
    /// The last question.
    question: Mutex<Option<Question>>,
    /// Wakes a question when a page was answered.
    answered: Notify,
}

/// A question that many wait for. It ends when nobody does any more.
struct Question {
    begun: Instant,
    answer: WeakShared<Answering>,
}

impl Check {
    /// The database has answered a query of a page.
    pub(super) fn note_answer(&self) {
        self.answered.notify_waiters();
    }

    /// The question under way, or a new one, which has so long to be answered. Crowds that ask, be
    /// they probes or strangers, so cost one query at a time.
    fn join(&self, pool: &Pool, within: Duration) -> (Instant, Shared<Answering>) {
        let mut last = unpoisoned(&self.question);
        let under_way = last.as_ref().and_then(|question| {
            let answer = question.answer.upgrade().filter(|answer| answer.peek().is_none())?;
            Some((question.begun, answer))
        });
        under_way.unwrap_or_else(|| {
            let begun = Instant::now();
            let answer = ask(pool.clone(), within).boxed().shared();
            *last = answer.downgrade().map(|answer| Question { begun, answer });
            (begun, answer)
        })
    }
}

/// Whether the database answers within this time.
pub(super) async fn check(pool: &Pool, within: Duration) -> Answer {
    let asked = Instant::now();
    let answer = async {
        loop {
            // A little less than its askers have, so that they hear what it has to say.
            let (begun, answer) = pool.check_state().join(pool, within - within / 20);
            match answer.await {
                // It was asked before, and what it met may be over.
                Err(_) if begun < asked => {}
                answer => return answer,
            }
        }
    };
    tokio::time::timeout(within, answer).await.unwrap_or_else(|_| Err(silent(pool, within)))
}

/// Asks on the connection kept for it. A server or pooler without room for one more is there as
/// long as the pool's connections are answered, or the server itself where the way to it is known.
async fn ask(pool: Pool, within: Duration) -> Answer {
    let mut answered = pin!(pool.check_state().answered.notified());
    answered.as_mut().enable();
    let mut refusal = None;
    let question = async {
        let refused = match ask_alone(&pool).await {
            Err(error @ QueryError::Connect(_)) => error,
            answer => return answer,
        };
        if let Some(Ok(())) = ask_idle(&pool).await {
            return Ok(());
        }
        if !pool.is_used() {
            return Err(refused);
        }
        refusal = Some(refused);
        answered.as_mut().await;
        Ok(())
    };
    let answer = async {
        tokio::select! {
            biased;
            answer = question => answer,
            () = until_queued_at_pooler(&pool, within / 3) => Ok(()),
        }
    };
    let answer = tokio::time::timeout(within, answer).await;
    let answer = answer.unwrap_or_else(|_| Err(refusal.unwrap_or_else(|| silent(&pool, within))));
    answer.or_else(|error| answered.now_or_never().ok_or(error))
}

async fn ask_alone(pool: &Pool) -> Answer {
    let state = pool.check_state();
    let kept = unpoisoned(&state.kept).take();
    if let Some(mut kept) = kept.filter(|kept| !kept.is_worn(pool.max_lifetime())) {
        match kept.asked.answer().await.map_err(QueryError::from) {
            // It broke while nobody looked; another tells whether the server is there.
            Err(QueryError::ConnectionLost(_)) => {}
            answer => {
                if answer.is_ok() {
                    *unpoisoned(&state.kept) = Some(kept);
                }
                return answer;
            }
        }
    }
    let mut kept = Kept { asked: Asked::open(pool.connections()).await?, opened: Instant::now() };
    kept.asked.answer().await?;
    *unpoisoned(&state.kept) = Some(kept);
    Ok(())
}

/// Asks on a connection of the pool that nobody uses; none when there is no such.
async fn ask_idle(pool: &Pool) -> Option<Answer> {
    if pool.n_idle() == 0 {
        return None;
    }
    let mut borrowed = match pool.get().await {
        Ok(checkout) => Borrowed(Some(checkout)),
        Err(error) => return Some(Err(error.into())),
    };
    let answer: QueryResult<()> = match *borrowed.0.as_mut()? {
        #[cfg(feature = "sqlite")]
        Checkout::Sqlite(ref mut connection) => connection.batch_execute(SQLITE_QUESTION).await,
        #[cfg(feature = "postgres")]
        Checkout::Postgres(ref mut connection) => connection.batch_execute(POSTGRES_QUESTION).await,
    };
    if answer.is_ok() {
        drop(borrowed.0.take());
    }
    Some(answer.map_err(QueryError::from))
}

/// Ends when a question waits for a connection of a pooler and for nothing else. Looks after it
/// had so long to be answered.
#[cfg(feature = "postgres")]
async fn until_queued_at_pooler(pool: &Pool, patience: Duration) {
    tokio::time::sleep(patience).await;
    if !pool.is_queued_at_pooler().await {
        std::future::pending().await
    }
}

/// SQLite has no poolers.
#[cfg(not(feature = "postgres"))]
async fn until_queued_at_pooler(_: &Pool, _: Duration) {
    std::future::pending().await
}

fn silent(pool: &Pool, within: Duration) -> QueryError {
    let by_whom = match pool.meets_pooler() {
        true => " by way of the connection pooler, which may have no connection free",
        false => "",
    };
    QueryError::Silent(format!("no answer within {within:?}{by_whom}"))
}

/// Nothing panics while it holds one of these locks.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection that has been asked.
struct Kept {
    asked: Asked,
    opened: Instant,
}

impl Kept {
    /// Whether it leads nowhere any more, or maybe to where the server was.
    fn is_worn(&self, max_lifetime: Duration) -> bool {
        let is_lost = match self.asked {
            #[cfg(feature = "sqlite")]
            Asked::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Asked::Postgres(ref connection) => connection.is_lost(),
        };
        is_lost || self.opened.elapsed() > max_lifetime
    }
}

enum Asked {
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteConnection),
    #[cfg(feature = "postgres")]
    Postgres(Box<PostgresConnection>),
}

impl Asked {
    async fn open(connections: &Connections) -> Result<Self, QueryError> {
        Ok(match *connections {
            #[cfg(feature = "sqlite")]
            Connections::Sqlite(ref pool) => Self::Sqlite(pool.manager().open_beside().await?),
            #[cfg(feature = "postgres")]
            Connections::Postgres(ref pool) => {
                use deadpool::managed::Manager as _;
                Self::Postgres(pool.manager().create().await?)
            }
        })
    }

    async fn answer(&mut self) -> QueryResult<()> {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(ref mut connection) => connection.batch_execute(SQLITE_QUESTION).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(ref mut connection) => connection.batch_execute(POSTGRES_QUESTION).await,
        }
    }
}

/// A connection of the pool, which goes back to it when it has answered and is closed else.
struct Borrowed(Option<Checkout>);

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(checkout) = self.0.take() {
            checkout.close();
        }
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::config::DatabaseConfig;
    use crate::database_url::DatabaseUrl;
    use crate::repo::pool;

    #[tokio::test]
    async fn those_who_ask_meanwhile_share_one_question() {
        const WITHIN: Duration = Duration::from_secs(5);
        let directory = tempfile::tempdir().expect("a directory");
        let url = DatabaseUrl::sqlite(directory.path().join("asked.db")).expect("a path");
        let (pool, _) = pool::open(&DatabaseConfig::new(url)).expect("a pool");
        let join = || pool.check_state().join(&pool, WITHIN).1;
        let (first, second) = (join(), join());
        assert!(first.ptr_eq(&second), "it is under way");
        first.await.expect("it answers");
        let third = join();
        assert!(!third.ptr_eq(&second), "what was answered says nothing of now");
        drop(third);
        join().await.expect("a question that nobody waits for is asked anew");
    }
}

//! One session with a server: statements out, rows back, each within its time.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncConnectionCore, SimpleAsyncConnection};
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::runtime::Handle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure;
use super::request::{Oids, Request, TypeName, Types};
use super::row::PostgresRow;
use super::{Driver, Opened, lock_timeout};

/// How long the server is given to take a request to cancel.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// A PostgreSQL connection together with the task that drives it.
///
/// A query that is not answered in time leaves it silent: every further one fails at once, and the
/// pool throws the connection away.
pub struct PostgresConnection {
    session: Session,
    driver: Driver,
    peer: Option<SocketAddr>,
    limits: Limits,
    tls: Option<MakeRustlsConnect>,
    state: State,
    /// Whether a statement has failed at any time: then the transaction that it was in has as well.
    has_failed: bool,
}

/// What the server was asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has answered all.
    Answered,
    /// Its answer is still to come, or whoever waited for it went away.
    Asked,
    /// It did not answer in time.
    Silent,
}

/// What a connection keeps to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long the server works on a statement; zero is no limit.
    pub(super) statement_timeout: Duration,
    /// How long its answer may take; zero is no limit.
    pub(super) answer_timeout: Duration,
}

/// What is between here and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// Nothing: a session is one, so it keeps settings and named statements.
    Direct,
    /// A pooler that may give every transaction another session.
    Pooler,
}

impl fmt::Debug for PostgresConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresConnection").finish_non_exhaustive()
    }
}

impl PostgresConnection {
    pub(super) fn new(opened: Opened, limits: Limits, tls: Option<MakeRustlsConnect>) -> Self {
        let Opened { client, driver, route, peer } = opened;
        let session =
            Session { client, route, statements: HashMap::new(), types: Types::default() };
        Self { session, driver, peer, limits, tls, state: State::Answered, has_failed: false }
    }

    /// The address at the other end, where a network is in between and the URL names one host.
    pub(crate) fn peer(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// Whether the server hung up, or an answer is missing.
    pub(crate) fn is_lost(&self) -> bool {
        self.state != State::Answered || self.driver.is_finished()
    }

    /// What begins a transaction. A pooler keeps no settings of a session, so a transaction
    /// brings its own.
    pub(crate) fn begin_sql(&self) -> String {
        let limit = self.limits.statement_timeout;
        match self.session.route {
            Route::Direct => "BEGIN".to_owned(),
            Route::Pooler => format!(
                "BEGIN; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
                limit.as_millis(),
                lock_timeout(limit).as_millis()
            ),
        }
    }

    /// What commits a transaction. The server answers a `COMMIT` of one in which a statement has failed without an error,
    /// and rolls back; any other statement it refuses then.
    pub(crate) fn commit_sql(&self) -> &'static str {
        let may_have_failed = self.has_failed || self.state == State::Asked;
        if may_have_failed { "SELECT 1; COMMIT" } else { "COMMIT" }
    }

    /// The answer, or an error when it took too long.
    fn settle<T>(&mut self, answer: Option<QueryResult<T>>) -> QueryResult<T> {
        self.state = if answer.is_some() { State::Answered } else { State::Silent };
        self.has_failed |= !matches!(answer, Some(Ok(_)));
        answer.unwrap_or_else(|| {
            self.cancel();
            Err(silent(format!("no answer within {:?}", self.limits.answer_timeout)))
        })
    }

    /// Asks the server to stop what nobody waits for any more. It may be the network that is
    /// silent, so nobody waits for this either.
    fn cancel(&self) {
        let token = self.session.client.cancel_token();
        let tls = self.tls.clone();
        // Without a runtime the program is stopping.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(tokio::time::timeout(CANCEL_TIMEOUT, async move {
            let _ = match tls {
                Some(tls) => token.cancel_query(tls).await,
                None => token.cancel_query(NoTls).await,
            };
        }));
    }

    /// From here on an answer is due, unless an earlier one was not had. An answer to a question
    /// whose asker went away comes before the next one, so that is no obstacle.
    fn ask(&mut self) -> QueryResult<()> {
        if self.state == State::Silent {
            return Err(silent("an earlier query was not answered".into()));
        }
        self.state = State::Asked;
        Ok(())
    }
}

impl Drop for PostgresConnection {
    fn drop(&mut self) {
        match self.state {
            State::Answered => self.driver.let_go(),
            // Else the server would work for nobody, in a session that the pool does not count.
            State::Asked => self.cancel(),
            State::Silent => {}
        }
    }
}

fn silent(words: String) -> Error {
    Error::DatabaseError(DatabaseErrorKind::ClosedConnection, Box::new(words))
}

/// The answer, or none when it takes longer than the limit.
async fn within<T>(limit: Duration, answer: impl Future<Output = T>) -> Option<T> {
    if limit.is_zero() {
        Some(answer.await)
    } else {
        tokio::time::timeout(limit, answer).await.ok()
    }
}

impl SimpleAsyncConnection for PostgresConnection {
    async fn batch_execute(&mut self, sql: &str) -> QueryResult<()> {
        self.ask()?;
        let answer = within(self.limits.answer_timeout, self.session.client.batch_execute(sql));
        let answer = answer.await.map(|done| done.map_err(|error| failure::from_driver(&error)));
        self.settle(answer)
    }
}

impl AsyncConnectionCore for PostgresConnection {
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type Stream<'conn, 'query> = BoxStream<'static, QueryResult<PostgresRow>>;
    type Row<'conn, 'query> = PostgresRow;
    type Backend = Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        let request = Request::new(&source.as_query(), &self.session.types);
        Box::pin(async move {
            let request = request?;
            self.ask()?;
            let answer = within(self.limits.answer_timeout, self.session.rows(request)).await;
            let rows = self.settle(answer)?;
            Ok(stream::iter(rows.into_iter().map(|row| Ok(PostgresRow::new(row)))).boxed())
        })
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        let request = Request::new(&source, &self.session.types);
        Box::pin(async move {
            let request = request?;
            self.ask()?;
            let answer = within(self.limits.answer_timeout, self.session.count(request)).await;
            self.settle(answer)
        })
    }
}

/// The client and what it remembers of its server.
struct Session {
    client: Client,
    route: Route,
    /// Statements that the server has parsed, one for each type of query that has a fixed text.
    /// These are finitely many, so nothing needs to be forgotten.
    statements: HashMap<TypeId, Statement>,
    types: Types,
}

impl Session {
    /// All rows: they are read within the query's time, whatever is done with them later.
    async fn rows(&mut self, mut request: Request) -> QueryResult<Vec<Row>> {
        self.resolve(&mut request).await?;
        let result = match self.statement(&request).await? {
            Some(statement) => match self.client.query_raw(&statement, request.binds).await {
                Ok(rows) => rows.try_collect().await,
                Err(error) => Err(error),
            },
            None => {
                let types = request.types();
                let typed = request.binds.into_iter().zip(types);
                match self.client.query_typed_raw(&request.sql, typed).await {
                    Ok(rows) => rows.try_collect().await,
                    Err(error) => Err(error),
                }
            }
        };
        self.checked(request.key, result)
    }

    /// How many rows the statement changed.
    async fn count(&mut self, mut request: Request) -> QueryResult<usize> {
        self.resolve(&mut request).await?;
        let result = match self.statement(&request).await? {
            Some(statement) => self.client.execute_raw(&statement, request.binds).await,
            None => {
                let types = request.types();
                let typed: Vec<(&(dyn ToSql + Sync), Type)> = request
                    .binds
                    .iter()
                    .map(|bind| bind as &(dyn ToSql + Sync))
                    .zip(types)
                    .collect();
                self.client.execute_typed(&request.sql, &typed).await
            }
        };
        let count = self.checked(request.key, result)?;
        usize::try_from(count).map_err(|error| Error::DeserializationError(Box::new(error)))
    }

    /// The parsed statement of a query with a fixed text. Others go out together with their
    /// values, in one round trip, and leave nothing behind.
    async fn statement(&mut self, request: &Request) -> QueryResult<Option<Statement>> {
        let Some(key) = request.key.filter(|_| self.route == Route::Direct) else {
            return Ok(None);
        };
        if let Some(statement) = self.statements.get(&key) {
            return Ok(Some(statement.clone()));
        }
        let statement = self.client.prepare_typed(&request.sql, &request.types()).await;
        let statement = statement.map_err(|error| failure::from_driver(&error))?;
        self.statements.insert(key, statement.clone());
        Ok(Some(statement))
    }

    /// Forgets a statement that the server no longer has, or that a migration made stale.
    fn checked<T>(
        &mut self,
        key: Option<TypeId>,
        result: Result<T, tokio_postgres::Error>,
    ) -> QueryResult<T> {
        result.map_err(|error| {
            let is_stale = matches!(
                error.code().map(tokio_postgres::error::SqlState::code),
                Some("0A000" | "26000")
            );
            if let Some(key) = key.filter(|_| is_stale) {
                self.statements.remove(&key);
            }
            failure::from_driver(&error)
        })
    }

    /// Asks for the types that the request names and this session has not met yet.
    async fn resolve(&mut self, request: &mut Request) -> QueryResult<()> {
        if request.unknown().is_empty() {
            return Ok(());
        }
        let mut found = Vec::with_capacity(request.unknown().len());
        for name in request.unknown() {
            let oids = self.look_up(name).await?;
            self.types.learn(name.clone(), oids);
            found.push(oids);
        }
        request.resolve(&found);
        Ok(())
    }

    async fn look_up(&self, (schema, name): &TypeName) -> QueryResult<Oids> {
        const SQL: &str = "SELECT oid, typarray FROM pg_type WHERE oid = to_regtype($1)";
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let schema = schema.as_deref().map_or(String::new(), |name| quoted(name) + ".");
        let full = schema + &quoted(name);
        let rows = self.client.query_typed(SQL, &[(&full, Type::TEXT)]).await;
        let rows = rows.map_err(|error| failure::from_driver(&error))?;
        let row = rows
            .first()
            .ok_or_else(|| failure::undefined_object(format!("type {full} does not exist")))?;
        Ok((row.get(0), row.get(1)))
    }
}

//! A ticket desk on `sqlx` whose page asks the database once for every desk, and the trace that shows
//! it, on http://localhost:4000 and http://localhost:4000/trace.
//!
//! Run it with `cargo run -p belvedere-telemetry --example sqlx`; another port is an argument. With
//! `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318` the traces go to a collector as well.

use std::error::Error;
use std::fmt::Write;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render};
use belvedere::{Result, SecretKeyBase, Socket, live};
use belvedere_telemetry::{TraceOptions, TraceStore, trace_layer};
use sqlx::SqlitePool;
use sqlx::sqlite::SqlitePoolOptions;

/// Desks, each with the number of its tickets.
struct Desks {
    rows: Vec<(String, i64)>,
}

impl LiveView for Desks {
    type Extract = State<SqlitePool>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(
        State(pool): State<SqlitePool>,
        _socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let desks: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, name FROM desks ORDER BY name").fetch_all(&pool).await?;
        let mut rows = Vec::new();
        for (id, name) in desks {
            let n_tickets = sqlx::query_scalar("SELECT count(*) FROM tickets WHERE desk_id = ?")
                .bind(id)
                .fetch_one(&pool)
                .await?;
            rows.push((name, n_tickets));
        }
        Ok(Self { rows })
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Tickets" }
            @for (name, n_tickets) in &self.rows, key=(name) {
                p { (name) ": " (n_tickets) }
            }
        }
    }
}

/// A database in memory with five desks.
async fn database() -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    sqlx::raw_sql(
        "CREATE TABLE desks (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE tickets (id INTEGER PRIMARY KEY, desk_id INTEGER NOT NULL);
         INSERT INTO desks (name) VALUES ('Books'), ('Games'), ('Music'), ('Tools'), ('Toys');
         INSERT INTO tickets (desk_id) SELECT id FROM desks UNION ALL SELECT 1;",
    )
    .execute(&pool)
    .await?;
    Ok(pool)
}

/// The newest trace of the page, as a tree.
async fn trace(State(traces): State<TraceStore>) -> String {
    let Some(trace) = traces.newest_page("/") else { return "open / first\n".to_owned() };
    let mut tree = String::new();
    for row in &trace.spans {
        let (depth, name, took) = (2 * row.depth, &row.span.name, row.span.duration);
        let _ = writeln!(tree, "{:depth$}{name}  {took:?}", "");
    }
    if let Some(found) = &trace.summary.n_plus_one {
        let _ = writeln!(tree, "\nN+1: {} ran {} times", found.statement, found.count);
    }
    tree
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let traces = TraceStore::default();
    let telemetry = belvedere_telemetry::init_storing("desks", &traces)?;
    let pages = Router::new()
        .live::<Desks>("/")
        .layer(trace_layer(TraceOptions::default()))
        .with_state(database().await?);
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = live.serve(pages).merge(Router::new().route("/trace", get(trace)).with_state(traces));

    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).with_graceful_shutdown(stopped()).await?;
    telemetry.shutdown().await;
    Ok(())
}

/// Returns at Ctrl-C.
async fn stopped() {
    let _ = tokio::signal::ctrl_c().await;
}

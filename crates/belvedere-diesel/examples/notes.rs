//! One page, one table: how many notes there are on each topic, first with an N+1 and then without.
//!
//! Run it with `cargo run -p belvedere-diesel --example notes` and open http://localhost:4000; another
//! database and another port are arguments, as in `… --example notes -- notes.sqlite3 4001`.

use std::error::Error;

use axum::extract::State;
use axum::{Router, routing::get};
use belvedere_diesel::{DatabaseConfig, Migrations, QueryCount, QueryError, Repo};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use maud::{Markup, html};

const FOLDER: EmbeddedMigrations = embed_migrations!("examples/migrations");
const MIGRATIONS: Migrations = Migrations::new().with_sqlite(&FOLDER).with_postgres(&FOLDER);

diesel::table! {
    /// What somebody wanted to keep.
    notes (id) {
        /// Numbers them.
        id -> Integer,
        /// What it is about.
        topic -> Text,
        /// What it says, not blank.
        text -> Text,
    }
}

/// One query for the topics, and one more for each of them.
async fn slow(State(repo): State<Repo>) -> Result<Markup, String> {
    let (repo, count) = repo.counted();
    let mut rows = Vec::new();
    for topic in topics(&repo).await.map_err(told)? {
        let of_topic = notes::table.filter(notes::topic.eq(topic.clone())).count();
        rows.push((topic, repo.one::<i64, _>(of_topic).await.map_err(told)?));
    }
    Ok(page(&rows, &count))
}

/// One query, in which the database counts.
async fn cured(State(repo): State<Repo>) -> Result<Markup, String> {
    let (repo, count) = repo.counted();
    let by_topic = notes::table.group_by(notes::topic).order(notes::topic);
    let by_topic = by_topic.select((notes::topic, diesel::dsl::count_star()));
    let rows: Vec<(String, i64)> = repo.all(by_topic).await.map_err(told)?;
    Ok(page(&rows, &count))
}

async fn topics(repo: &Repo) -> Result<Vec<String>, QueryError> {
    repo.all(notes::table.select(notes::topic).distinct().order(notes::topic)).await
}

fn page(rows: &[(String, i64)], count: &QueryCount) -> Markup {
    let queries = if count.queries() == 1 { "query" } else { "queries" };
    html! {
        h1 { "Notes" }
        p { (count.queries()) " " (queries) " in " (count.time().as_micros()) " µs. "
            a href="/" { "Slow" } " " a href="/cured" { "Cured" } }
        table { @for (topic, n_notes) in rows { tr { th { (topic) } td { (n_notes) } } } }
    }
}

fn told(error: QueryError) -> String {
    error.to_string()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "data/notes.sqlite3".to_owned());
    let port = arguments.next().unwrap_or_else(|| "4000".to_owned());
    let config = match url.parse() {
        Ok(url) => DatabaseConfig::new(url),
        Err(error) => return Err(error.to_string().into()),
    };
    MIGRATIONS.run(&config).await?;
    let repo = Repo::connect(&config).await?;
    let app = Router::new().route("/", get(slow)).route("/cured", get(cured)).with_state(repo);
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    Ok(axum::serve(listener, app).await?)
}

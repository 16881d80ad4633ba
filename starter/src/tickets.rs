//! The table of tickets, and what is asked of it.

use belvedere_diesel::{DatabaseConfig, Migrations, QueryError, Repo};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

/// The longest title, in letters; the table's constraint says the same.
pub const MAX_LETTERS: usize = 80;

/// Most tickets that a page shows.
const MAX_SHOWN: i64 = 200;

const FOLDER: EmbeddedMigrations = embed_migrations!();

/// The tables, in the steps in which they came to be.
pub const MIGRATIONS: Migrations = Migrations::new().with_sqlite(&FOLDER);

diesel::table! {
    tickets (id) {
        id -> Integer,
        title -> Text,
    }
}

/// One ticket.
#[derive(Queryable)]
pub struct Ticket {
    pub id: i32,
    pub title: String,
}

/// Opens the database and brings its tables up to date; a missing file is made.
pub async fn open(url: &str) -> Result<Repo, Box<dyn std::error::Error>> {
    let config = DatabaseConfig::new(url.parse()?);
    MIGRATIONS.run(&config).await?;
    Ok(Repo::connect(&config).await?)
}

/// The newest tickets, newest first.
pub async fn newest(repo: &Repo) -> Result<Vec<Ticket>, QueryError> {
    repo.all(tickets::table.order(tickets::id.desc()).limit(MAX_SHOWN)).await
}

/// Adds a ticket.
pub async fn add(repo: &Repo, title: String) -> Result<(), QueryError> {
    let new = diesel::insert_into(tickets::table).values(tickets::title.eq(title));
    repo.run(new).await.map(drop)
}

/// Deletes a ticket; one that is gone already is no error.
pub async fn delete(repo: &Repo, id: i32) -> Result<(), QueryError> {
    repo.run(diesel::delete(tickets::table.find(id))).await.map(drop)
}

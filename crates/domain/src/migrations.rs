//! The history of the tables, one folder per database.

use belvedere_diesel::Migrations;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// All of them, embedded in the program.
pub const MIGRATIONS: Migrations = Migrations::new().with_sqlite(&SQLITE).with_postgres(&POSTGRES);

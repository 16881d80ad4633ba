//! Opening the database at the start: what is migrated and filled, and what is only asked for.

use std::time::Duration;

use belvedere_diesel::Migrated;
use belvedere_diesel::{
    ConnectError, DatabaseConfig, DatabaseUrl, MigrationError, QueryError, Repo,
};
use domain::{MIGRATIONS, UserId, bulk, figures, imports, seed, todo_list_items, users};

use crate::pages::dashboard;

/// Users in a database that the first start makes.
pub const SAMPLE_USERS: u32 = 20;

/// How long the start waits for the pages' queries; after that they run as pages.
const WARM_UP: Duration = Duration::from_secs(5);

/// An open database and what was done to it.
#[derive(Debug)]
pub struct Opened {
    /// The way to it.
    pub repo: Repo,
    /// For the start-up banner; nothing when the database was ready as it was.
    pub note: Option<&'static str>,
}

/// Why pages cannot be served from this database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No connection.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The tables could not be looked at, or not be brought up to date.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// A PostgreSQL database is older than this program.
    #[error(
        "{database} lacks {} of this version's migrations ({}): run `web migrate` first",
        missing.len(),
        missing.join(", ")
    )]
    Outdated {
        /// The database's URL without its password.
        database: String,
        /// Names of the missing migrations, oldest first.
        missing: Vec<String>,
    },
}

/// Opens the database for serving, and asks it once on every connection what the pages will ask,
/// so that the first visitors wait for neither connections nor statements.
///
/// A SQLite file is ours: it is created, migrated and, when new, filled. A PostgreSQL database may
/// serve others, so it must be up to date already.
///
/// # Errors
///
/// [`DatabaseError`]; each text says what to do.
pub async fn open(config: &DatabaseConfig) -> Result<Opened, DatabaseError> {
    let note = bring_up_to_date(config).await?;
    let repo = Repo::connect(config).await?;
    match tokio::time::timeout(WARM_UP, repo.warm_up(ask_as_pages)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the pages' queries could not be tried"),
        Err(_) => tracing::warn!(waited = ?WARM_UP, "the pages' queries take long"),
    }
    Ok(Opened { repo, note })
}

async fn bring_up_to_date(config: &DatabaseConfig) -> Result<Option<&'static str>, DatabaseError> {
    let missing = MIGRATIONS.pending(config).await?;
    if missing.is_empty() {
        return Ok(None);
    }
    if let DatabaseUrl::Postgres(_) = &config.url {
        return Err(DatabaseError::Outdated { database: config.url.to_string(), missing });
    }
    // Only a file made just now is filled: an emptied list is somebody's wish.
    let fill = |connection: &mut _| seed::fill_new(connection, SAMPLE_USERS as usize);
    let migrated = MIGRATIONS.run_and_fill(config, fill).await?;
    Ok(match migrated {
        Migrated { names, .. } if names.is_empty() => None,
        Migrated { is_new: true, .. } => Some("new, with sample users"),
        Migrated { is_new: false, .. } => Some("tables brought up to date"),
    })
}

/// Every query of every page, once.
async fn ask_as_pages(repo: &Repo) -> Result<(), QueryError> {
    users::list_with_todo_counts(repo, 1).await?;
    users::list(repo, 1).await?;
    let (sort, direction) = (users::Sort::default(), users::Direction::default());
    users::page(repo, "", sort, direction, 1).await?;
    let nobody = UserId::new();
    todo_list_items::count_of_user(repo, nobody).await?;
    users::find(repo, nobody).await?;
    todo_list_items::list_of_user(repo, nobody).await?;
    users::count(repo).await?;
    figures::items(repo).await?;
    figures::people_by_decade(repo).await?;
    figures::busiest(repo, dashboard::N_BUSIEST).await?;
    bulk::taken(repo, Vec::new()).await?;
    bulk::Everyone::new(repo.clone()).next().await?;
    imports::Import::recent(repo).await?;
    Ok(())
}

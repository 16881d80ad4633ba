//! Opening the database at the start: what is migrated and filled, and what is only asked for.

use domain::{
    ConnectError, DatabaseConfig, DatabaseUrl, MigrationError, QueryError, Repo, migrations, seed,
};

/// Users in a database that the first start makes.
pub const SAMPLE_USERS: u32 = 20;

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
    /// The sample users could not be added.
    #[error("the sample users could not be added: {0}")]
    Seed(#[from] QueryError),
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

/// Opens the database for serving.
///
/// A SQLite file is ours: it is created, migrated and, when new, filled. A PostgreSQL database may
/// serve others, so it must be up to date already.
///
/// # Errors
///
/// [`DatabaseError`]; each text says what to do.
pub async fn open(config: &DatabaseConfig) -> Result<Opened, DatabaseError> {
    let is_new = matches!(&config.url, DatabaseUrl::Sqlite(path) if !path.as_path().exists());
    let missing = migrations::pending(config).await?;
    match &config.url {
        DatabaseUrl::Postgres(_) if !missing.is_empty() => {
            Err(DatabaseError::Outdated { database: config.url.to_string(), missing })
        }
        DatabaseUrl::Sqlite(_) if !missing.is_empty() => open_and_migrate(config, is_new).await,
        _ => Ok(Opened { repo: Repo::connect(config).await?, note: None }),
    }
}

async fn open_and_migrate(config: &DatabaseConfig, is_new: bool) -> Result<Opened, DatabaseError> {
    migrations::run(config).await?;
    let repo = Repo::connect(config).await?;
    // Only a file made just now is filled: an emptied list is somebody's wish.
    if is_new {
        seed::fill(&repo, SAMPLE_USERS as usize).await?;
        return Ok(Opened { repo, note: Some("new, with sample users") });
    }
    Ok(Opened { repo, note: Some("tables brought up to date") })
}

//! Migrations of a SQLite file, all in one transaction.

use std::time::Duration;

use diesel::result::Error as DieselError;
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;
use diesel::{QueryResult, RunQueryDsl as _, SqliteConnection};

use super::{APPLIED, Action, Folder, Migrated, MigrationError, act, aside, without};
use crate::config::DatabaseConfig;
use crate::connection::sqlite::{create_directory, open};
use crate::database_url::SqlitePath;
use crate::repo::QueryError;

pub(super) async fn pending(
    migrations: Folder,
    path: &SqlitePath,
    config: &DatabaseConfig,
) -> Result<Vec<String>, MigrationError> {
    let (path, busy_timeout) = (path.clone(), config.busy_timeout);
    aside(move || {
        if !path.as_path().exists() {
            return without::<Sqlite>(&migrations, &[]);
        }
        without::<Sqlite>(&migrations, &applied(&mut open(&path, busy_timeout)?)?)
    })
    .await
}

pub(super) async fn run(
    migrations: Folder,
    path: &SqlitePath,
    config: &DatabaseConfig,
    fill: impl FnOnce(&mut SqliteConnection) -> QueryResult<()> + Send + 'static,
) -> Result<Migrated, MigrationError> {
    let (path, busy_timeout) = (path.clone(), config.busy_timeout);
    aside(move || {
        change(&path, busy_timeout, |connection| {
            let is_new = applied(connection)?.is_empty();
            let names = act(connection, migrations, Action::RunPending)?;
            if is_new && !names.is_empty() {
                fill(connection)?;
            }
            Ok(Migrated { names, is_new })
        })
    })
    .await
}

pub(super) async fn revert_all(
    migrations: Folder,
    path: &SqlitePath,
    config: &DatabaseConfig,
) -> Result<Vec<String>, MigrationError> {
    let (path, busy_timeout) = (path.clone(), config.busy_timeout);
    let revert = |connection: &mut SqliteConnection| act(connection, migrations, Action::RevertAll);
    aside(move || change(&path, busy_timeout, revert)).await
}

fn change<R>(
    path: &SqlitePath,
    busy_timeout: Duration,
    change: impl FnOnce(&mut SqliteConnection) -> Result<R, MigrationError>,
) -> Result<R, MigrationError> {
    create_directory(path)?;
    let mut connection = open(path, busy_timeout)?;
    // Kept aside: SQLite rolls back by itself when the disk is full, and Diesel would tell that
    // there was nothing left to roll back.
    let mut failure = None;
    let changed = connection.immediate_transaction(|connection| {
        change(connection).map_err(|error| {
            failure = Some(error);
            DieselError::RollbackTransaction
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(changed?),
    }
}

#[derive(diesel::QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

fn applied(connection: &mut SqliteConnection) -> Result<Vec<String>, MigrationError> {
    match diesel::sql_query(APPLIED).load::<Applied>(connection) {
        Ok(rows) => Ok(rows.into_iter().map(|row| row.version).collect()),
        Err(error) => match QueryError::of(&error) {
            QueryError::SchemaOutdated(_) => Ok(Vec::new()),
            _ => Err(error.into()),
        },
    }
}

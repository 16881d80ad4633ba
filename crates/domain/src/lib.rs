//! Users and their todo lists: the sample's tables, queries and migrations, on SQLite or PostgreSQL.
//!
//! [`MIGRATIONS`] bring the tables up to date, [`seed`] fills them with people, [`users`] and
//! [`todo_list_items`] hold the queries, one file per table, [`figures`] those over all of them, [`imports`]
//! adds many at once, [`bulk`] reads everyone, [`text`] says what a name may be. The way to the database is
//! `belvedere-diesel`'s, as for any application. No HTTP and no HTML live here, and SQL lives nowhere
//! else.
//!
//! ```no_run
//! use belvedere_diesel::Repo;
//! use domain::{MIGRATIONS, users};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = domain::database("sqlite://data/app.sqlite3".parse()?);
//! MIGRATIONS.run(&config).await?;
//! let repo = Repo::connect(&config).await?;
//!
//! let (repo, count) = repo.counted();
//! let table = users::list_with_todo_counts(&repo, 100).await?;
//! println!("{} users with {} query", table.len(), count.queries());
//! # Ok(())
//! # }
//! ```
//!
//! | Feature | Gives |
//! |---|---|
//! | `testing` | `domain::testing`: an own SQLite or PostgreSQL database per test |

mod id;
mod migrations;

pub mod bulk;
pub mod figures;
pub mod imports;
pub mod schema;
pub mod seed;
pub mod text;
pub mod todo_list_items;
pub mod users;

#[cfg(feature = "testing")]
pub mod testing;

pub use id::ParseIdError;
pub use imports::ImportId;
pub use migrations::MIGRATIONS;
pub use todo_list_items::TodoListItemId;
pub use users::UserId;

use belvedere_diesel::{DatabaseConfig, DatabaseUrl};

/// The settings of this application's database: the defaults, and the names of its tables.
#[must_use]
pub fn database(url: DatabaseUrl) -> DatabaseConfig {
    DatabaseConfig { tables: &schema::TABLES, ..DatabaseConfig::new(url) }
}

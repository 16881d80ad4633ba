//! People to look at on the first start, the same ones each time.

use belvedere_diesel::{QueryError, Repo};
use diesel::{QueryResult, RunQueryDsl as _, SqliteConnection};
use fake::Fake;
use fake::faker::lorem::en::Words;
use fake::faker::name::en::Name;
use fake::rand::rngs::StdRng;
use fake::rand::{RngExt, SeedableRng};

use crate::schema;
use crate::todo_list_items::{self, NewTodoListItem, TodoListItem};
use crate::users::{self, NewUser, User};

/// The seed of the random numbers; another value gives other people.
const SEED: u64 = 20_261_122;

/// Rows per statement on PostgreSQL, far below its 65,535 values at six values a row.
const ROWS_PER_STATEMENT: usize = 1_000;

/// Most items on one list.
const MAX_ITEMS: usize = 10;

/// Adds so many users with 0 to 10 items each, all of them or none.
///
/// Names, ages and tasks are the same on every call; only identifiers and times differ. Ask
/// [`users::is_empty`] first, for a second call adds the same people again.
///
/// # Errors
///
/// When a query fails.
pub async fn fill(repo: &Repo, n_users: usize) -> Result<(), QueryError> {
    let (user_rows, item_rows) = people(n_users);
    repo.transaction(async move |transaction| {
        for rows in user_rows.chunks(ROWS_PER_STATEMENT) {
            users::insert_all(transaction, rows).await?;
        }
        for rows in item_rows.chunks(ROWS_PER_STATEMENT) {
            todo_list_items::insert_all(transaction, rows).await?;
        }
        Ok(())
    })
    .await
}

/// The same into a SQLite file that is just being made, see
/// [`run_and_fill`](belvedere_diesel::Migrations::run_and_fill).
///
/// # Errors
///
/// When a statement fails.
pub fn fill_new(connection: &mut SqliteConnection, n_users: usize) -> QueryResult<()> {
    let (user_rows, item_rows) = people(n_users);
    for row in user_rows {
        diesel::insert_into(schema::users::table).values(row).execute(connection)?;
    }
    for row in item_rows {
        diesel::insert_into(schema::todo_list_items::table).values(row).execute(connection)?;
    }
    Ok(())
}

fn people(n_users: usize) -> (Vec<User>, Vec<TodoListItem>) {
    let mut random = StdRng::seed_from_u64(SEED);
    let mut user_rows = Vec::with_capacity(n_users);
    let mut item_rows = Vec::new();
    for _ in 0..n_users {
        let user = new_user(&mut random).into_row();
        for _ in 0..random.random_range(0..=MAX_ITEMS) {
            item_rows.push(new_item(&mut random, user.id).into_row());
        }
        user_rows.push(user);
    }
    (user_rows, item_rows)
}

fn new_user(random: &mut StdRng) -> NewUser {
    NewUser { name: Name().fake_with_rng(random), age: random.random_range(18..=90) }
}

fn new_item(random: &mut StdRng, user_id: users::UserId) -> NewTodoListItem {
    let words: Vec<String> = Words(2..5).fake_with_rng(random);
    NewTodoListItem { task: words.join(" "), completed: random.random_bool(0.5), user_id }
}

//! People to look at on the first start, the same ones each time.

use std::collections::HashSet;

use belvedere_diesel::{QueryError, Repo};
use diesel::{QueryDsl as _, QueryResult, RunQueryDsl as _, SqliteConnection};
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

/// Most items on one list.
const MAX_ITEMS: i64 = 10;

/// Adds so many users with 0 to 10 items each, all of them or none.
///
/// In an empty database names, ages and tasks are the same on every call; only identifiers and times
/// differ. Who has a name already keeps it: a second call adds other people.
///
/// # Errors
///
/// When a query fails.
pub async fn fill(repo: &Repo, n_users: usize) -> Result<(), QueryError> {
    repo.transaction(async move |transaction| {
        let taken = transaction.all(schema::users::table.select(schema::users::name)).await?;
        let (user_rows, item_rows) = people(n_users, taken);
        users::insert_all(transaction, &user_rows).await?;
        todo_list_items::insert_all(transaction, &item_rows).await
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
    let (user_rows, item_rows) = people(n_users, Vec::new());
    for row in user_rows {
        diesel::insert_into(schema::users::table).values(row).execute(connection)?;
    }
    for row in item_rows {
        diesel::insert_into(schema::todo_list_items::table).values(row).execute(connection)?;
    }
    Ok(())
}

fn people(n_users: usize, taken: Vec<String>) -> (Vec<User>, Vec<TodoListItem>) {
    let mut random = StdRng::seed_from_u64(SEED.wrapping_add(taken.len() as u64));
    let mut taken: HashSet<_> = taken.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut user_rows = Vec::with_capacity(n_users);
    let mut item_rows = Vec::new();
    for _ in 0..n_users {
        let user = new_user(&mut random, &mut taken).into_row();
        for position in 1..=random.random_range(0..=MAX_ITEMS) {
            item_rows.push(new_item(&mut random, user.id).into_row(position));
        }
        user_rows.push(user);
    }
    (user_rows, item_rows)
}

/// Somebody whose name is not taken; of the same name as others, the second is called `… 2`.
fn new_user(random: &mut StdRng, taken: &mut HashSet<String>) -> NewUser {
    let name: String = Name().fake_with_rng(random);
    let numbered = (2..).map(|number: u64| format!("{name} {number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let name = names.find(|name| taken.insert(name.to_ascii_lowercase()));
    let name = name.expect("there is always a higher number");
    NewUser { name, age: random.random_range(18..=90) }
}

fn new_item(random: &mut StdRng, user_id: users::UserId) -> NewTodoListItem {
    let words: Vec<String> = Words(2..5).fake_with_rng(random);
    NewTodoListItem { task: words.join(" "), completed: random.random_bool(0.5), user_id }
}

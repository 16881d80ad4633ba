//! People to look at on the first start, the same ones each time.

use fake::Fake;
use fake::faker::lorem::en::Words;
use fake::faker::name::en::Name;
use fake::rand::rngs::StdRng;
use fake::rand::{RngExt, SeedableRng};

use crate::repo::{QueryError, Repo};
use crate::todo_list_items::{self, NewTodoListItem};
use crate::users::{self, NewUser};

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

fn new_user(random: &mut StdRng) -> NewUser {
    NewUser { name: Name().fake_with_rng(random), age: random.random_range(18..=90) }
}

fn new_item(random: &mut StdRng, user_id: users::UserId) -> NewTodoListItem {
    let words: Vec<String> = Words(2..5).fake_with_rng(random);
    NewTodoListItem { task: words.join(" "), completed: random.random_bool(0.5), user_id }
}

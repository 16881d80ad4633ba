//! Everyone at once: rows as a file has them, and all of them read page by page.

use std::collections::{HashSet, VecDeque};

use belvedere_diesel::{Database, QueryError, Repo};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::UserId;
use crate::schema::{lower, todo_list_items as items, users};
use crate::todo_list_items::{MAX_ITEMS, TodoListItem};
use crate::users::User;

/// Most users that [`Everyone`] holds at a time.
const USERS_PAGE: usize = 500;

/// Most items that [`Everyone`] reads at a time: the longest list is there as a whole wherever it begins.
const ITEMS_PAGE: usize = 2 * MAX_ITEMS;

/// A user, and at most one item of the user's list. Who has several items has a row for each, one after the
/// other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Full name, not blank, at most [`MAX_NAME_CHARS`](crate::users::MAX_NAME_CHARS) long.
    pub name: String,
    /// Age in years, 0 to 150.
    pub age: i32,
    /// An item; none for whom nothing is to be done.
    pub item: Option<Item>,
}

/// An item of a [`Row`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What is to be done, not blank, at most [`MAX_TASK_CHARS`](crate::todo_list_items::MAX_TASK_CHARS) long.
    pub task: String,
    /// Whether it has been done.
    pub completed: bool,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Which of these names, in lower case for A to Z, users have already; the case of A to Z does not matter.
/// One query, however many names.
///
/// # Errors
///
/// When the query fails.
pub async fn taken(repo: &Repo, names: Vec<String>) -> Result<HashSet<String>, QueryError> {
    let name = lower(users::name);
    if repo.database() == Database::Postgres {
        let taken: Vec<String> =
            repo.all(users::table.filter(name.eq_any(names)).select(name)).await?;
        return Ok(taken.into_iter().collect());
    }
    // A statement of SQLite has 32,766 parameters at most.
    let taken = diesel::sql_query(
        "SELECT lower(name) AS name FROM users \
         WHERE lower(name) IN (SELECT value FROM json_each(?))",
    );
    let taken = taken.bind::<Text, _>(serde_json::Value::from(names).to_string());
    let taken: Vec<Taken> = repo.all(taken).await?;
    Ok(taken.into_iter().map(|taken| taken.name).collect())
}

/// Reads all users and their items page by page, in the order in which the users were added.
///
/// Each page is a query of its own, so what others change meanwhile may be in it or not. A list is read by one
/// query: nothing is in it twice, and nothing is left out because it was moved.
#[derive(Debug)]
pub struct Everyone {
    repo: Repo,
    /// Those of whom there is no row yet.
    users: VecDeque<User>,
    /// Before all others, until there is one.
    last_user: UserId,
}

impl Everyone {
    /// From the beginning.
    #[must_use]
    pub fn new(repo: Repo) -> Self {
        Self { repo, users: VecDeque::new(), last_user: UserId::NIL }
    }

    /// The next rows, at most 2,500; none when these were all. Two queries. A list that is longer than [`MAX_ITEMS`]
    /// comes as a whole too, and may take some more.
    ///
    /// # Errors
    ///
    /// When a query fails.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>, QueryError> {
        if self.users.is_empty() {
            let page = users::table.filter(users::id.gt(self.last_user)).order(users::id);
            let page: Vec<User> = self.repo.all(page.limit(USERS_PAGE as i64)).await?;
            self.users = page.into();
        }
        let (Some(first), Some(last)) = (self.users.front(), self.users.back()) else {
            return Ok(None);
        };
        self.last_user = last.id;
        let of_these = items::table.filter(items::user_id.between(first.id, last.id));
        let page = of_these.order((items::user_id, items::position, items::id));
        let mut limit = ITEMS_PAGE;
        loop {
            let mut items: Vec<TodoListItem> = self.repo.all(page.limit(limit as i64)).await?;
            let cut = items.last().filter(|_| items.len() == limit).map(|item| item.user_id);
            let Some(cut) = cut else {
                let users = self.users.drain(..);
                return Ok(Some(rows(users, items)));
            };
            // The last list may go on behind this page: it is read again, by one query.
            items.truncate(items.partition_point(|item| item.user_id < cut));
            if !items.is_empty() {
                let n_users = self.users.partition_point(|user| user.id < cut);
                return Ok(Some(rows(self.users.drain(..n_users), items)));
            }
            limit *= 2;
        }
    }
}

/// The rows of `users`, and of their items, which are in the order of users and lists.
fn rows(users: impl Iterator<Item = User>, items: Vec<TodoListItem>) -> Vec<Row> {
    let mut items = items.into_iter().peekable();
    let mut rows = Vec::new();
    for User { id, name, age, .. } in users {
        // Who was added or deleted between the two queries has items and is not here.
        while items.next_if(|item| item.user_id < id).is_some() {}
        let row = |item| Row { name: name.clone(), age, item };
        if items.peek().is_none_or(|item| item.user_id > id) {
            rows.push(row(None));
        }
        while let Some(TodoListItem { task, completed, .. }) =
            items.next_if(|item| item.user_id == id)
        {
            rows.push(row(Some(Item { task, completed })));
        }
    }
    rows
}

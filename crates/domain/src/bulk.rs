//! Everyone at once: rows as a file has them, and all of them read page by page.

use std::collections::{HashSet, VecDeque};

use belvedere_diesel::{Database, QueryError, Repo};
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::schema::{lower, todo_list_items as items, users};
use crate::todo_list_items::TodoListItem;
use crate::users::User;
use crate::{TodoListItemId, UserId};

/// Most users that [`Everyone`] holds at a time.
const USERS_PAGE: usize = 500;

/// Most items that [`Everyone`] holds at a time.
const ITEMS_PAGE: usize = 1_000;

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
/// Each page is a query of its own, so what others change meanwhile may be in it or not; nothing is in it
/// twice.
#[derive(Debug)]
pub struct Everyone {
    repo: Repo,
    /// Those who are not yet in a row, or not with all of their items.
    users: VecDeque<User>,
    /// Before all others, until there is one.
    last_user: UserId,
    last_item: (UserId, i64, TodoListItemId),
    /// Whether there is a row for the first of `users`.
    is_begun: bool,
}

impl Everyone {
    /// From the beginning.
    #[must_use]
    pub fn new(repo: Repo) -> Self {
        let (last_user, last_item) = (UserId::NIL, (UserId::NIL, i64::MIN, TodoListItemId::NIL));
        Self { repo, users: VecDeque::new(), last_user, last_item, is_begun: false }
    }

    /// The next rows, at most 1,500; none when these were all. Two queries.
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
        let (user, position, id) = self.last_item;
        let follows = items::position.eq(position).and(items::id.gt(id));
        let follows = items::user_id.eq(user).and(items::position.gt(position).or(follows));
        let page = items::table
            .filter(items::user_id.between(first.id, last.id))
            .filter(items::user_id.gt(user).or(follows))
            .order((items::user_id, items::position, items::id));
        let items: Vec<TodoListItem> = self.repo.all(page.limit(ITEMS_PAGE as i64)).await?;
        if let Some(item) = items.last() {
            self.last_item = (item.user_id, item.position, item.id);
        }
        Ok(Some(self.rows(items)))
    }

    /// The rows of those of whom all items are here, and of the next one as far as they are.
    fn rows(&mut self, items: Vec<TodoListItem>) -> Vec<Row> {
        let are_all = items.len() < ITEMS_PAGE;
        let mut items = items.into_iter().peekable();
        let mut rows = Vec::new();
        while let Some(user) = self.users.front() {
            let row = |item| Row { name: user.name.clone(), age: user.age, item };
            // What is before it belongs to somebody who was added or deleted between the two queries.
            while let Some(item) = items.next_if(|item| item.user_id <= user.id) {
                if item.user_id == user.id {
                    let TodoListItem { task, completed, .. } = item;
                    rows.push(row(Some(Item { task, completed })));
                    self.is_begun = true;
                }
            }
            if items.peek().is_none() && !are_all {
                break;
            }
            if !std::mem::take(&mut self.is_begun) {
                rows.push(row(None));
            }
            self.users.pop_front();
        }
        rows
    }
}

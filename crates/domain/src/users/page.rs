//! The users that one page of a table shows: searched, sorted, counted.

use belvedere_diesel::{QueryError, Repo};
use diesel::dsl::count;
use diesel::prelude::*;

use crate::schema::{lower, todo_list_items, users};
use crate::users::{MAX_NAME_CHARS, User};

/// Rows of a page.
pub const PAGE_ROWS: usize = 10;

/// What a table of users is sorted by; those who are equal in it are sorted by name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The name, in byte order but for the case of A to Z.
    #[default]
    Name,
    /// The age.
    Age,
    /// The number of items on the list.
    Todos,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The smallest first.
    #[default]
    Ascending,
    /// The largest first.
    Descending,
}

/// A page of users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The users, each with the number of items on the list; at most [`PAGE_ROWS`].
    pub rows: Vec<(User, i64)>,
    /// How many users were found, on all pages.
    pub total: i64,
    /// Which page this is, from 1.
    pub number: usize,
    /// How many pages there are, at least 1.
    pub n_pages: usize,
}

/// The users in whose names `search` is found, one page of them. Two queries.
///
/// Pages are counted from 1; a number that is none leads to the nearest page that there is. Of a
/// search the case does not matter for A to Z, which is what both databases can do. Other letters are
/// found as they were typed, all small, all capital, and with the first of each word capital: `émile`
/// finds Émile and ÉMILE.
///
/// # Errors
///
/// When a query fails.
pub async fn page(
    repo: &Repo,
    search: &str,
    sort: Sort,
    direction: Direction,
    number: usize,
) -> Result<Page, QueryError> {
    let patterns = patterns(search);
    let is_found = || {
        let [typed, small, capitalised, capital] = patterns.clone();
        let like = |pattern| lower(users::name).like(pattern).escape('\\');
        like(typed).or(like(small)).or(like(capitalised)).or(like(capital))
    };
    let total: i64 = repo.one(users::table.filter(is_found()).count()).await?;
    let n_pages = usize::try_from(total).unwrap_or_default().div_ceil(PAGE_ROWS).max(1);
    let number = number.clamp(1, n_pages);
    let n_before = (number - 1) * PAGE_ROWS;

    let (name, age, id) = (lower(users::name), users::age, users::id);
    let todos = count(todo_list_items::id.nullable());
    let query = users::table
        .left_join(todo_list_items::table)
        .filter(is_found())
        .group_by(id)
        .select((users::all_columns, todos))
        .limit(PAGE_ROWS as i64)
        .offset(n_before as i64);
    let rows = match (sort, direction) {
        (Sort::Name, Direction::Ascending) => repo.all(query.order((name, id))).await,
        (Sort::Name, Direction::Descending) => {
            repo.all(query.order((name.desc(), id.desc()))).await
        }
        (Sort::Age, Direction::Ascending) => repo.all(query.order((age, name, id))).await,
        (Sort::Age, Direction::Descending) => repo.all(query.order((age.desc(), name, id))).await,
        (Sort::Todos, Direction::Ascending) => repo.all(query.order((todos, name, id))).await,
        (Sort::Todos, Direction::Descending) => {
            repo.all(query.order((todos.desc(), name, id))).await
        }
    };
    Ok(Page { rows: rows?, total, number, n_pages })
}

/// What the names are compared with, A to Z in lower case.
fn patterns(search: &str) -> [String; 4] {
    // Of what is longer than any name, so much finds nothing either. PostgreSQL knows no NUL.
    let typed = search.trim().chars().filter(|letter| *letter != '\0').take(MAX_NAME_CHARS + 1);
    let typed: String = typed.collect();
    let small = typed.to_lowercase();
    let spellings = [typed.clone(), small.clone(), capitalised(&small), typed.to_uppercase()];
    spellings.map(|spelling| format!("%{}%", escaped(&spelling.to_ascii_lowercase())))
}

fn capitalised(small: &str) -> String {
    let mut is_in_word = false;
    let mut capitalised = String::with_capacity(small.len());
    for letter in small.chars() {
        match is_in_word {
            true => capitalised.push(letter),
            false => capitalised.extend(letter.to_uppercase()),
        }
        is_in_word = letter.is_alphanumeric();
    }
    capitalised
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

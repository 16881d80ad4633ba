//! The users that one page of a table shows: searched, sorted, counted.

use std::collections::HashMap;

use belvedere_diesel::{QueryError, Repo};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::schema::{lower, todo_list_items as items, users};
use crate::users::{MAX_NAME_CHARS, User, UserId};

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

/// The users in whose names `search` is found, one page of them. Three queries.
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
    let [typed, small, capitalised, capital] = patterns(search);
    let is_all = typed == "%%";
    let has_others = [&small, &capitalised, &capital].into_iter().any(|other| *other != typed);
    let is_found = || {
        let like = |pattern: &String| lower(users::name).like(pattern.clone()).escape('\\');
        // Comparing is what a search costs: nobody is compared with the same pattern four times.
        let others = like(&small).or(like(&capitalised)).or(like(&capital));
        let found = is_all.into_sql::<Bool>().or(like(&typed));
        found.or(has_others.into_sql::<Bool>().and(others))
    };
    let total: i64 = repo.one(users::table.filter(is_found()).count()).await?;
    let n_pages = usize::try_from(total).unwrap_or_default().div_ceil(PAGE_ROWS).max(1);
    let number = number.clamp(1, n_pages);
    let n_before = (number - 1) * PAGE_ROWS;

    let (name, age, id) = (lower(users::name), users::age, users::id);
    let query = users::table.filter(is_found()).limit(PAGE_ROWS as i64).offset(n_before as i64);
    let users: Vec<User> = match (sort, direction) {
        (Sort::Name, Direction::Ascending) => repo.all(query.order((name, id))).await,
        (Sort::Name, Direction::Descending) => {
            repo.all(query.order((name.desc(), id.desc()))).await
        }
        (Sort::Age, Direction::Ascending) => repo.all(query.order((age, name, id))).await,
        (Sort::Age, Direction::Descending) => repo.all(query.order((age.desc(), name, id))).await,
        (Sort::Todos, Direction::Ascending) => repo.all(query.order((n_items(), name, id))).await,
        (Sort::Todos, Direction::Descending) => {
            repo.all(query.order((n_items().desc(), name, id))).await
        }
    }?;
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    let counts = items::table.filter(items::user_id.eq_any(ids)).group_by(items::user_id);
    let counts = repo.all(counts.select((items::user_id, count_star()))).await?;
    let counts: HashMap<UserId, i64> = counts.into_iter().collect();
    let with_count = |user: User| {
        let n_items = counts.get(&user.id).copied().unwrap_or_default();
        (user, n_items)
    };
    let rows = users.into_iter().map(with_count).collect();
    Ok(Page { rows, total, number, n_pages })
}

/// How many items a user has.
#[diesel::dsl::auto_type]
fn n_items() -> _ {
    let own = items::table.filter(items::user_id.eq(users::id));
    own.count().single_value().assume_not_null()
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

//! Figures over all people and their todo lists, each one query.

use belvedere_diesel::{QueryError, Repo};
use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use crate::UserId;
use crate::schema::{todo_list_items, users};

/// How many items there are, done and not done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Items {
    /// Items that are done.
    pub n_done: i64,
    /// Items that are not.
    pub n_open: i64,
}

/// All items, by whether they are done.
///
/// # Errors
///
/// When the query fails.
pub async fn items(repo: &Repo) -> Result<Items, QueryError> {
    let by_state = todo_list_items::table.group_by(todo_list_items::completed);
    let by_state = by_state.select((todo_list_items::completed, count_star()));
    let by_state: Vec<(bool, i64)> = repo.all(by_state).await?;
    let of = |state| by_state.iter().find(|(own, _)| *own == state).map_or(0, |(_, n)| *n);
    Ok(Items { n_done: of(true), n_open: of(false) })
}

/// How many people there are of each decade of age, the youngest first: of 0 to 9 years at 0, of 10 to 19
/// at 1. Decades of nobody are there too, up to that of the oldest.
///
/// # Errors
///
/// When the query fails.
pub async fn people_by_decade(repo: &Repo) -> Result<Vec<i64>, QueryError> {
    let by_age = users::table.group_by(users::age).select((users::age, count_star()));
    let by_age: Vec<(i32, i64)> = repo.all(by_age).await?;
    let mut decades = Vec::new();
    for (age, n_people) in by_age {
        let decade = usize::try_from(age / 10).unwrap_or_default();
        decades.resize(decades.len().max(decade + 1), 0);
        decades[decade] += n_people;
    }
    Ok(decades)
}

/// Somebody with things to do.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Busy {
    /// Who.
    pub id: UserId,
    /// Full name.
    pub name: String,
    /// Items that are not done, one at least.
    pub n_open: i64,
}

/// Those with the most items that are not done, at most `n_people`, of equals in the order of their names.
///
/// # Errors
///
/// When the query fails.
pub async fn busiest(repo: &Repo, n_people: u32) -> Result<Vec<Busy>, QueryError> {
    let n_open = count(todo_list_items::id);
    let open = users::table.inner_join(todo_list_items::table);
    let open = open.filter(todo_list_items::completed.eq(false)).group_by((users::id, users::name));
    let open = open.select((users::id, users::name, n_open)).order((n_open.desc(), users::name));
    repo.all(open.limit(n_people.into())).await
}

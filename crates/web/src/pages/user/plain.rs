//! The forms of `/users/{id}` as plain `POST`s: what a browser without JavaScript sends.

use axum::extract::State;
use axum::response::Redirect;
use belvedere::{FormData, LiveForm, PubSub};
use belvedere_diesel::{QueryError, Repo};
use domain::UserId;
use domain::todo_list_items::{self, AddError};
use http::StatusCode;

use crate::{busy, changes};

use super::{Asked, ItemsPath, Task, UserPath, act, add, rename, rename_of};

/// `POST` of the page's forms for a text, where there is no JavaScript.
///
/// # Errors
///
/// 422 for a text that does not do or a list that is full, 404 when the person is gone.
pub async fn save(
    State(repo): State<Repo>,
    State(pub_sub): State<PubSub>,
    at: UserPath,
    data: FormData<Task>,
) -> Result<Redirect, StatusCode> {
    let name = at.edit.map_or_else(|| "new".to_owned(), rename_of);
    let task = LiveForm::new(name).submit(data).ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    let saved = match at.edit {
        Some(item) => rename(&repo, at.id, item, task).await,
        None => match add(&repo, at.id, task).await {
            Ok(()) => Ok(()),
            Err(AddError::Full) => return Err(StatusCode::UNPROCESSABLE_ENTITY),
            Err(AddError::Query(error)) => Err(error),
        },
    };
    answer(&pub_sub, at.id, saved)
}

/// `POST` of a row's buttons, where there is no JavaScript.
///
/// # Errors
///
/// 422 for what is no act, 404 when the person is gone.
pub async fn act_on(
    State(repo): State<Repo>,
    State(pub_sub): State<PubSub>,
    ItemsPath { id }: ItemsPath,
    data: FormData<Asked>,
) -> Result<Redirect, StatusCode> {
    let asked = LiveForm::new("row").submit(data).ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    let done = match todo_list_items::list_of_user(&repo, id).await {
        Ok(items) => act(&repo, id, &items, asked).await.map(drop),
        Err(error) => Err(error),
    };
    answer(&pub_sub, id, done)
}

/// Back to the page, which shows what the list is now, also after an item that is gone.
fn answer(
    pub_sub: &PubSub,
    id: UserId,
    done: Result<(), QueryError>,
) -> Result<Redirect, StatusCode> {
    if done.is_ok() {
        changes::tell(pub_sub, id);
    }
    match done {
        Ok(()) | Err(QueryError::NotFound) => {
            Ok(Redirect::to(&UserPath { id, edit: None }.to_string()))
        }
        Err(QueryError::CheckViolation(_)) => Err(StatusCode::UNPROCESSABLE_ENTITY),
        Err(QueryError::ForeignKeyViolation(_)) => Err(StatusCode::NOT_FOUND),
        Err(error) => Err(busy::status(&error, "a todo list was not changed")),
    }
}

//! The forms of `/users` as plain `POST`s: what a browser without JavaScript sends.

use axum::extract::State;
use axum::response::Redirect;
use belvedere::{FormData, LiveForm, LivePath as _, PubSub};
use belvedere_diesel::{QueryError, Repo};
use domain::users;
use http::StatusCode;

use crate::{busy, changes};

use super::{DeletePath, Deletion, List, Person, UsersUrl};

/// `POST` of the dialog's form.
///
/// # Errors
///
/// 422 for what does not do or is taken, 404 when the user is gone.
pub async fn save(
    State(repo): State<Repo>,
    State(pub_sub): State<PubSub>,
    at: UsersUrl,
    data: FormData<Person>,
) -> Result<Redirect, StatusCode> {
    let person = LiveForm::new("user").submit(data).ok_or(StatusCode::UNPROCESSABLE_ENTITY)?;
    let id = super::save(&repo, at.dialog, person).await.map_err(status)?;
    changes::tell(&pub_sub, id);
    Ok(Redirect::to(&at.closed().to_string()))
}

/// `POST` of a row's button. Whom it deletes stands in the path; the form is taken as one, since that
/// refuses what a page of another site sends.
///
/// # Errors
///
/// 404 when the user is gone.
pub async fn delete(
    State(repo): State<Repo>,
    State(pub_sub): State<PubSub>,
    DeletePath { id }: DeletePath,
    _: FormData<Deletion>,
) -> Result<Redirect, StatusCode> {
    users::delete(&repo, id).await.map_err(status)?;
    changes::tell(&pub_sub, id);
    Ok(Redirect::to(List::ROUTE))
}

fn status(error: QueryError) -> StatusCode {
    match error {
        QueryError::NotFound => StatusCode::NOT_FOUND,
        QueryError::CheckViolation(_) | QueryError::UniqueViolation(_) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        error => busy::status(&error, "a user was not changed"),
    }
}

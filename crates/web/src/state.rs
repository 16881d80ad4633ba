//! What every request and every live view is given.

use axum::extract::FromRef;
use domain::Repo;

/// The application's state: cheap to clone, shared by all.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub repo: Repo,
}

impl FromRef<AppState> for Repo {
    fn from_ref(state: &AppState) -> Self {
        state.repo.clone()
    }
}

//! What every request and every live view is given.

use axum::extract::FromRef;
use domain::Repo;

use crate::inspector::Inspector;

/// The application's state: cheap to clone, shared by all.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub repo: Repo,
    /// The look into the running application.
    pub inspector: Inspector,
}

impl FromRef<AppState> for Repo {
    fn from_ref(state: &AppState) -> Self {
        state.repo.clone()
    }
}

impl FromRef<AppState> for Inspector {
    fn from_ref(state: &AppState) -> Self {
        state.inspector.clone()
    }
}

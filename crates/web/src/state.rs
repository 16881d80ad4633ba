//! What every request and every live view is given.

use axum::extract::FromRef;
use belvedere::PubSub;
use belvedere_diesel::Repo;

use crate::layout::Menu;
use crate::writes::Writes;

/// The application's state: cheap to clone, shared by all.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub repo: Repo,
    /// Carries to pages what others do.
    pub pub_sub: PubSub,
    /// The pages that are offered.
    pub menu: Menu,
    /// Whether the database may be changed.
    pub writes: Writes,
}

impl FromRef<AppState> for Repo {
    fn from_ref(state: &AppState) -> Self {
        state.repo.clone()
    }
}

impl FromRef<AppState> for PubSub {
    fn from_ref(state: &AppState) -> Self {
        state.pub_sub.clone()
    }
}

impl FromRef<AppState> for Menu {
    fn from_ref(state: &AppState) -> Self {
        state.menu
    }
}

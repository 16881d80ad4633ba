//! What every request and every live view is given.

use axum::extract::FromRef;
use belvedere::PubSub;
use belvedere_diesel::Repo;

use crate::imports::Imports;
use crate::layout::Menu;
use crate::writes::Writes;

/// The application's state: cheap to clone, shared by all.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The database.
    pub repo: Repo,
    /// Carries to pages what others do.
    pub pub_sub: PubSub,
    /// What is being imported.
    pub imports: Imports,
    /// The pages that are offered.
    pub menu: Menu,
    /// Whether the database may be changed.
    pub writes: Writes,
}

impl AppState {
    /// The state of an application on this database.
    #[must_use]
    pub fn new(repo: Repo, pub_sub: PubSub, menu: Menu, writes: Writes) -> Self {
        let imports = Imports::new(repo.clone(), pub_sub.clone());
        Self { repo, pub_sub, imports, menu, writes }
    }
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

impl FromRef<AppState> for Imports {
    fn from_ref(state: &AppState) -> Self {
        state.imports.clone()
    }
}

impl FromRef<AppState> for Menu {
    fn from_ref(state: &AppState) -> Self {
        state.menu
    }
}

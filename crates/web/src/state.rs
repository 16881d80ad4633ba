//! What every request and every live view is given.

use axum::extract::FromRef;
use belvedere::PubSub;
use belvedere::http::ClientAddress;
use belvedere_diesel::Repo;

use crate::imports::Imports;
use crate::layout::Menu;
use crate::pages::users::export::Exports;
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
    /// What is being exported.
    pub exports: Exports,
    /// Where the addresses of visitors stand.
    pub client_address: ClientAddress,
    /// The pages that are offered.
    pub menu: Menu,
    /// Whether the database may be changed.
    pub writes: Writes,
}

impl AppState {
    /// The state of an application on this database.
    #[must_use]
    pub fn new(
        repo: Repo,
        pub_sub: PubSub,
        client_address: ClientAddress,
        menu: Menu,
        writes: Writes,
    ) -> Self {
        let imports = Imports::new(repo.clone(), pub_sub.clone());
        let exports = Exports::default();
        Self { repo, pub_sub, imports, exports, client_address, menu, writes }
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

impl FromRef<AppState> for Exports {
    fn from_ref(state: &AppState) -> Self {
        state.exports.clone()
    }
}

impl FromRef<AppState> for ClientAddress {
    fn from_ref(state: &AppState) -> Self {
        state.client_address.clone()
    }
}

impl FromRef<AppState> for Menu {
    fn from_ref(state: &AppState) -> Self {
        state.menu
    }
}

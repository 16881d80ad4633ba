//! The guide's program after each chapter, as its reader has it, the reference's templates, and the
//! starter.

/// `page()`: the desk of the program around it, with a ticket of each of three people.
macro_rules! desk_with_three_people {
    () => {
        use axum::Router;
        use belvedere::testing::{TestApp, TestPage};
        use belvedere::{LiveRuntime, SecretKeyBase};
        use belvedere_diesel::DatabaseConfig;
        use belvedere_diesel::testing::TestDatabase;
        use belvedere_telemetry::testing::recorder;

        use super::board::{Board, MIGRATIONS};
        use super::{app, config};

        async fn page() -> (TestPage, TestDatabase) {
            recorder();
            let database = TestDatabase::sqlite(MIGRATIONS, DatabaseConfig::new).await;
            let board = Board::new(database.repo.clone());
            for name in ["Ann", "Bob", "Cleo"] {
                board.open("No coffee".to_owned(), name.to_owned()).await.expect("opened");
            }
            let live = LiveRuntime::new(config(SecretKeyBase::random()));
            let app = TestApp::new(&live, app(&live, Router::new(), board));
            let form = app.get("/sign-in").await;
            let token = form.attribute("[name=csrf_token]", "value").expect("a token");
            let fields = [("csrf_token", &*token), ("name", "Ann"), ("password", "team")];
            app.post("/sign-in", &fields).await;
            (app.get("/").await, database)
        }
    };
}

mod attributes;
mod guide;
mod object_store;
mod programs;
mod starter;

//! `/users/import`: what is wrong with a file is said before anything is saved, and all of it is saved or
//! nothing, on both databases.

use std::time::{Duration, Instant};

use belvedere::pub_sub::Subscription;
use belvedere::testing::{TestApp, TestFile, TestView};
use belvedere::{Heard, PubSub};
use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{Database, DatabaseConfig, QueryError, Repo};
use diesel::sql_query;
use domain::users::{self, NewUser};
use tokio::sync::oneshot;
use web::imports::{IMPORTS, Import};

use crate::app::App;

mod report;
mod saving;
mod shares;
mod shown;

/// A server, and what it says to others.
struct Server {
    app: App,
    pub_sub: PubSub,
    imports: Subscription<Import>,
}

impl Server {
    fn new(repo: &Repo) -> Self {
        Self::among(repo, PubSub::new())
    }

    fn among(repo: &Repo, pub_sub: PubSub) -> Self {
        let imports = pub_sub.subscribe(&IMPORTS);
        Self { app: App::among_others(repo.clone(), pub_sub.clone()), pub_sub, imports }
    }

    /// One that waits for its database as long as a test [holds it](hold).
    async fn patient(database: &TestDatabase, pub_sub: PubSub) -> Self {
        let [no_limit, long] = [Duration::ZERO, Duration::from_secs(3_600)];
        let config = DatabaseConfig {
            wait_timeout: long,
            busy_timeout: long,
            statement_timeout: no_limit,
            answer_timeout: no_limit,
            ..database.config.clone()
        };
        Self::among(&Repo::connect(&config).await.expect("connections"), pub_sub)
    }

    /// Waits until the first rows of the import are saved.
    async fn begun(&mut self) -> Import {
        loop {
            let Heard::Message(import) = self.imports.next().await else { continue };
            assert!(import.is_under_way(), "{import:?}");
            if import.n_done > 0 {
                return import;
            }
        }
    }

    /// Waits until the import is over, and says how it has ended.
    async fn ended(&mut self) -> Import {
        loop {
            if let Some(import) = self.app.imports.last().filter(|last| !last.is_under_way()) {
                return import;
            }
            self.imports.next().await;
        }
    }
}

/// Lets no import read a line, until what it returns is dropped.
async fn hold(repo: &Repo) -> oneshot::Sender<()> {
    let (hold, let_go) = oneshot::channel();
    let (held, is_held) = oneshot::channel();
    let repo = repo.clone();
    tokio::spawn(async move {
        repo.transaction(async |transaction| {
            // A transaction alone is all that SQLite needs: no other one writes meanwhile.
            if repo.database() == Database::Postgres {
                transaction.run(sql_query("LOCK TABLE import_lines")).await?;
            }
            let _ = held.send(());
            let _ = let_go.await;
            Ok::<_, QueryError>(())
        })
        .await
    });
    is_held.await.expect("held");
    hold
}

async fn open(app: &TestApp) -> TestView {
    app.get("/users/import").await.join().await
}

/// Chooses a file and waits for what is said of it.
async fn choose(page: &mut TestView, bytes: impl Into<Vec<u8>>) {
    let file = TestFile::new("people.csv", bytes);
    page.form("#import").choose_files("CSV file", [file]).await;
    page.settle().await;
}

/// Waits until a page shows an import that stands so.
async fn shows(page: &mut TestView, state: &str) {
    shows_at(page, &format!(".import[data-state='{state}']")).await;
}

/// Waits until a page shows something at `selector`. A task that is no view's is nothing that settles.
async fn shows_at(page: &mut TestView, selector: &str) {
    let limit = Instant::now() + Duration::from_secs(60);
    while page.texts(selector).is_empty() {
        assert!(limit > Instant::now(), "no {selector}: {:?}", page.texts(".import"));
        tokio::task::yield_now().await;
        page.settle().await;
    }
}

/// Lines, columns and reasons.
fn problems(page: &TestView) -> Vec<String> {
    let cells = page.texts("#problems td");
    cells.chunks(3).map(|row| row.join(" | ")).collect()
}

async fn add(repo: &Repo, name: &str) {
    users::insert(repo, NewUser { name: name.into(), age: 7 }).await.expect("added");
}

async fn names(repo: &Repo) -> Vec<String> {
    users::list(repo, 9_999).await.expect("a list").into_iter().map(|user| user.name).collect()
}

/// A file of so many users.
fn many(n_users: usize) -> String {
    let lines = (0..n_users).map(|n| format!("User {n},{},Task {n},{}\n", n % 100, n % 2 == 0));
    std::iter::once("name,age,task,completed\n".to_owned()).chain(lines).collect()
}

//! `/users/import`: what is wrong with a file is said before anything is saved, and all of it is saved or
//! nothing, on both databases.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use belvedere::pub_sub::Subscription;
use belvedere::testing::{TestApp, TestFile, TestView};
use belvedere::{Heard, PubSub};
use belvedere_diesel::Repo;
use domain::users::{self, NewUser};
use tempfile::TempDir;
use web::imports::{IMPORTS, Import, State};

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
    uploads: TempDir,
}

impl Server {
    fn new(repo: &Repo) -> Self {
        Self::among(repo, PubSub::new())
    }

    fn among(repo: &Repo, pub_sub: PubSub) -> Self {
        let uploads = tempfile::tempdir().expect("a folder");
        let imports = pub_sub.subscribe(&IMPORTS);
        let app = App::with_uploads_in(uploads.path(), repo.clone(), pub_sub.clone());
        Self { app, pub_sub, imports, uploads }
    }

    /// Half of the only file that was chosen is on its way again: an import of it stands in the middle, until what this
    /// returns is dropped.
    fn hold(&self) -> mpsc::Sender<()> {
        let path = self.uploaded();
        let bytes = fs::read(&path).expect("a file");
        fs::remove_file(&path).expect("removed");
        let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo");
        assert!(made.success());
        let (hold, let_go) = mpsc::channel();
        thread::spawn(move || {
            let (first, rest) = bytes.split_at(bytes.len() / 2);
            // Opened once somebody reads it.
            let mut pipe = File::options().write(true).open(path)?;
            pipe.write_all(first)?;
            let _ = let_go.recv();
            pipe.write_all(rest)
        });
        hold
    }

    fn uploaded(&self) -> PathBuf {
        let within = |folder| {
            let entries = fs::read_dir(folder).expect("a folder");
            entries.map(|entry| entry.expect("an entry").path())
        };
        let mut files = within(self.uploads.path().to_owned()).flat_map(within);
        files.find(|path| !path.ends_with("lock")).expect("a file")
    }

    /// Waits until the first rows of the import are saved.
    async fn begun(&mut self) -> Import {
        self.under_way(|import| import.n_done > 0).await
    }

    /// Waits until the import is to end.
    async fn stops(&mut self) -> Import {
        self.under_way(|import| import.state == State::Stops).await
    }

    /// Waits until an import that is under way stands so.
    async fn under_way(&mut self, is_so: impl Fn(&Import) -> bool) -> Import {
        loop {
            let Heard::Message(import) = self.imports.next().await else { continue };
            assert!(import.is_under_way(), "{import:?}");
            if is_so(&import) {
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

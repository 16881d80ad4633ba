//! A server that is killed while visitors write: what they were answered is there, and nothing half of it.

use std::collections::HashSet;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use belvedere_diesel::Repo;
use belvedere_diesel::testing::TestDatabase;
use domain::{testing, users};

use super::process::Server;

/// How often the server is killed.
const KILLS: usize = 4;

/// Visitors who write at once.
const VISITORS: usize = 3;

/// What they are answered before the server is killed.
const ANSWERS: usize = 6;

/// Kills a server again and again; the names that it has answered to have saved.
fn kill_while_visitors_write(folder: &Path, settings: &[(&str, &str)]) -> Vec<String> {
    let mut answered = Vec::new();
    for round in 0..KILLS {
        let server = Server::start(folder, settings);
        let (says, said) = mpsc::channel();
        let visitors = (0..VISITORS).map(|number| {
            let (says, mut visitor) = (says.clone(), server.visitor());
            thread::spawn(move || {
                for nth in 0.. {
                    let name = format!("Saved {round} {number} {nth}");
                    let form = format!("user[name]={}&user[age]=40", name.replace(' ', "+"));
                    match visitor.post("/users/new", &form) {
                        Ok(answer) => {
                            assert_eq!(answer.status, 303, "{}", answer.text);
                            says.send(name).expect("the test listens");
                        }
                        Err(_) => return,
                    }
                }
            })
        });
        let visitors: Vec<_> = visitors.collect();
        drop(says);
        answered.extend(said.iter().take(ANSWERS));
        server.kill();
        visitors.into_iter().for_each(|visitor| visitor.join().expect("no panic"));
        answered.extend(said);
    }
    answered
}

/// All that was answered is there, whole, for the next server, too.
async fn check(folder: &Path, settings: &[(&str, &str)], repo: &Repo, answered: &[String]) {
    let saved = users::list(repo, 9_999).await.expect("the users");
    assert!(saved.iter().filter(|user| user.name.starts_with("Saved")).all(|user| user.age == 40));
    let names: HashSet<_> = saved.into_iter().map(|user| user.name).collect();
    let lost: Vec<_> = answered.iter().filter(|name| !names.contains(*name)).collect();
    assert!(answered.len() >= KILLS * ANSWERS && lost.is_empty(), "{lost:?}");
    let server = Server::start(folder, settings);
    assert_eq!(server.visitor().page("/users?q=Saved").status, 200);
}

#[derive(diesel::QueryableByName)]
struct Integrity {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_has_answered_is_in_sqlite() {
    let folder = tempfile::tempdir().expect("a folder");
    let answered = kill_while_visitors_write(folder.path(), &[]);
    let url = format!("sqlite://{}/data/belvedere.sqlite3", folder.path().display());
    let config = domain::database(url.parse().expect("a URL"));
    let repo = Repo::connect(&config).await.expect("the file opens");
    let whole: Vec<Integrity> =
        repo.all(diesel::sql_query("PRAGMA integrity_check")).await.expect("it can be checked");
    assert_eq!(whole[0].integrity_check, "ok");
    check(folder.path(), &[], &repo, &answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_has_answered_is_in_postgresql() {
    let test = "what_a_killed_server_has_answered_is_in_postgresql";
    let Some(database) = testing::postgres(test).await else { return };
    let TestDatabase { repo, url, .. } = &database;
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DATABASE_URL", &**url)];
    let answered = kill_while_visitors_write(folder.path(), &settings);
    check(folder.path(), &settings, repo, &answered).await;
    database.close().await;
}

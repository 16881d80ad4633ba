//! A database in which others write, or whose connections others have: whoever asks is told to come again.

use std::time::Duration;

use belvedere_diesel::{DatabaseConfig, QueryError, Repo};
use domain::users::{self, NewUser};
use domain::{testing, todo_list_items};
use http::{StatusCode, header};
use tokio::sync::oneshot;

use crate::app::App;

#[tokio::test(flavor = "multi_thread")]
async fn who_posts_while_somebody_else_writes_is_told_to_come_again() {
    let database = testing::sqlite().await;
    let ann = NewUser { name: "Ann".into(), age: 40 };
    let ann = users::insert(&database.repo, ann).await.expect("added").id;
    let posts = [
        ("/users/new".to_owned(), vec![("user[name]", "Bob"), ("user[age]", "7")]),
        (format!("/users/{ann}/edit"), vec![("user[name]", "Anna"), ("user[age]", "7")]),
        (format!("/users/{ann}/delete"), vec![]),
        (format!("/users/{ann}"), vec![("new[task]", "Write")]),
    ];
    let at_once = Duration::from_millis(1);
    let hasty = DatabaseConfig { busy_timeout: at_once, ..database.config.clone() };
    let app = App::new(Repo::connect(&hasty).await.expect("connected")).visitor();
    let (writes, written) = oneshot::channel();
    let (ends, ended) = oneshot::channel();
    let import = database.repo.transaction(async move |transaction| {
        transaction.run(diesel::sql_query("UPDATE users SET age = 41")).await?;
        writes.send(()).expect("the test waits");
        ended.await.expect("the test says so");
        Ok::<_, QueryError>(())
    });
    let meanwhile = async {
        written.await.expect("the import writes");
        for (path, fields) in &posts {
            let refused = app.post(path, fields).await;
            assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
            assert_eq!(refused.headers[header::RETRY_AFTER], "5", "{path}");
            assert_eq!(refused.text("h1"), "Busy just now", "{path}");
        }
        ends.send(()).expect("the import waits");
    };
    let (import, ()) = tokio::join!(import, meanwhile);
    import.expect("committed");
    assert_eq!(todo_list_items::count(&database.repo).await.expect("a count"), 0);
    let (path, fields) = &posts[0];
    assert!(app.post(path, fields).await.status.is_redirection(), "the next one is saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_while_others_have_all_connections_is_told_to_come_again() {
    testing::on_each_database("others_have_all_connections", async |database| {
        let ann = NewUser { name: "Ann".into(), age: 40 };
        let ann = users::insert(&database.repo, ann).await.expect("added").id;
        let at_once = Duration::from_millis(1);
        let (max_connections, wait_timeout) = (1, at_once);
        let config = DatabaseConfig { max_connections, wait_timeout, ..database.config.clone() };
        let repo = Repo::connect(&config).await.expect("connected");
        let app = App::new(repo.clone()).visitor();
        let mut open = app.get("/users").await.join().await;
        let (takes, taken) = oneshot::channel();
        let (ends, ended) = oneshot::channel();
        let other = repo.transaction(async move |_| {
            takes.send(()).expect("the test waits");
            ended.await.expect("the test says so");
            Ok::<_, QueryError>(())
        });
        let meanwhile = async {
            taken.await.expect("it is taken");
            let edit = format!("/users/{ann}/edit");
            let list = format!("/users/{ann}");
            let pages = ["/users", &edit, &list, "/users-fast", "/users-slow", "/users/export.csv"];
            for path in pages {
                let refused = app.get(path).await;
                assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
                assert_eq!(refused.headers[header::RETRY_AFTER], "5", "{path}");
                assert_eq!(refused.text("h1"), "Busy just now", "{path}");
            }
            let mut dashboard = app.get("/dashboard").await.join().await;
            dashboard.settle().await;
            let words = "The server is busy just now. Refresh in a moment.";
            assert_eq!(dashboard.texts(".part .failed"), [words; 3]);
            open.form(&format!("#delete-{ann}")).submit().await;
            let words = "The server is busy just now. Please try again in a moment.";
            assert_eq!(open.text("#flash .flash"), words);
            ends.send(()).expect("it is held");
        };
        let (other, ()) = tokio::join!(other, meanwhile);
        other.expect("committed");
        assert_eq!(app.get("/users").await.texts("#users tbody th"), ["Ann"]);
    })
    .await;
}

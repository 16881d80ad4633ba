//! A database in which others write, or whose connections others have: plain forms are told to come again.

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

//! `READ_ONLY`: whatever would change the database is refused in words, and what was typed stays.

use belvedere::testing::{TestFile, TestView};
use belvedere_diesel::Repo;
use domain::todo_list_items::{self, NewTodoListItem};
use domain::users::{self, NewUser};
use domain::{UserId, testing};
use http::StatusCode;
use serde_json::json;

use crate::app::App;

const REFUSED: &str = "This server takes no changes.";

async fn ann(repo: &Repo) -> UserId {
    users::insert(repo, NewUser { name: "Ann".into(), age: 40 }).await.expect("added").id
}

/// The page has said that it takes no changes; takes that away, so that the next time is seen.
async fn is_refused(page: &mut TestView, act: &str) {
    assert_eq!(page.text("#flash .flash"), REFUSED, "{act}");
    page.click("#flash .flash").await;
    assert!(page.texts("#flash .flash").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_users_are_shown_and_stay_as_they_are() {
    let database = testing::sqlite().await;
    let ann = ann(&database.repo).await;
    let app = App::read_only(database.repo.clone()).visitor();
    let mut page = app.get("/users").await.join().await;
    page.change("#search", "q", &[("q", "a")]).await;
    page.click(&format!("#edit-{ann}")).await;
    page.form("#user--form").fill("Age", "x").await;
    assert!(page.texts("#flash .flash").is_empty(), "one may look, search and open a dialog");

    page.form("#user--form").fill("Age", "41").await;
    page.form("#user--form").submit().await;
    assert_eq!(page.text("#flash"), "This server takes no changes.");
    page.click("#person-close").await;
    let id = ann.to_string();
    page.submit(&format!("#delete-{id}"), &[("user", &id)]).await;
    assert_eq!(page.text("#flash"), "This server takes no changes.");
    let fields = [("user[name]", "Eve"), ("user[age]", "20")];
    for path in ["/users/new", &format!("/users/{ann}/delete")] {
        let refused = app.post(path, &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text(".lead").contains("takes no changes"));
    }
    let users = users::list(&database.repo, 9_999).await.expect("the users");
    assert_eq!((users.len(), users[0].age), (1, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_todo_list_is_shown_and_stays_as_it_is() {
    let database = testing::sqlite().await;
    let repo = &database.repo;
    let ann = ann(repo).await;
    let mut items = Vec::new();
    for task in ["Write", "Test", "Rest"] {
        let item = NewTodoListItem { task: task.into(), completed: false, user_id: ann };
        items.push(todo_list_items::insert(repo, item).await.expect("added"));
    }
    let app = App::read_only(repo.clone()).visitor();
    let here = format!("/users/{ann}");
    let mut page = app.get(&here).await.join().await;

    page.form("#new--form").fill("What is to be done?", "Dance").await;
    page.form("#new--form").submit().await;
    is_refused(&mut page, "add").await;
    assert_eq!(page.attribute("#new_task", "value").as_deref(), Some("Dance"));

    let (second, edit) = (items[1].id, format!("{here}?edit={}", items[1].id));
    page.click(&format!("#edit-{second}")).await;
    let renaming = "#items form[phx-submit=rename]";
    page.form(renaming).fill("What is to be done?", "Test well").await;
    page.form(renaming).submit().await;
    is_refused(&mut page, "rename").await;
    assert_eq!(page.path(), edit);
    assert_eq!(page.form(renaming).value("What is to be done?"), "Test well");

    for act in ["complete", "up", "down", "delete"] {
        let row = format!("#item-{second} form:first-of-type");
        page.form(&row).press(&format!("row[act]={act}")).await;
        is_refused(&mut page, act).await;
    }
    page.send_event("hook", "put", json!({ "item": second, "before": null }), None).await;
    let answer = page.replies().last().expect("an answer");
    assert_eq!(
        answer["response"]["diff"]["r"],
        json!(null),
        "the row that was dragged is put back"
    );
    is_refused(&mut page, "put").await;
    page.send_event("click", "undo", json!({}), None).await;
    is_refused(&mut page, "undo").await;
    assert_eq!(page.attribute("#new_task", "value").as_deref(), Some("Dance"));

    let (item, renamed) = (second.to_string(), format!("rename-{second}[task]"));
    let (acts, done) =
        (format!("{here}/items"), |act| vec![("row[item]", &*item), ("row[act]", act)]);
    for (path, fields) in [
        (&here, vec![("new[task]", "Dance")]),
        (&edit, vec![(&*renamed, "Test well")]),
        (&acts, done("complete")),
        (&acts, done("up")),
        (&acts, done("delete")),
    ] {
        let refused = app.post(path, &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
        assert!(refused.text(".lead").contains("takes no changes"), "{path}");
    }
    let list = todo_list_items::list_of_user(repo, ann).await.expect("the list");
    assert_eq!(list, items);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_imported_and_all_of_it_can_be_exported() {
    let database = testing::sqlite().await;
    ann(&database.repo).await;
    let app = App::read_only(database.repo.clone()).visitor();
    let mut page = app.get("/users/import").await.join().await;
    let file = TestFile::new("people.csv", "name,age\nBob,7\n");
    page.form("#import").choose_files("CSV file", [file]).await;
    page.settle().await;
    assert_eq!(page.texts(".entry .failed"), ["Files may not be sent here now."]);
    assert!(page.texts("#report, #checking").is_empty());
    page.send_event("click", "import", json!({}), None).await;
    let export = app.get("/users/export.csv").await;
    assert!(export.html.ends_with("\r\nAnn,40,,\r\n"), "{}", export.html);
    assert_eq!(users::count(&database.repo).await.expect("a count"), 1);
}

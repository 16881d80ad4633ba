//! `/users/{id}`: what can be done with a todo list, on both databases, and how many queries it takes.

use std::sync::Arc;

use belvedere::testing::{TestApp, TestView};
use belvedere_diesel::{QueryCount, Repo};
use domain::todo_list_items::{self, DeletedItem, NewTodoListItem, Place};
use domain::users::{self, NewUser, User};
use domain::{TodoListItemId, testing};

use crate::app::App;

/// Somebody with three things to do, what counts the page's queries, and the page.
struct Ann {
    repo: Repo,
    user: User,
    items: Vec<TodoListItemId>,
    count: Arc<QueryCount>,
    app: TestApp,
    view: TestView,
}

impl Ann {
    async fn new(repo: &Repo) -> Self {
        let user =
            users::insert(repo, NewUser { name: "Ann".into(), age: 7 }).await.expect("added");
        let mut items = Vec::new();
        for task in ["Write", "Test", "Rest"] {
            let item = NewTodoListItem { task: task.into(), completed: false, user_id: user.id };
            items.push(todo_list_items::insert(repo, item).await.expect("added").id);
        }
        let (counted, count) = repo.counted();
        let app = App::new(counted).visitor();
        let view = app.get(&format!("/users/{}", user.id)).await.join().await;
        Self { repo: repo.clone(), user, items, count, app, view }
    }

    /// The texts of the list as the page shows it.
    fn shown(&self) -> Vec<String> {
        self.view.texts("#items .task")
    }

    /// Presses a button in the row of the item that was the n-th, and says how many queries it took.
    async fn press(&mut self, index: usize, button: &str) -> u64 {
        let before = self.count.queries();
        self.view
            .form(&format!("#item-{} form:first-of-type", self.items[index]))
            .press(button)
            .await;
        self.count.queries() - before
    }

    fn flash(&self) -> String {
        self.view.text("#flash .flash")
    }

    /// What the script that drags was answered.
    fn is_done(&self) -> bool {
        let reply = self.view.replies().last().expect("an answer");
        reply["response"]["diff"]["r"]["done"] == true
    }

    async fn delete_elsewhere(&self, index: usize) {
        let deleted = todo_list_items::delete(&self.repo, self.user.id, self.items[index]).await;
        deleted.expect("deleted");
    }
}

const GONE: &str = "Somebody else has deleted this item.";

/// The form in the place of an item's text, and its input.
const RENAMING: &str = "#items form[phx-submit=rename]";
const RENAMED: &str = "#items form[phx-submit=rename] input[type=text]";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_a_page_of_two_queries() {
    testing::on_each_database("a_list_is_a_page_of_two_queries", async |database| {
        let ann = Ann::new(&database.repo).await;
        assert_eq!(ann.count.queries(), 2, "the join ran none");
        assert_eq!(ann.view.title(), Some("Ann"));
        assert_eq!(ann.shown(), ["Write", "Test", "Rest"]);
        assert_eq!(ann.view.text(".lead"), "0 of 3 done");
        assert_eq!(
            ann.view.attribute("p > a[href='/users']", "data-phx-link").as_deref(),
            Some("redirect")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_added_or_what_is_wrong_stands_at_its_field() {
    testing::on_each_database("an_item_is_added", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        for (text, wrong) in
            [("  ", "says nothing yet"), (&"x".repeat(201), "is too long: 200 letters fit")]
        {
            ann.view.form("#new--form").fill("What is to be done?", text).await;
            ann.view.form("#new--form").submit().await;
            let error = ann.view.attribute("#new_task", "aria-describedby").expect("an id");
            assert_eq!(ann.view.text(&format!("#{error}")), wrong);
            assert_eq!(ann.view.attribute("#new_task", "value").as_deref(), Some(text));
        }
        ann.view.form("#new--form").fill("What is to be done?", " Dance ").await;
        let before = ann.count.queries();
        ann.view.form("#new--form").submit().await;
        assert_eq!(ann.count.queries() - before, 3);
        assert_eq!(ann.shown(), ["Write", "Test", "Rest", "Dance"]);
        assert_eq!(ann.view.attribute("#new_task", "value").as_deref(), Some(""));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_done_and_undone_and_moved() {
    testing::on_each_database("an_item_is_done_and_moved", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        let check = format!("#item-{} [role='checkbox']", ann.items[1]);
        assert_eq!(ann.press(1, "row[act]=complete").await, 2);
        assert_eq!(ann.view.attribute(&check, "aria-checked").as_deref(), Some("true"));
        assert_eq!(ann.view.text(".lead"), "1 of 3 done");
        ann.press(1, "row[act]=reopen").await;
        assert_eq!(ann.view.attribute(&check, "aria-checked").as_deref(), Some("false"));

        assert_eq!(ann.press(2, "Move up: Rest").await, 3);
        assert_eq!(ann.shown(), ["Write", "Rest", "Test"]);
        assert_eq!(ann.view.text("p[role='status']"), "“Rest” is at place 2 of 3.");
        ann.press(0, "Move down: Write").await;
        assert_eq!(ann.shown(), ["Rest", "Write", "Test"]);
        ann.press(0, "Move down: Write").await;
        assert_eq!(ann.shown(), ["Rest", "Test", "Write"]);
        assert_eq!(ann.press(0, "Move down: Write").await, 1, "it is the last: only read again");

        let (dragged, before) = (ann.items[0], ann.items[2]);
        let put = serde_json::json!({ "item": dragged, "before": before });
        ann.view.send_event("hook", "put", put, None).await;
        assert_eq!(ann.shown(), ["Write", "Rest", "Test"]);
        let put = serde_json::json!({ "item": dragged, "before": null });
        ann.view.send_event("hook", "put", put, None).await;
        assert_eq!(ann.shown(), ["Rest", "Test", "Write"]);
        assert!(ann.is_done());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_renamed_in_its_place() {
    testing::on_each_database("an_item_is_renamed", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        ann.view.click(&format!("#edit-{}", ann.items[1])).await;
        assert_eq!(ann.count.queries(), 2, "nothing was asked");
        assert_eq!(ann.view.path(), format!("/users/{}?edit={}", ann.user.id, ann.items[1]));
        assert_eq!(ann.view.attribute(RENAMED, "value").as_deref(), Some("Test"));

        // Another item is renamed instead, from its own text.
        ann.view.form(RENAMING).fill("What is to be done?", "Rush").await;
        ann.view.click(&format!("#edit-{}", ann.items[2])).await;
        assert_eq!(ann.view.attribute(RENAMED, "value").as_deref(), Some("Rest"));
        ann.view.click(&format!("#edit-{}", ann.items[1])).await;
        assert_eq!(ann.view.attribute(RENAMED, "value").as_deref(), Some("Test"));

        ann.view.form(RENAMING).fill("What is to be done?", " ").await;
        ann.view.form(RENAMING).submit().await;
        let error = ann.view.attribute(RENAMED, "aria-describedby").expect("an id");
        assert_eq!(ann.view.text(&format!("#{error}")), "says nothing yet");

        let before = ann.count.queries();
        ann.view.form(RENAMING).fill("What is to be done?", "Test well").await;
        ann.view.form(RENAMING).submit().await;
        assert_eq!(ann.count.queries() - before, 2);
        assert_eq!(ann.shown(), ["Write", "Test well", "Rest"]);
        assert_eq!(ann.view.path(), format!("/users/{}", ann.user.id));

        ann.view.click(&format!("#edit-{}", ann.items[0])).await;
        ann.view.click("#keep").await;
        assert_eq!(ann.shown(), ["Write", "Test well", "Rest"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_gone_is_not_renamed_and_does_not_stay_in_the_url() {
    testing::on_each_database("an_item_that_is_gone", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        let here = format!("/users/{}", ann.user.id);
        let gone = format!("{here}?edit={}", ann.items[1]);
        ann.press(1, "Delete: Test").await;
        ann.view.patch(&gone).await;
        assert_eq!((ann.view.path(), &*ann.flash()), (&*here, GONE));
        assert_eq!(ann.view.loads(), 1);

        let page = ann.app.get(&gone).await;
        assert_eq!(page.headers.get("location").and_then(|to| to.to_str().ok()), Some(&*here));
        assert_eq!(ann.app.get(&here).await.text("#flash .flash"), GONE);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_item_comes_back_where_it_was() {
    testing::on_each_database("a_deleted_item_comes_back", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        assert_eq!(ann.press(1, "Delete: Test").await, 5 + 1, "a transaction, and the list");
        assert_eq!(ann.shown(), ["Write", "Rest"]);
        assert_eq!(ann.view.text(".undo span"), "“Test” was deleted.");
        let before = ann.count.queries();
        ann.view.click(&format!("#undo-{}", ann.items[1])).await;
        assert_eq!(ann.count.queries() - before, 5 + 1, "a transaction, and the list");
        assert_eq!(ann.shown(), ["Write", "Test", "Rest"]);
        assert!(ann.view.texts(".undo").is_empty());

        ann.press(0, "Delete: Write").await;
        ann.view.click("[aria-label='Dismiss']").await;
        assert!(ann.view.texts(".undo").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_brought_back_yet_is_kept() {
    testing::on_each_database("what_cannot_be_brought_back_yet", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        ann.press(1, "Delete: Test").await;
        let undo = format!("#undo-{}", ann.items[1]);
        let rename = async |from: &str, to: &str| {
            let rename = format!("ALTER TABLE {from} RENAME TO {to}");
            database.repo.run(diesel::sql_query(rename)).await.expect("renamed");
        };
        rename("todo_list_items", "away").await;
        ann.view.click(&undo).await;
        assert!(ann.flash().contains("Something went wrong"), "{}", ann.flash());
        assert_eq!(ann.view.text(".undo span"), "“Test” was deleted.");

        rename("away", "todo_list_items").await;
        ann.view.click(&undo).await;
        assert_eq!(ann.shown(), ["Write", "Test", "Rest"]);

        // Somebody else has done it first.
        let deleted = todo_list_items::list_of_user(&ann.repo, ann.user.id).await;
        let item = deleted.expect("the list").swap_remove(1);
        ann.press(1, "Delete: Test").await;
        let deleted = DeletedItem { item, place: Place::Before(ann.items[2]) };
        todo_list_items::restore(&ann.repo, deleted).await.expect("restored");
        ann.view.click(&undo).await;
        assert_eq!(ann.shown(), ["Write", "Test", "Rest"]);
        assert!(ann.view.texts(".undo").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_deleted_is_said_and_the_page_lives() {
    testing::on_each_database("what_somebody_else_deleted", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        ann.delete_elsewhere(1).await;
        ann.press(1, "row[act]=complete").await;
        assert_eq!(ann.flash(), GONE);
        assert_eq!(ann.shown(), ["Write", "Rest"]);

        ann.view.click(&format!("#edit-{}", ann.items[2])).await;
        ann.delete_elsewhere(2).await;
        ann.view.form(RENAMING).fill("What is to be done?", "Sleep").await;
        ann.view.form(RENAMING).submit().await;
        assert_eq!(ann.flash(), GONE);
        assert_eq!(ann.shown(), ["Write"]);
        let put = serde_json::json!({ "item": ann.items[0], "before": ann.items[2] });
        ann.view.send_event("hook", "put", put, None).await;
        assert!(!ann.is_done());
        assert_eq!(ann.flash(), "Somebody else has changed this list meanwhile.");
        assert_eq!(ann.shown(), ["Write"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_done_on_the_page_of_a_deleted_user_leads_to_the_others() {
    testing::on_each_database("on_the_page_of_a_deleted_user", async |database| {
        for act in ["add", "complete", "up", "delete", "rename", "put", "undo"] {
            let mut ann = Ann::new(&database.repo).await;
            match act {
                "rename" => ann.view.click(&format!("#edit-{}", ann.items[0])).await,
                "undo" => drop(ann.press(1, "Delete: Test").await),
                _ => {}
            }
            users::delete(&ann.repo, ann.user.id).await.expect("deleted");
            match act {
                "add" | "rename" => {
                    let form = if act == "add" { "#new--form" } else { RENAMING };
                    ann.view.form(form).fill("What is to be done?", "Too late").await;
                    ann.view.form(form).submit().await;
                }
                "put" => {
                    let put = serde_json::json!({ "item": ann.items[0], "before": null });
                    ann.view.send_event("hook", "put", put, None).await;
                }
                "undo" => ann.view.click(&format!("#undo-{}", ann.items[1])).await,
                // The first item is not moved up: nothing is written, and the list is read again.
                act => drop(ann.press(0, &format!("row[act]={act}")).await),
            }
            assert_eq!(ann.view.path(), "/users", "{act}");
            assert_eq!(ann.flash(), "Ann has been deleted.", "{act}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_whose_neighbour_is_gone_is_not_said_to_be_gone() {
    testing::on_each_database("an_item_whose_neighbour_is_gone", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        ann.delete_elsewhere(1).await;
        ann.press(2, "Move up: Rest").await;
        assert_eq!(ann.flash(), "Somebody else has changed this list meanwhile.");
        assert_eq!(ann.shown(), ["Write", "Rest"]);
        ann.press(2, "Move up: Rest").await;
        assert_eq!(ann.shown(), ["Rest", "Write"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_said_after_a_move_alone() {
    testing::on_each_database("a_place_is_said_after_a_move", async |database| {
        let mut ann = Ann::new(&database.repo).await;
        ann.delete_elsewhere(0).await;
        ann.press(2, "row[act]=complete").await;
        assert_eq!(ann.shown(), ["Test", "Rest"]);
        assert_eq!(ann.view.text("p[role='status']"), "", "nobody moved what stands elsewhere now");
        ann.press(2, "Move up: Rest").await;
        assert_eq!(ann.view.text("p[role='status']"), "“Rest” is at place 1 of 2.");
        ann.press(1, "Move up: Test").await;
        assert_eq!(ann.view.text("p[role='status']"), "“Test” is at place 1 of 2.");
        let put = serde_json::json!({ "item": ann.items[1], "before": null });
        ann.view.send_event("hook", "put", put, None).await;
        assert_eq!(ann.view.text("p[role='status']"), "“Test” is at place 2 of 2.");
        ann.press(1, "row[act]=complete").await;
        assert_eq!(ann.view.text("p[role='status']"), "", "what was said is not true for ever");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_a_page_that_says_so() {
    let database = testing::sqlite().await;
    let app = App::new(database.repo.clone()).visitor();
    for id in ["7", "x%00y", "018f0000-0000-7000-8000-000000000000"] {
        let page = app.get(&format!("/users/{id}")).await;
        assert_eq!(
            (page.status, page.text("h1")),
            (http::StatusCode::NOT_FOUND, "Page not found".into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_the_forms_do_the_same() {
    testing::on_each_database("without_javascript", async |database| {
        let ann = Ann::new(&database.repo).await;
        let here = format!("/users/{}", ann.user.id);
        let (items, edit) = (format!("{here}/items"), format!("{here}?edit={}", ann.items[0]));
        let first = ann.items[0].to_string();
        let renamed = format!("rename-{first}[task]");
        for (path, fields) in [
            (&here, vec![("new[task]", "Dance")]),
            (&edit, vec![(&*renamed, "Write well")]),
            (&items, vec![("row[item]", &*first), ("row[act]", "complete")]),
            (&items, vec![("row[item]", &first), ("row[act]", "down")]),
            (&items, vec![("row[item]", &first), ("row[act]", "down")]),
        ] {
            let answer = ann.app.post(path, &fields).await;
            let leads_to = answer.headers.get("location").and_then(|to| to.to_str().ok());
            assert_eq!((answer.status.as_u16(), leads_to), (303, Some(&*here)), "{fields:?}");
        }
        let page = ann.app.get(&here).await;
        assert_eq!(page.texts("#items .task"), ["Test", "Rest", "Write well", "Dance"]);
        assert_eq!(page.texts("[aria-checked='true'] + .task"), ["Write well"]);

        let refused = ann.app.post(&here, &[("new[task]", " ")]).await;
        assert_eq!((refused.status.as_u16(), refused.text("h1")), (422, "Not saved".into()));
        let refused = ann.app.post(&items, &[("row[item]", &first), ("row[act]", "burn")]).await;
        assert_eq!(refused.status.as_u16(), 422);
    })
    .await;
}

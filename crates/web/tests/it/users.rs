//! `/users`: the table, its dialogs and what they ask of the database, on both databases.

use belvedere::testing::{TestApp, TestView};
use belvedere_diesel::Repo;
use domain::todo_list_items::{self, NewTodoListItem};
use domain::users::{self, NewUser};
use domain::{UserId, seed, testing};
use http::{StatusCode, header};

use crate::app::App;

fn visitor(repo: &Repo) -> TestApp {
    App::new(repo.clone()).visitor()
}

async fn add(repo: &Repo, name: &str, age: i32) -> UserId {
    users::insert(repo, NewUser { name: name.into(), age }).await.expect("added").id
}

fn names(page: &TestView) -> Vec<String> {
    page.texts("#users tbody th")
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_the_list_shows_stands_in_the_url() {
    testing::on_each_database("all_that_the_list_shows", async |database| {
        seed::fill(&database.repo, 25).await.expect("seeded");
        add(&database.repo, "Zoë Zander", 99).await;
        let (repo, count) = database.repo.counted();
        let app = visitor(&repo);
        let mut page = app.get("/users").await.join().await;
        assert_eq!(count.queries(), 3, "the join asks nothing again");
        assert_eq!(page.text("#users caption"), "26 users");
        assert_eq!(names(&page).len(), 10);
        assert_eq!(page.texts("th[aria-sort='ascending']"), ["Name"]);

        page.click("#users thead th:nth-of-type(2) a").await;
        page.click("#users thead th:nth-of-type(2) a").await;
        assert_eq!(page.path(), "/users?sort=age&direction=descending");
        assert_eq!(names(&page)[0], "Zoë Zander");
        assert_eq!(count.queries(), 9, "three for each order");
        page.click("#next-page").await;
        page.change("#search", "q", &[("q", "z")]).await;
        assert_eq!(page.path(), "/users?q=z&sort=age&direction=descending");
        page.change("#search", "q", &[("q", "ZOË")]).await;
        assert_eq!((names(&page), count.queries()), (vec!["Zoë Zander".to_owned()], 18));
        assert!(page.texts(".pagination").is_empty(), "there is one page");
        assert_eq!(page.loads(), 1);

        // A search replaces the URL, an order does not.
        page.back().await;
        assert_eq!(page.path(), "/users?sort=age&direction=descending");
        page.forward().await;
        assert_eq!(names(&page), ["Zoë Zander"]);
        let again = app.get(page.path()).await.join().await;
        assert_eq!(names(&again), names(&page), "a reload shows the same");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn urls_that_nobody_made_have_an_answer() {
    let database = testing::sqlite().await;
    seed::fill(&database.repo, 25).await.expect("seeded");
    let app = visitor(&database.repo);
    for (wanted, shown) in [
        ("/users?q=&page=9", "/users?page=3"),
        ("/users?page=0", "/users"),
        ("/users/new?page=4", "/users/new?page=3"),
        ("/users?q=nobody+at+all&page=2", "/users?q=nobody+at+all"),
        ("/users/018f0000-0000-7000-8000-000000000000/edit?page=2", "/users?page=2"),
    ] {
        let page = app.get(wanted).await;
        assert_eq!(page.headers[header::LOCATION], shown, "{wanted}");
    }
    let gone = app.get("/users/018f0000-0000-7000-8000-000000000000/edit?page=2").await;
    assert!(gone.status.is_redirection());
    let list = app.get("/users?page=2").await;
    assert!(list.text("#flash").contains("has deleted this user"), "the redirect brings its words");

    for (wanted, status) in [
        ("/users?sort=height", StatusCode::BAD_REQUEST),
        ("/users?page=-1", StatusCode::BAD_REQUEST),
        ("/users?page=1&page=2", StatusCode::BAD_REQUEST),
        ("/users/x/edit", StatusCode::NOT_FOUND),
        ("/users?q=%00%25%5C&colour=red", StatusCode::OK),
    ] {
        assert_eq!(app.get(wanted).await.status, status, "{wanted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_is_longer_than_any_name_finds_nobody() {
    let database = testing::sqlite().await;
    add(&database.repo, "Ann", 40).await;
    let app = visitor(&database.repo);
    let long = "a".repeat(9_000);
    let mut page = app.get("/users").await.join().await;
    page.change("#search", "q", &[("q", &long)]).await;
    assert_eq!(page.text("#users caption"), "Nobody was found");
    assert!(page.texts("#flash .flash").is_empty());
    assert_eq!(page.path(), format!("/users?q={}", &long[..101]));
    page.click("#users thead th:nth-of-type(2) a").await;
    page.change("#search", "q", &[("q", "ANN")]).await;
    assert_eq!(names(&page), ["Ann"]);
    let list = app.get(&format!("/users?q={}&page=7", &long[..300])).await;
    assert_eq!(list.headers[header::LOCATION], format!("/users?q={}", &long[..101]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_adds_and_leads_back() {
    testing::on_each_database("a_dialog_adds_and_leads_back", async |database| {
        seed::fill(&database.repo, 12).await.expect("seeded");
        add(&database.repo, "Ann", 40).await;
        let (repo, count) = database.repo.counted();
        let mut page = visitor(&repo).get("/users?sort=age&page=2").await.join().await;
        let n_before = count.queries();
        page.click("#new").await;
        assert_eq!(page.path(), "/users/new?sort=age&page=2");
        assert_eq!(count.queries(), n_before, "nothing is read to open a dialog");
        assert_eq!(page.text("#person-title"), "New user");
        assert_eq!(page.title(), Some("New user"));

        page.form("#user--form").fill("Name", "aNN").await;
        page.form("#user--form").fill("Age", "4x").await;
        page.form("#user--form").submit().await;
        assert_eq!(page.texts("#person .error"), ["", "is not a whole number"]);
        page.form("#user--form").fill("Age", "151").await;
        page.form("#user--form").submit().await;
        assert_eq!(page.texts("#person .error"), ["", "is not between 0 and 150"]);
        page.form("#user--form").fill("Age", "41").await;
        page.form("#user--form").submit().await;
        assert_eq!(page.texts("#person .error"), ["belongs to another user already", ""]);
        for (name, wrong) in [
            ("\u{200b}", "shows nothing"),
            ("E\u{202e}ve", "holds a sign that turns the direction of writing"),
            ("E\u{0}ve", "holds a line break or another control character"),
        ] {
            page.form("#user--form").fill("Name", name).await;
            page.form("#user--form").submit().await;
            assert_eq!(page.texts("#person .error"), [wrong, ""], "{name:?}");
        }
        page.form("#user--form").fill("Name", " ").await;
        page.form("#user--form").submit().await;
        assert_eq!(page.texts("#person .error"), ["is missing", ""]);

        page.form("#user--form").fill("Name", " Eve ").await;
        let n_before = count.queries();
        page.form("#user--form").submit().await;
        assert_eq!(count.queries() - n_before, 4, "one writes, three read the list");
        assert_eq!(page.path(), "/users?sort=age&page=2");
        assert_eq!(page.text("#flash"), "Eve was saved.");
        assert!(page.texts("[role='dialog']").is_empty());
        assert_eq!(page.text("#users caption"), "14 users");

        page.click("#new").await;
        page.click("#person-close").await;
        for _ in 0..2 {
            page.back().await;
            assert_eq!(page.path(), "/users?sort=age&page=2", "no closed dialog is opened again");
        }

        let late = "user%5Bname%5D=Twice&user%5Bage%5D=20";
        page.send_event("form", "save", late.into(), None).await;
        assert_eq!(users::count(&repo).await.expect("a count"), 14, "the dialog is closed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_edited_whom_somebody_else_deletes() {
    testing::on_each_database("a_user_is_edited", async |database| {
        let (repo, count) = database.repo.counted();
        let ann = add(&repo, "Ann", 40).await;
        let bob = add(&repo, "Bob", 41).await;
        let mut page = visitor(&repo).get("/users?q=n").await.join().await;
        let n_before = count.queries();
        page.click(&format!("#edit-{ann}")).await;
        assert_eq!(count.queries() - n_before, 1);
        assert_eq!(page.path(), format!("/users/{ann}/edit?q=n"));
        assert_eq!(page.form("#user--form").value("Name"), "Ann");
        page.form("#user--form").fill("Name", "Anna").await;
        page.form("#user--form").submit().await;
        assert_eq!((page.path(), names(&page)), ("/users?q=n", vec!["Anna".to_owned()]));

        // A lost socket finds the dialog again, and the browser what was typed.
        page.click(&format!("#edit-{ann}")).await;
        page.reconnect().await;
        assert_eq!(page.form("#user--form").value("Name"), "Anna");
        users::delete(&repo, ann).await.expect("deleted elsewhere");
        page.form("#user--form").submit().await;
        assert!(page.text("#flash").contains("has deleted this user"));
        assert_eq!((page.path(), names(&page).len()), ("/users?q=n", 0));

        page.patch("/users").await;
        users::delete(&repo, bob).await.expect("deleted elsewhere");
        page.click(&format!("#edit-{bob}")).await;
        assert!(page.text("#flash").contains("has deleted this user"));
        assert_eq!((page.path(), names(&page).len()), ("/users", 0));
        assert_eq!(page.loads(), 1, "the view lived on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_can_be_brought_back() {
    testing::on_each_database("what_is_deleted_can_be_brought_back", async |database| {
        let (repo, count) = database.repo.counted();
        seed::fill(&repo, 10).await.expect("seeded");
        let zoe = add(&repo, "Zz", 40).await;
        for task in ["one", "two"] {
            let item = NewTodoListItem { task: task.into(), completed: false, user_id: zoe };
            todo_list_items::insert(&repo, item).await.expect("added");
        }
        let mut page = visitor(&repo).get("/users?page=2").await.join().await;
        assert_eq!(names(&page), ["Zz"]);
        let id = zoe.to_string();
        let n_before = count.queries();
        page.submit(&format!("#delete-{id}"), &[("user", &id)]).await;
        assert_eq!(count.queries() - n_before, 5 + 3, "a transaction, and the list");
        assert_eq!(page.path(), "/users", "the second page is gone");
        assert_eq!(page.text(".undo span"), "Zz was deleted with 2 todo items.");

        let rename = async |from: &str, to: &str| {
            let rename = format!("ALTER TABLE {from} RENAME TO {to}");
            database.repo.run(diesel::sql_query(rename)).await.expect("renamed");
        };
        rename("todo_list_items", "away").await;
        page.click(&format!("#undo-{id}")).await;
        assert!(page.text("#flash").contains("Something went wrong"));
        assert_eq!(page.text(".undo span"), "Zz was deleted with 2 todo items.", "it is kept");
        rename("away", "todo_list_items").await;
        page.click(&format!("#undo-{id}")).await;
        assert_eq!(page.text("#users caption"), "11 users");
        assert!(page.texts(".undo").is_empty());
        let items = todo_list_items::list_of_user(&repo, zoe).await.expect("the items");
        assert_eq!(items.len(), 2);

        page.patch("/users?page=2").await;
        page.submit(&format!("#delete-{id}"), &[("user", &id)]).await;
        let other = add(&repo, "zZ", 3).await;
        page.click(&format!("#undo-{id}")).await;
        assert!(page.text("#flash").contains("called Zz by now"));
        users::delete(&repo, other).await.expect("deleted");
        page.click(&format!("#undo-{id}")).await;
        assert_eq!(page.text("#users caption"), "11 users");

        page.patch("/users?page=2").await;
        users::delete(&repo, zoe).await.expect("deleted elsewhere");
        page.submit(&format!("#delete-{id}"), &[("user", &id)]).await;
        assert!(page.text("#flash").contains("has deleted this user"));
        assert_eq!(page.path(), "/users");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_forms_do_the_same() {
    testing::on_each_database("plain_forms_do_the_same", async |database| {
        let repo = &database.repo;
        let ann = add(repo, "Ann", 40).await;
        let app = visitor(repo);
        let dialog = app.get("/users/new?sort=age&q=a").await;
        let action = dialog.attribute("#user--form", "action").expect("a plain form");
        assert_eq!(action, "/users/new?q=a&sort=age");
        assert_eq!(dialog.attribute("#search [name='sort']", "value").as_deref(), Some("age"));

        let fields = |name, age| [("user[name]", name), ("user[age]", age)];
        let added = app.post(&action, &fields(" Bob", "20")).await;
        assert_eq!(added.headers[header::LOCATION], "/users?q=a&sort=age");
        let edit = format!("/users/{ann}/edit");
        let changed = app.post(&edit, &fields("Anna", "40")).await;
        assert_eq!(changed.headers[header::LOCATION], "/users");
        assert_eq!(app.get("/users").await.texts("#users tbody th"), ["Anna", "Bob"]);
        for (name, age) in [
            ("bob", "40"),
            ("", "40"),
            ("B\0ob", "40"),
            ("\u{202e}bob", "40"),
            ("\u{200b}", "40"),
            ("Ann", "x"),
            ("Ann", "-1"),
        ] {
            let refused = app.post(&edit, &fields(name, age)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {age}");
        }

        let delete = format!("/users/{ann}/delete");
        assert!(app.post(&delete, &[]).await.status.is_redirection());
        for path in [&delete, &edit] {
            let gone = app.post(path, &fields("Ann", "40")).await;
            assert_eq!(gone.status, StatusCode::NOT_FOUND);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_small() {
    let database = testing::sqlite().await;
    seed::fill(&database.repo, 20).await.expect("seeded");
    let mut page = visitor(&database.repo).get("/users").await.join().await;
    page.change("#search", "q", &[("q", "e")]).await;
    let n_bytes = page.last_frame_bytes();
    assert!(n_bytes < 2_900, "{n_bytes} bytes, with rows and what the browser keeps of the page");
    page.click("#users thead th:nth-of-type(1) a").await;
    assert!(page.last_frame_bytes() < 4_700, "{} bytes, ten rows", page.last_frame_bytes());
    page.click("#new").await;
    assert!(page.last_frame_bytes() < 3_300, "{} bytes, the dialog", page.last_frame_bytes());
    // The rest is what the browser keeps of the page.
    page.form("#user--form").fill("Name", "x").await;
    assert!(page.last_frame_bytes() < 800, "{} bytes, one letter", page.last_frame_bytes());
    page.click("#person-close").await;
    assert!(page.last_frame_bytes() < 500, "{} bytes, nothing", page.last_frame_bytes());
}

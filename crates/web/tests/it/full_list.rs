//! A list that has as many items as a list may have, or more, since it is older than that rule.

use belvedere_diesel::Repo;
use domain::bulk::{Item, Row};
use domain::imports::{Additions, Import};
use domain::todo_list_items::MAX_ITEMS;
use domain::{testing, users};
use http::StatusCode;

use crate::app::App;

async fn add(repo: &Repo, rows: Vec<Row>) {
    let import = Import::new("Calm Heron".into(), "people.csv".into(), 9, 9);
    let mut additions = Additions::begin(repo, import).await.expect("begun");
    additions.add(rows).await.expect("added");
    additions.save().await.expect("saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_full_says_so() {
    testing::on_each_database("a_list_that_is_full", async |database| {
        let row = |n: usize| {
            let item = Item { task: format!("Task {n}"), completed: true };
            Row { name: "Ann".into(), age: 7, item: Some(item) }
        };
        add(&database.repo, (0..MAX_ITEMS).map(row).collect()).await;
        let ann = users::list(&database.repo, 1).await.expect("the users")[0].id;
        let (app, path) = (App::new(database.repo.clone()).visitor(), format!("/users/{ann}"));
        let mut page = app.get(&path).await.join().await;
        assert!(page.texts("#more-items").is_empty());
        page.form("#new--form").fill("What is to be done?", "More").await;
        page.form("#new--form").submit().await;
        let full = "A list has at most 1,000 items. Delete some first.";
        assert_eq!(page.text("#new--form .error"), full);
        let plain = app.post(&path, &[("new[task]", "More")]).await;
        assert_eq!(plain.status, StatusCode::UNPROCESSABLE_ENTITY);

        let rows = (0..MAX_ITEMS + 200).map(|n| Row { name: "Old".into(), ..row(n) });
        add(&database.repo, rows.collect()).await;
        let old = users::list(&database.repo, 2).await.expect("the users")[1].id;
        let page = app.get(&format!("/users/{old}")).await;
        assert_eq!(page.texts("#items > li").len(), MAX_ITEMS);
        assert_eq!(
            page.text("#more-items"),
            "The list is longer; these are its first 1,000 items."
        );
        assert!(page.text(".lead").contains("1000 of 1000 done"), "{}", page.text(".lead"));

        let mut page = app.get("/users").await.join().await;
        let form = format!("#delete-{old}");
        assert_eq!(
            page.attribute(&form, "data-confirm").as_deref(),
            Some("Delete Old? The list is too long to be brought back.")
        );
        page.form(&form).submit().await;
        let said = "Old was deleted with a list too long to be brought back.";
        assert_eq!(page.text("#flash .flash"), said);
        assert!(page.texts(".undo").is_empty());
        assert_eq!(page.texts("#users tbody th"), ["Ann"]);
    })
    .await;
}

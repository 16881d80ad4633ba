//! A list that has as many items as a list may have, or more, since it is older than that rule.

use domain::bulk::{Additions, Item, Row};
use domain::todo_list_items::MAX_ITEMS;
use domain::{testing, users};
use http::StatusCode;

use crate::app::App;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_full_says_so() {
    testing::on_each_database("a_list_that_is_full", async |database| {
        let row = |n: usize| {
            let item = Item { task: format!("Task {n}"), completed: true };
            Row { name: "Ann".into(), age: 7, item: Some(item) }
        };
        let added = database.repo.transaction(async |transaction| {
            let mut additions = Additions::default();
            additions.add(transaction, (0..MAX_ITEMS).map(row).collect()).await
        });
        added.await.expect("added");
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

        let added = database.repo.transaction(async |transaction| {
            let rows = (0..MAX_ITEMS + 200).map(|n| Row { name: "Old".into(), ..row(n) });
            Additions::default().add(transaction, rows.collect()).await
        });
        added.await.expect("added");
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

//! Everyone at once: added in parts, and read page by page.

use domain::bulk::{self, Additions, Everyone, Item, Row};
use domain::testing;
use domain::users::{self, NAME_KEY};

use belvedere_diesel::{QueryError, Repo};

fn row(name: &str, task: Option<String>) -> Row {
    let item = task.map(|task| Item { completed: task.ends_with('7'), task });
    Row { name: name.to_owned(), age: 40, item }
}

async fn add(repo: &Repo, parts: Vec<Vec<Row>>) -> Result<(), QueryError> {
    repo.transaction(async move |transaction| {
        let mut additions = Additions::default();
        for rows in parts {
            additions.add(transaction, rows).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_in_parts_is_read_in_pages_as_it_was() {
    testing::on_each_database("what_was_added_in_parts", async |database| {
        let (repo, count) = database.repo.counted();
        let mut rows: Vec<_> = (0..2_500).map(|n| row("Zoë", Some(format!("Task {n}")))).collect();
        rows.extend((0..700).map(|n| row(&format!("User {n}"), None)));
        rows.push(row("Ann", Some("\"quoted\", 'and' more\n".into())));
        let parts = rows.chunks(999).map(<[_]>::to_vec).collect();
        add(&repo, parts).await.expect("added");
        assert_eq!(count.queries(), 2 + 3 + 4, "begin and commit, three for users, four for items");
        assert_eq!(users::count(&repo).await.expect("a count"), 702, "one is in three parts");

        let (mut everyone, mut read) = (Everyone::new(repo.clone()), Vec::new());
        while let Some(page) = everyone.next().await.expect("a page") {
            assert!(page.len() <= 1_500, "{} rows", page.len());
            read.extend(page);
        }
        assert_eq!(read, rows);
        assert_eq!(everyone.next().await.expect("a page"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_taken_are_known_and_refused() {
    testing::on_each_database("names_that_are_taken", async |database| {
        let repo = &database.repo;
        assert!(bulk::taken(repo, Vec::new()).await.expect("a query").is_empty());
        add(repo, vec![vec![row("Ann", None), row("Émile", None)]]).await.expect("added");
        let many = (0..40_000).map(|n| format!("user {n}"));
        let asked = many.chain(["ann".into(), "Émile".into(), "émile".into()]).collect();
        let mut taken: Vec<_> =
            bulk::taken(repo, asked).await.expect("a query").into_iter().collect();
        taken.sort();
        assert_eq!(taken, ["ann", "Émile"], "of A to Z alone the case does not matter");

        let refused = add(repo, vec![vec![row("Bob", None)], vec![row("aNN", None)]]).await;
        assert_eq!(refused.expect_err("taken").constraint(), Some(NAME_KEY));
        assert_eq!(users::count(repo).await.expect("a count"), 2, "Bob is not there either");
    })
    .await;
}

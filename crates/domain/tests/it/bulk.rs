//! Everyone at once: added in parts, and read page by page.

use domain::bulk::{self, Everyone, Item, Row};
use domain::imports::{Additions, Import};
use domain::testing;
use domain::todo_list_items::{self, Place};
use domain::users::{self, NAME_KEY};

use belvedere_diesel::{Database, QueryError, Repo};

pub(crate) fn row(name: &str, task: Option<String>) -> Row {
    let item = task.map(|task| Item { completed: task.ends_with('7'), task });
    Row { name: name.to_owned(), age: 40, item }
}

/// An import as a whole.
pub(crate) async fn add(repo: &Repo, parts: Vec<Vec<Row>>) -> Result<(), QueryError> {
    let mut additions = begin(repo).await;
    for rows in parts {
        additions.add(rows).await?;
    }
    additions.save().await
}

pub(crate) async fn begin(repo: &Repo) -> Additions {
    let import = Import::new("Calm Heron".into(), "people.csv".into(), 9, 9);
    Additions::begin(repo, import).await.expect("begun")
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
        let to_save = match repo.database() {
            Database::Sqlite => 2 + 1 + 2 + 2,
            Database::Postgres => 2 + 1 + 2,
        };
        assert_eq!(count.queries(), 6 + 4 * 4 + to_save, "to begin, for each part, and to save");
        assert_eq!(users::count(&repo).await.expect("a count"), 702, "one is in three parts");

        let (mut everyone, mut read) = (Everyone::new(repo.clone()), Vec::new());
        while let Some(page) = everyone.next().await.expect("a page") {
            assert!(page.len() <= 2_500 + 500, "{} rows: the long list, and others", page.len());
            read.extend(page);
        }
        assert_eq!(read, rows);
        assert_eq!(everyone.next().await.expect("a page"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_moved_meanwhile_is_read_once() {
    testing::on_each_database("what_is_moved_meanwhile", async |database| {
        let repo = &database.repo;
        let names = ["Ann", "Bob", "Cleo"];
        let of_each = |name| (0..800).map(move |n| row(name, Some(format!("Task {n} of {name}"))));
        let mut added: Vec<_> = names.into_iter().flat_map(of_each).collect();
        add(repo, vec![added.clone()]).await.expect("added");

        let mut everyone = Everyone::new(repo.clone());
        let mut read = everyone.next().await.expect("a page").expect("three have items");
        for user in users::list(repo, 9_999).await.expect("a list") {
            let list = todo_list_items::list_of_user(repo, user.id).await.expect("a list");
            let (first, last) = (Place::Before(list[0].id), list[799].id);
            todo_list_items::put(repo, user.id, last, first).await.expect("moved");
        }
        while let Some(page) = everyone.next().await.expect("a page") {
            read.extend(page);
        }
        let task = |row: &Row| row.item.as_ref().map(|item| item.task.clone());
        for rows in [&mut added, &mut read] {
            rows.sort_by_key(task);
        }
        assert!(read == added, "{} rows", read.len());
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

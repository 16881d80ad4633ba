//! What the queries of the domain do, the same on both databases.

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{QueryError, Repo};
use domain::testing;
use domain::todo_list_items::NewTodoListItem;
use domain::users::{NewUser, User};
use domain::{UserId, seed, todo_list_items, users};

use crate::leaving::until_locked_out;

pub(crate) fn person(name: &str) -> NewUser {
    NewUser { name: name.to_owned(), age: 40 }
}

/// The slow page: one query for the users, and one more for each of them.
pub(crate) async fn list_slowly(repo: &Repo) -> Vec<(User, i64)> {
    let mut table = Vec::new();
    for user in users::list(repo, 9_999).await.expect("the users") {
        let n_items = todo_list_items::count_of_user(repo, user.id).await.expect("a count");
        table.push((user, n_items));
    }
    table
}

#[tokio::test(flavor = "multi_thread")]
async fn both_pages_show_the_same_table() {
    testing::on_each_database("both_pages_show_the_same_table", async |database| {
        seed::fill(&database.repo, 50).await.expect("seeded");
        let (repo, count) = database.repo.counted();
        let fast = users::list_with_todo_counts(&repo, 9_999).await.expect("the fast page");
        assert_eq!(count.queries(), 1);
        let (repo, count) = database.repo.counted();
        let slow = list_slowly(&repo).await;
        assert_eq!(count.queries(), 51);
        assert!(!count.time().is_zero());
        assert_eq!(fast, slow);
        assert!(fast.iter().any(|(_, n_items)| *n_items > 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_sort_in_byte_order() {
    testing::on_each_database("names_sort_in_byte_order", async |database| {
        for name in ["émile", "bob", "Zoë", "alice", "Bob 2"] {
            users::insert(&database.repo, person(name)).await.expect("inserted");
        }
        let list = users::list(&database.repo, 9_999).await.expect("the users");
        let names: Vec<_> = list.iter().map(|user| user.name.as_str()).collect();
        assert_eq!(names, ["Bob 2", "Zoë", "alice", "bob", "émile"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_people_are_the_same_ones_each_time() {
    let sqlite = testing::sqlite().await;
    seed::fill(&sqlite.repo, 3_000).await.expect("seeded");
    let names = |list: Vec<(User, i64)>| -> Vec<(String, i32, i64)> {
        let mut names: Vec<_> =
            list.into_iter().map(|(user, n_items)| (user.name, user.age, n_items)).collect();
        names.sort_unstable();
        names
    };
    let on_sqlite = names(users::list_with_todo_counts(&sqlite.repo, 9_999).await.expect("users"));
    assert_eq!(on_sqlite.len(), 3_000);
    assert!(on_sqlite.iter().all(|(_, _, n_items)| (0..=10).contains(n_items)));
    seed::fill(&sqlite.repo, 20).await.expect("others are added");
    assert_eq!(users::count(&sqlite.repo).await.expect("a count"), 3_020);

    let Some(postgres) = testing::postgres("thousands_of_people_are_the_same_ones_each_time").await
    else {
        return;
    };
    seed::fill(&postgres.repo, 3_000).await.expect("seeded");
    let on_postgres =
        names(users::list_with_todo_counts(&postgres.repo, 9_999).await.expect("users"));
    assert_eq!(on_postgres, on_sqlite);
    postgres.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_read_back() {
    testing::on_each_database(
        "what_is_written_is_read_back",
        async |TestDatabase { repo, .. }| {
            assert!(users::is_empty(repo).await.expect("a query"));
            let user = users::insert(repo, person("Ada")).await.expect("inserted");
            assert_eq!(users::find(repo, user.id).await.expect("a query"), Some(user.clone()));
            users::update(repo, user.id, NewUser { name: "Ada L.".into(), age: 36 })
                .await
                .expect("updated");
            let changed = users::find(repo, user.id).await.expect("a query").expect("the user");
            assert_eq!((changed.name.as_str(), changed.age), ("Ada L.", 36));
            assert!(changed.updated_at > user.updated_at);

            let item =
                NewTodoListItem { task: "compute".into(), completed: false, user_id: user.id };
            let item = todo_list_items::insert(repo, item).await.expect("inserted");
            todo_list_items::set_completed(repo, user.id, item.id, true).await.expect("done");
            let items = todo_list_items::list_of_user(repo, user.id).await.expect("the items");
            assert!(items[0].completed && items[0].id == item.id);
            assert!(!users::is_empty(repo).await.expect("a query"));
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_user_deletes_the_list() {
    testing::on_each_database("deleting_a_user_deletes_the_list", async |database| {
        let repo = &database.repo;
        seed::fill(repo, 20).await.expect("seeded");
        let table = users::list_with_todo_counts(repo, 9_999).await.expect("users");
        let all: i64 = table.iter().map(|(_, n_items)| n_items).sum();
        let (user, n_items) = table.iter().max_by_key(|(_, n_items)| n_items).expect("a user");
        let deleted = users::delete(repo, user.id).await.expect("deleted");
        assert_eq!(deleted.user, *user);
        assert_eq!(todo_list_items::count(repo).await.expect("a count"), all - n_items);
        let again = users::delete(repo, user.id).await;
        assert!(matches!(again, Err(QueryError::NotFound)));

        users::restore(repo, deleted.clone()).await.expect("restored");
        assert_eq!(users::list_with_todo_counts(repo, 9_999).await.expect("users"), table);
        let items = todo_list_items::list_of_user(repo, user.id).await.expect("the items");
        assert_eq!(Some(items), deleted.items);
        let twice = users::restore(repo, deleted).await;
        assert!(matches!(twice, Err(QueryError::UniqueViolation(_))), "{twice:?}");
        assert_eq!(todo_list_items::count(repo).await.expect("a count"), all);
    })
    .await;
}

/// SQLite lets one write at a time.
#[tokio::test(flavor = "multi_thread")]
async fn what_others_are_about_to_commit_is_deleted_with_the_user() {
    let Some(database) = testing::postgres("what_others_are_about_to_commit").await else {
        return;
    };
    let repo = &database.repo;
    let ann = users::insert(repo, person("Ann")).await.expect("inserted").id;
    let item = NewTodoListItem { task: "old".into(), completed: false, user_id: ann };
    let item = todo_list_items::insert(repo, item).await.expect("inserted").id;
    let changes = [
        format!("UPDATE todo_list_items SET task = 'renamed' WHERE id = '{item}'"),
        format!(
            "INSERT INTO todo_list_items VALUES \
             (gen_random_uuid(), 'new', false, '{ann}', now(), now(), 2)"
        ),
    ];
    for (change, tasks) in changes.into_iter().zip([&["renamed"][..], &["renamed", "new"]]) {
        let deletion = repo.transaction(async |transaction| {
            transaction.run(diesel::sql_query(change)).await?;
            let elsewhere = repo.clone();
            let deletion = tokio::spawn(async move { users::delete(&elsewhere, ann).await });
            until_locked_out(repo).await;
            Ok::<_, QueryError>(deletion)
        });
        let deleted = deletion.await.expect("committed").await.expect("no panic").expect("deleted");
        let shown: Vec<_> = deleted.items.iter().flatten().map(|item| item.task.as_str()).collect();
        assert_eq!(shown, tasks);
        users::restore(repo, deleted).await.expect("restored");
    }
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn items_of_others_are_out_of_reach() {
    testing::on_each_database("items_of_others_are_out_of_reach", async |database| {
        let repo = &database.repo;
        let owner = users::insert(repo, person("Owner")).await.expect("inserted");
        let other = users::insert(repo, person("Other")).await.expect("inserted");
        let item = NewTodoListItem { task: "mine".into(), completed: false, user_id: owner.id };
        let item = todo_list_items::insert(repo, item).await.expect("inserted");
        let changed = todo_list_items::set_completed(repo, other.id, item.id, true).await;
        assert!(matches!(changed, Err(QueryError::NotFound)));
        let deleted = todo_list_items::delete(repo, other.id, item.id).await;
        assert!(matches!(deleted, Err(QueryError::NotFound)));
        todo_list_items::delete(repo, owner.id, item.id).await.expect("one's own can be deleted");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_can_be_spawned_and_are_small() {
    let database = testing::sqlite().await;
    let repo = database.repo.clone();
    let sizes = [
        size_of_val(&users::list_with_todo_counts(&repo, 9_999)),
        size_of_val(&list_slowly(&repo)),
    ];
    assert!(sizes.iter().all(|size| *size < 4_096), "{sizes:?} bytes in a view that loads");
    let page = tokio::spawn(async move {
        let user = users::insert(&repo, person("Ada")).await?;
        seed::fill(&repo, 1).await?;
        todo_list_items::count_of_user(&repo, user.id).await
    });
    assert_eq!(page.await.expect("no panic").expect("the queries"), 0);
}

#[tokio::test]
async fn sqlite_works_on_a_current_thread_runtime() {
    let database = testing::sqlite().await;
    seed::fill(&database.repo, 5).await.expect("seeded");
    assert_eq!(users::count(&database.repo).await.expect("a count"), 5);
}

#[test]
fn identifiers_are_read_as_they_are_written() {
    let id = UserId::new();
    assert_eq!(id.to_string().parse(), Ok(id));
    assert!("1 OR 1=1".parse::<UserId>().is_err());
}

//! What can be done with the items of a list.

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{QueryError, Repo};
use domain::bulk::{Item, Row};
use domain::todo_list_items::{
    self, AddError, MAX_ITEMS, MAX_TASK_CHARS, NewTodoListItem, Place, TodoListItem,
};
use domain::{UserId, testing, users};

use crate::queries::person;

async fn add(repo: &Repo, user_id: UserId, task: &str) -> Result<TodoListItem, AddError> {
    let item = NewTodoListItem { task: task.into(), completed: false, user_id };
    todo_list_items::insert(repo, item).await
}

async fn tasks(repo: &Repo, user_id: UserId) -> String {
    let items = todo_list_items::list_of_user(repo, user_id).await.expect("the items");
    items.iter().map(|item| item.task.as_str()).collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn items_are_put_where_they_are_wanted() {
    testing::on_each_database("items_are_put", async |TestDatabase { repo, .. }| {
        let ann = users::insert(repo, person("Ann")).await.expect("inserted").id;
        let bob = users::insert(repo, person("Bob")).await.expect("inserted").id;
        let others = add(repo, bob, "other").await.expect("added");
        let mut ids = Vec::new();
        for task in ["a", "b", "c", "d"] {
            ids.push(add(repo, ann, task).await.expect("added").id);
        }
        assert_eq!(tasks(repo, ann).await, "a b c d");
        let (a, b, d) = (ids[0], ids[1], ids[3]);

        let (counted, count) = repo.counted();
        for (id, place, expected) in [
            (d, Place::Before(a), "d a b c"),
            (d, Place::Before(b), "a d b c"),
            (a, Place::Last, "d b c a"),
            (b, Place::Before(b), "d b c a"),
            (a, Place::Before(d), "a d b c"),
            (d, Place::Before(b), "a d b c"),
        ] {
            todo_list_items::put(&counted, ann, id, place).await.expect("put");
            assert_eq!(tasks(repo, ann).await, expected);
        }
        assert_eq!(count.queries(), 2 * 6, "two for each");
        add(repo, ann, "e").await.expect("added");
        assert_eq!(tasks(repo, ann).await, "a d b c e", "what is new comes last");

        // Nobody moves what is not theirs, or to where others are.
        for (user_id, id, place) in [
            (bob, a, Place::Last),
            (bob, a, Place::Before(others.id)),
            (ann, a, Place::Before(others.id)),
        ] {
            let outcome = todo_list_items::put(repo, user_id, id, place).await;
            assert!(matches!(outcome, Err(QueryError::NotFound)), "{outcome:?}");
        }
        assert_eq!((&*tasks(repo, ann).await, &*tasks(repo, bob).await), ("a d b c e", "other"));
    })
    .await;
}

/// As two people make them who add at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn items_of_one_position_can_be_parted() {
    testing::on_each_database("items_of_one_position", async |TestDatabase { repo, .. }| {
        let ann = users::insert(repo, person("Ann")).await.expect("inserted").id;
        let mut items = Vec::new();
        for task in ["a", "b", "c"] {
            items.push(add(repo, ann, task).await.expect("added"));
        }
        let of_one = diesel::sql_query("UPDATE todo_list_items SET position = 7");
        repo.run(of_one).await.expect("updated");
        assert_eq!(tasks(repo, ann).await, "a b c");
        let place = Place::Before(items[1].id);
        todo_list_items::put(repo, ann, items[2].id, place).await.expect("put");
        assert_eq!(tasks(repo, ann).await, "a c b");

        repo.run(diesel::sql_query("UPDATE todo_list_items SET position = 7"))
            .await
            .expect("updated");
        let deleted = todo_list_items::delete(repo, ann, items[1].id).await.expect("deleted");
        todo_list_items::restore(repo, deleted).await.expect("restored");
        assert_eq!(tasks(repo, ann).await, "a b c");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_comes_back_to_where_it_stood() {
    testing::on_each_database("an_item_comes_back", async |TestDatabase { repo, .. }| {
        let ann = users::insert(repo, person("Ann")).await.expect("inserted").id;
        add(repo, ann, "a").await.expect("added");
        let b = add(repo, ann, "b").await.expect("added");
        add(repo, ann, "c").await.expect("added");
        let deleted = todo_list_items::delete(repo, ann, b.id).await.expect("deleted");
        assert_eq!((&deleted.item, &*tasks(repo, ann).await), (&b, "a c"));
        let again = todo_list_items::delete(repo, ann, b.id).await;
        assert!(matches!(again, Err(QueryError::NotFound)), "{again:?}");
        todo_list_items::restore(repo, deleted.clone()).await.expect("restored");
        assert_eq!(tasks(repo, ann).await, "a b c");
        let twice = todo_list_items::restore(repo, deleted.clone()).await;
        assert!(matches!(twice, Err(AddError::Query(QueryError::UniqueViolation(_)))), "{twice:?}");

        users::delete(repo, ann).await.expect("deleted");
        let late = todo_list_items::restore(repo, deleted).await;
        assert!(
            matches!(late, Err(AddError::Query(QueryError::ForeignKeyViolation(_)))),
            "{late:?}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_comes_back_among_its_neighbours_when_others_have_moved() {
    testing::on_each_database("an_item_comes_back_among", async |TestDatabase { repo, .. }| {
        let ann = users::insert(repo, person("Ann")).await.expect("inserted").id;
        let mut ids = Vec::new();
        for task in ["a", "b", "c", "d", "e"] {
            ids.push(add(repo, ann, task).await.expect("added").id);
        }
        let [a, b, c, d, e] = ids[..] else { unreachable!("there are five") };
        let delete = async |id| todo_list_items::delete(repo, ann, id).await.expect("deleted");
        let put = async |id, other| {
            let put = todo_list_items::put(repo, ann, id, Place::Before(other)).await;
            put.expect("put");
        };

        let deleted = delete(d).await;
        put(b, a).await;
        todo_list_items::restore(repo, deleted).await.expect("restored");
        assert_eq!(tasks(repo, ann).await, "b a c d e");

        let deleted = delete(e).await;
        put(a, b).await;
        put(c, b).await;
        todo_list_items::restore(repo, deleted).await.expect("restored");
        assert_eq!(tasks(repo, ann).await, "a c b d e", "it was the last");

        let deleted = delete(b).await;
        delete(d).await;
        todo_list_items::restore(repo, deleted).await.expect("restored");
        assert_eq!(tasks(repo, ann).await, "a c b e", "what followed it is gone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_neither_blank_nor_endless() {
    testing::on_each_database("a_task_is_neither", async |TestDatabase { repo, .. }| {
        let ann = users::insert(repo, person("Ann")).await.expect("inserted").id;
        let item = add(repo, ann, &"é".repeat(MAX_TASK_CHARS)).await.expect("so long it may be");
        let rename = async |task: &str| {
            todo_list_items::rename(repo, ann, item.id, task.into()).await.expect_err("refused")
        };
        let too_long = "é".repeat(MAX_TASK_CHARS + 1);
        assert_eq!(rename(&too_long).await.constraint(), Some("todo_list_items_task_length"));
        assert_eq!(rename(" ").await.constraint(), Some("todo_list_items_task_not_blank"));
        let AddError::Query(added) = add(repo, ann, &too_long).await.expect_err("refused") else {
            panic!("there is room");
        };
        assert_eq!(added.constraint(), Some("todo_list_items_task_length"));

        todo_list_items::rename(repo, ann, item.id, "short".into()).await.expect("renamed");
        assert_eq!(tasks(repo, ann).await, "short");
        let bob = users::insert(repo, person("Bob")).await.expect("inserted").id;
        let others = todo_list_items::rename(repo, bob, item.id, "mine".into()).await;
        assert!(matches!(others, Err(QueryError::NotFound)), "{others:?}");
    })
    .await;
}

/// As a list may be that is older than the rule.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_has_an_end() {
    testing::on_each_database("a_list_has_an_end", async |TestDatabase { repo, .. }| {
        let ann = users::insert(repo, person("Ann")).await.expect("inserted").id;
        let first = add(repo, ann, "first").await.expect("added");
        let fill = async |n_items: usize| {
            let rows = (0..n_items).map(|n| Row {
                name: format!("Bob {n_items}"),
                age: 1,
                item: Some(Item { task: n.to_string(), completed: false }),
            });
            let rows = rows.collect();
            crate::bulk::add(repo, vec![rows]).await.expect("added");
            let list = users::list(repo, 9).await.expect("the users");
            let bob = list.into_iter().find(|user| user.name == format!("Bob {n_items}"));
            bob.expect("he was added").id
        };
        let bob = fill(MAX_ITEMS - 1).await;
        let last = add(repo, bob, "the last one").await.expect("there is room for one");
        let late = add(repo, bob, "one too many").await;
        assert!(matches!(late, Err(AddError::Full)), "{late:?}");
        let deleted = todo_list_items::delete(repo, bob, last.id).await.expect("deleted");
        add(repo, bob, "in its place").await.expect("there is room again");
        let back = todo_list_items::restore(repo, deleted).await;
        assert!(matches!(back, Err(AddError::Full)), "{back:?}");
        let deleted = todo_list_items::delete(repo, ann, first.id).await.expect("deleted");
        todo_list_items::restore(repo, deleted).await.expect("another list has room");

        let carl = fill(MAX_ITEMS + 500).await;
        let list = todo_list_items::list_of_user(repo, carl).await.expect("the items");
        assert_eq!(list.len(), MAX_ITEMS + 1, "one more says that there are more");
        assert_eq!(users::list(repo, 2).await.expect("the users").len(), 2);
        assert_eq!(users::list_with_todo_counts(repo, 1).await.expect("the users").len(), 1);

        let deleted = users::delete(repo, carl).await.expect("deleted");
        assert_eq!(deleted.items, None, "a list of any length is not read");
        let back = users::restore(repo, deleted).await;
        assert!(matches!(back, Err(QueryError::NotFound)), "{back:?}");
        assert_eq!(todo_list_items::count_of_user(repo, carl).await.expect("a count"), 0);
        let deleted = users::delete(repo, bob).await.expect("deleted");
        assert_eq!(deleted.items.as_ref().map(Vec::len), Some(MAX_ITEMS));
        users::restore(repo, deleted).await.expect("back");
        let n_items = todo_list_items::count_of_user(repo, bob).await.expect("a count");
        assert_eq!(n_items, MAX_ITEMS as i64);
    })
    .await;
}

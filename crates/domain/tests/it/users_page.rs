//! The pages of the users' table, and the rules that its forms run into.

use belvedere_diesel::testing::TestDatabase;
use belvedere_diesel::{QueryError, Repo};
use domain::todo_list_items::{self, NewTodoListItem};
use domain::users::{self, Direction, MAX_NAME_CHARS, NAME_KEY, NewUser, PAGE_ROWS, Page, Sort};
use domain::{seed, testing};

use crate::queries::person;

async fn found(repo: &Repo, search: &str) -> Vec<String> {
    let page = users::page(repo, search, Sort::Name, Direction::Ascending, 1).await;
    page.expect("a page").rows.into_iter().map(|(user, _)| user.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_three_queries() {
    testing::on_each_database("a_page_is_three_queries", async |TestDatabase { repo, .. }| {
        seed::fill(repo, 25).await.expect("seeded");
        let (repo, count) = repo.counted();
        let page = async |number| {
            users::page(&repo, "", Sort::Name, Direction::Ascending, number).await.expect("a page")
        };
        let first = page(1).await;
        assert_eq!(count.queries(), 3);
        assert_eq!((first.total, first.number, first.n_pages), (25, 1, 3));
        assert_eq!(first.rows.len(), PAGE_ROWS);
        let last = page(3).await;
        assert_eq!(last.rows.len(), 5);

        let mut shown = first.rows.clone();
        shown.extend(page(2).await.rows);
        shown.extend(last.rows.clone());
        let mut everyone = users::list_with_todo_counts(&repo, 9_999).await.expect("everyone");
        everyone.sort_by_key(|(user, _)| (user.name.to_ascii_lowercase(), user.id));
        assert_eq!(shown, everyone);

        assert_eq!(page(0).await, first, "there is no page before the first");
        assert_eq!(page(usize::MAX).await, last, "nor one after the last");
        let nobody = users::page(&repo, "nobody", Sort::Age, Direction::Ascending, 7).await;
        let none = Page { rows: Vec::new(), total: 0, number: 1, n_pages: 1 };
        assert_eq!(nobody.expect("a page"), none);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_column_sorts_both_ways() {
    testing::on_each_database(
        "each_column_sorts_both_ways",
        async |TestDatabase { repo, .. }| {
            for (name, age, n_items) in [("ann", 30, 2), ("Bob", 20, 0), ("cleo", 30, 1)] {
                let user = NewUser { name: name.into(), age };
                let user = users::insert(repo, user).await.expect("inserted");
                for task in ["one", "two"].into_iter().take(n_items) {
                    let item =
                        NewTodoListItem { task: task.into(), completed: false, user_id: user.id };
                    todo_list_items::insert(repo, item).await.expect("inserted");
                }
            }
            for (sort, direction, names) in [
                (Sort::Name, Direction::Ascending, ["ann", "Bob", "cleo"]),
                (Sort::Name, Direction::Descending, ["cleo", "Bob", "ann"]),
                (Sort::Age, Direction::Ascending, ["Bob", "ann", "cleo"]),
                (Sort::Age, Direction::Descending, ["ann", "cleo", "Bob"]),
                (Sort::Todos, Direction::Ascending, ["Bob", "cleo", "ann"]),
                (Sort::Todos, Direction::Descending, ["ann", "cleo", "Bob"]),
            ] {
                let page = users::page(repo, "", sort, direction, 1).await.expect("a page");
                let shown: Vec<_> = page.rows.iter().map(|(user, _)| user.name.as_str()).collect();
                assert_eq!(shown, names, "{sort:?} {direction:?}");
            }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_names_in_whatever_case() {
    testing::on_each_database("a_search_finds_names", async |TestDatabase { repo, .. }| {
        for name in ["Ann-Émile Zola", "ÉMILE GALLÉ", "émile", "100% Bob_by\\", "Ægir dØ"] {
            users::insert(repo, person(name)).await.expect("inserted");
        }
        let emiles = ["Ann-Émile Zola", "ÉMILE GALLÉ", "émile"];
        for (search, names) in [
            (" ZOLA ", &["Ann-Émile Zola"][..]),
            ("émile", &emiles),
            ("ÉMILE", &emiles),
            ("Émile", &["Ann-Émile Zola", "ÉMILE GALLÉ", "émile"]),
            ("gallé", &["ÉMILE GALLÉ"]),
            ("dØ", &["Ægir dØ"]),
            ("æg", &["Ægir dØ"]),
            ("%", &["100% Bob_by\\"]),
            ("b_b", &["100% Bob_by\\"]),
            ("\\", &["100% Bob_by\\"]),
            ("bo\0b", &["100% Bob_by\\"]),
            ("a%z", &[]),
            ("e_mile", &[]),
        ] {
            assert_eq!(found(repo, search).await, names, "{search}");
        }
        let endless = "%".repeat(100_000);
        assert!(found(repo, &endless).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_rules_are_told_by_name() {
    testing::on_each_database(
        "broken_rules_are_told_by_name",
        async |TestDatabase { repo, .. }| {
            let ann = users::insert(repo, person("Ann")).await.expect("inserted");
            let bob = users::insert(repo, person("Bob")).await.expect("inserted");
            let is_taken = |error: &QueryError| {
                matches!(error, QueryError::UniqueViolation(_))
                    && error.constraint() == Some(NAME_KEY)
            };
            let twice = users::insert(repo, person("aNN")).await.expect_err("the name is taken");
            assert!(is_taken(&twice), "{twice:?}");
            let renamed = users::update(repo, bob.id, person("ANN")).await.expect_err("taken");
            assert!(is_taken(&renamed), "{renamed:?}");
            users::update(repo, ann.id, person("ANN")).await.expect("one's own name can change");

            let deleted = users::delete(repo, ann.id).await.expect("deleted");
            users::insert(repo, person("ann")).await.expect("the name is free");
            let restored = users::restore(repo, deleted).await.expect_err("not any more");
            assert!(is_taken(&restored), "{restored:?}");

            let longest = "é".repeat(MAX_NAME_CHARS);
            users::insert(repo, person(&longest)).await.expect("so long a name may be");
            let too_long = users::insert(repo, person(&format!("{longest}é"))).await;
            let too_long = too_long.expect_err("no longer");
            assert_eq!(too_long.constraint(), Some("users_name_length"));
        },
    )
    .await;
}

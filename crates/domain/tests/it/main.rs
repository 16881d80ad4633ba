//! The domain against real databases.

use domain::{seed, testing, todo_list_items, users};

#[tokio::test(flavor = "multi_thread")]
async fn both_pages_show_the_same_table() {
    testing::on_each_database("both_pages_show_the_same_table", async |database| {
        seed::fill(&database.repo, 2_000).await.expect("seeded");
        let (repo, count) = database.repo.counted();
        let fast = users::list_with_todo_counts(&repo)
            .await
            .expect("the fast page");
        assert_eq!(count.queries(), 1);

        let (repo, count) = database.repo.counted();
        let mut slow = Vec::new();
        for user in users::list(&repo).await.expect("users") {
            let id = user.id;
            slow.push((
                user,
                todo_list_items::count_of_user(&repo, id)
                    .await
                    .expect("a count"),
            ));
        }
        assert_eq!(count.queries(), 2_001);
        assert_eq!(fast, slow);
    })
    .await;
}

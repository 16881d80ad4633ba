//! The domain against real databases.

use domain::{DatabaseConfig, DatabaseUrl, Repo, migrations, seed, todo_list_items, users};

#[tokio::test(flavor = "multi_thread")]
async fn both_pages_show_the_same_table() {
    let directory = std::env::temp_dir().join(format!("domain-smoke-{}", std::process::id()));
    let config =
        DatabaseConfig::new(DatabaseUrl::sqlite(directory.join("app.sqlite3")).expect("a path"));
    assert_eq!(migrations::pending(&config).await.expect("names").len(), 2);
    migrations::run(&config).await.expect("migrations run");
    assert!(
        migrations::pending(&config)
            .await
            .expect("names")
            .is_empty()
    );
    let repo = Repo::connect(&config).await.expect("a connection");
    seed::fill(&repo, 2_000).await.expect("seeded");

    let (counted, count) = repo.counted();
    let fast = tokio::spawn(async move { users::list_with_todo_counts(&counted).await })
        .await
        .expect("no panic")
        .expect("the fast page");
    assert_eq!(count.queries(), 1);
    let mut slow = Vec::new();
    let (counted, count) = repo.counted();
    for user in users::list(&counted).await.expect("users") {
        let id = user.id;
        slow.push((
            user,
            todo_list_items::count_of_user(&counted, id)
                .await
                .expect("a count"),
        ));
    }
    assert_eq!(count.queries(), 2_001);
    assert_eq!(fast, slow);
    std::fs::remove_dir_all(directory).expect("removed");
}

//! Figures over all people, the same on both databases.

use domain::figures::{self, Items};
use domain::todo_list_items::NewTodoListItem;
use domain::users::NewUser;
use domain::{testing, todo_list_items, users};

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_counted_by_the_database() {
    testing::on_each_database("figures_are_counted_by_the_database", async |database| {
        let repo = &database.repo;
        assert_eq!(figures::items(repo).await.expect("a count"), Items::default());
        assert!(figures::people_by_decade(repo).await.expect("decades").is_empty());
        assert!(figures::busiest(repo, 8).await.expect("nobody").is_empty());
        for (name, age, done, open) in
            [("Ada", 9, 0, 1), ("Bob", 31, 1, 2), ("Cid", 39, 0, 2), ("Dan", 150, 3, 0)]
        {
            let user =
                users::insert(repo, NewUser { name: name.into(), age }).await.expect("added");
            for n in 0..done + open {
                let task = format!("item {n}");
                let item = NewTodoListItem { task, completed: n < done, user_id: user.id };
                todo_list_items::insert(repo, item).await.expect("added");
            }
        }
        let (repo, count) = database.repo.counted();
        assert_eq!(figures::items(&repo).await.expect("a count"), Items { n_done: 4, n_open: 5 });
        let decades = figures::people_by_decade(&repo).await.expect("decades");
        assert_eq!(decades.len(), 16);
        assert_eq!((&decades[..4], decades[15]), (&[1, 0, 0, 2][..], 1));
        let busiest = figures::busiest(&repo, 2).await.expect("people");
        let busiest: Vec<_> = busiest.iter().map(|busy| (&*busy.name, busy.n_open)).collect();
        assert_eq!(busiest, [("Bob", 2), ("Cid", 2)]);
        assert_eq!(count.queries(), 3);
    })
    .await;
}

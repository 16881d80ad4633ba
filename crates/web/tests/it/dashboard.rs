//! `/dashboard`: parts that load by themselves, each with its own loading and failure.

use belvedere_telemetry::assert_no_n_plus_one;
use belvedere_telemetry::testing::recorder;
use domain::{seed, testing};

use crate::app::App;
use crate::traces::{children, named};

const FAILED: &str = "This could not be loaded.";

#[tokio::test(flavor = "multi_thread")]
async fn each_part_is_shown_when_it_is_there() {
    testing::on_each_database("each_part_is_shown_when_it_is_there", async |database| {
        seed::fill(&database.repo, 25).await.expect("seeded");
        let app = App::new(database.repo.clone()).visitor();
        let (decades, busiest) = (app.hold_async("decades"), app.hold_async("busiest"));
        let page = app.get("/dashboard").await;
        assert_eq!(page.texts(".part h2"), ["All lists", "People by age", "Most to do"]);
        assert_eq!(page.texts("#decades .note, #busiest .note"), ["Loading…", "Loading…"]);
        let mut page = page.join().await;
        assert_eq!(page.text("#n-people"), "25");
        busiest.release();
        page.settle().await;
        assert_eq!(page.texts("#busiest tbody tr").len(), 8);
        assert_eq!(page.texts(".part[aria-busy] h2"), ["People by age"]);
        decades.release();
        page.settle().await;
        assert!(!page.texts("#decades text").is_empty());
        assert!(page.texts("[aria-busy]").is_empty());

        // What is known stays while it is loaded again.
        let held = app.hold_async("decades");
        page.click("#refresh").await;
        assert_eq!(page.texts(".part[aria-busy] h2"), ["People by age"]);
        assert!(!page.texts("#decades text").is_empty());
        held.release();
        page.settle().await;
        assert!(page.texts("[aria-busy]").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_fails_leaves_the_others_alone() {
    testing::on_each_database("a_part_that_fails_leaves_the_others_alone", async |database| {
        seed::fill(&database.repo, 5).await.expect("seeded");
        let app = App::new(database.repo.clone()).visitor();
        let mut page = app.get("/dashboard").await.join().await;
        assert!(page.texts(".failed").is_empty());
        testing::drop_items(database).await;
        page.click("#refresh").await;
        assert_eq!(page.texts("#totals .failed, #busiest .failed"), [FAILED, FAILED]);
        assert!(!page.texts("#decades text").is_empty());
        let page = app.get("/dashboard").await.join().await;
        assert_eq!(page.texts("#totals .failed, #busiest .failed"), [FAILED, FAILED]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_anybody_has_a_dashboard() {
    let database = testing::sqlite().await;
    let page = App::new(database.repo.clone()).visitor().get("/dashboard").await.join().await;
    assert_eq!(page.text("#n-people"), "0");
    assert_eq!(page.texts(".part .note"), ["There is nobody yet.", "Everything is done."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_of_the_page_has_its_parts_side_by_side() {
    recorder();
    testing::on_each_database("the_trace_of_the_page_has_its_parts", async |database| {
        seed::fill(&database.repo, 12).await.expect("seeded");
        let caller = belvedere_telemetry::testing::Caller::new();
        let app = App::new(database.repo.clone()).visitor();
        let traceparent = caller.traceparent();
        let page = app.get_with("/dashboard", &[("traceparent", &traceparent)]).await;
        let view = page.join().await;
        let spans = recorder().trace(view.trace_id());
        let named = |name| named(&spans, name);
        let below = |span| {
            let below = children(&spans, span).into_iter();
            let mut below: Vec<_> = below.map(|span| span.name.into_owned()).collect();
            below.sort_unstable();
            below
        };
        let parts =
            ["Dashboard async busiest", "Dashboard async decades", "Dashboard async totals"];
        assert_eq!(below(named("Dashboard mount")), parts);
        assert_eq!(below(named(parts[0])), ["SELECT users todo_list_items"]);
        assert_eq!(below(named(parts[1])), ["SELECT users"]);
        assert_eq!(below(named(parts[2])), ["SELECT todo_list_items", "SELECT users"]);
        assert_no_n_plus_one!(view.trace_id());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_others_change_is_read_again_and_many_changes_once() {
    let database = testing::sqlite().await;
    seed::fill(&database.repo, 3).await.expect("seeded");
    let (repo, count) = database.repo.counted();
    let app = App::new(repo);
    let mut page = app.visitor().get("/dashboard").await.join().await;
    page.settle().await;
    assert_eq!(page.text("#n-people"), "3");
    let other = app.visitor();
    for n in 0..5 {
        other.post("/users/new", &[("user[name]", &format!("New {n}")), ("user[age]", "9")]).await;
    }
    page.settle().await;
    let before = count.queries();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    page.settle().await;
    assert_eq!(page.text("#n-people"), "8");
    assert!(page.texts("[aria-busy]").is_empty());
    assert_eq!(count.queries() - before, 4, "each part once, for five changes");
}

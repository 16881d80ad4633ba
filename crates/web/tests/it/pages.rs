//! What the pages show and do for their visitors.

use belvedere_diesel::trace::attributes;
use belvedere_telemetry::testing::{attribute, recorder};
use domain::{seed, testing};
use opentelemetry::Value;

use crate::app::App;

#[tokio::test(flavor = "multi_thread")]
async fn the_home_page_runs_the_counter_beside_its_code() {
    let database = testing::sqlite().await;
    let page = App::new(database.repo.clone()).visitor().get("/").await;
    let code = page.text("#library code");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(&code), words(include_str!("../../src/pages/counter.rs")));
    assert_eq!(page.text("#library output"), "0");
    for folder in ["crates/guide", "starter"] {
        let link = page.attribute(&format!("#library a[href$='/tree/main/{folder}']"), "href");
        assert!(link.expect("a link").starts_with("https://"), "to the repository");
    }

    let home = page.join().await;
    let mut counter = home.child("counter").await;
    counter.click("#inc").await;
    assert_eq!(counter.text("output"), "1");
    assert_eq!(counter.title(), None, "the title is the page's");
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_pages_of_the_application() {
    let database = testing::sqlite().await;
    let app = App::new(database.repo.clone()).visitor();
    for page in ["/chat", "/todos"] {
        let nav = app.get("/").await.attribute(&format!("nav a[href='{page}']"), "href");
        assert_eq!(nav.as_deref(), Some(page));
    }
    let mut todos = app.get("/todos").await.join().await;
    todos.click("#todo-0 > button:last-of-type").await;
    todos.click("#add").await;
    todos.submit("form", &[("title", "Read")]).await;
    let again = app.get("/todos").await;
    assert_eq!(again.text("h1"), "3 things to do");
    assert!(again.text("#todos li:last-child").contains("Read"));

    let mut one = app.get("/chat").await.join().await;
    let mut other = app.another_visitor().get("/chat").await.join().await;
    one.submit("#say", &[("text", "Good morning")]).await;
    other.settle().await;
    assert_eq!(other.texts("#messages li"), ["Good morning"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_users_pages_show_a_thousand_users_and_say_that_there_are_more() {
    let database = testing::sqlite().await;
    let app = App::new(database.repo.clone()).visitor();
    seed::fill(&database.repo, 1_000).await.expect("seeded");
    let more = "The first 1,000 users; there are more";
    for (n_more, caption) in [(0, "1000 users"), (1, more)] {
        seed::fill(&database.repo, n_more).await.expect("seeded");
        for (path, n_queries) in [("/users-fast", "1"), ("/users-slow", "1001")] {
            let page = app.get(path).await;
            assert_eq!(page.text("#users caption"), caption, "{path}");
            assert_eq!(page.texts("#users tbody tr").len(), 1_000, "{path}");
            assert_eq!(page.text("#query-count"), n_queries, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_page_shows_what_a_network_would_cost() {
    recorder();
    let database = testing::sqlite().await;
    seed::fill(&database.repo, 4).await.expect("seeded");
    let app = App::new(database.repo.clone()).visitor();
    let load_ms = async |path: &str| {
        let page = app.get(path).await;
        let time = page.text("#load-time");
        (page, time.trim_end_matches(" ms").parse::<f64>().expect("a number"))
    };
    let (slow, ms) = load_ms("/users-slow?round_trip_ms=3").await;
    assert!(slow.texts(".choices [aria-current]").is_empty(), "3 ms are not among the choices");
    assert!(slow.text(".note").contains("simulated") && ms >= 15.0, "{ms}");
    let spans = recorder().trace(slow.trace_id());
    let queries: Vec<_> = spans.iter().filter(|span| span.name.starts_with("SELECT")).collect();
    assert_eq!(queries.len(), 5);
    for query in queries {
        assert_eq!(attribute(query, attributes::SIMULATED_TIME), Some(&Value::I64(3_000)));
    }

    let (near, _) = load_ms("/users-slow").await;
    assert_eq!(near.text(".choices [aria-current]"), "none");
    assert!(near.texts(".note").is_empty());
}

//! What the pages show of an application that knows no database library.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use belvedere::testing::TestFile;
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
use belvedere_inspector::{Guard, Inspector};
use belvedere_telemetry::store::{TraceFilter, TraceSummary};
use http::StatusCode;

use crate::app::App;

#[tokio::test(flavor = "multi_thread")]
async fn anybodys_query_spans_are_counted_and_drawn() {
    let app = App::new(Guard::Application);
    let id = app.visit("/slow").await;
    let visitor = app.visitor();
    let list = visitor.get("/inspector?n_plus_one=on").await;
    assert_eq!(list.texts("#traces tbody th"), ["GET /slow N+1 ×9"], "{}", list.html);
    let page = visitor.get(&format!("/inspector/trace/{id}")).await;
    assert_eq!(page.text("#n-queries"), "9");
    assert_eq!(page.texts(".waterfall tr.query .name"), ["SELECT products"; 9]);
    assert_eq!(page.texts(".statements code"), ["SELECT price FROM products WHERE id = $1"]);
    assert_eq!(page.attribute(".crumb a", "href").as_deref(), Some("/inspector"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_slowest_page_with_an_n_plus_one_stands_beside_its_neighbour() {
    let app = App::new(Guard::Application);
    let mut page = app.visitor().get("/inspector/compare").await.join().await;
    assert_eq!(page.texts(".empty").len(), 2);
    for path in ["/about", "/fast", "/slow"] {
        app.visit(path).await;
    }
    let fresh = app.visitor().get("/inspector/compare").await;
    assert_eq!(fresh.text("#right h2"), "GET /slow");
    assert_eq!(fresh.text("#right .queries"), "9 queries");
    assert_ne!(fresh.text("#left h2"), "GET /slow");
    // The page that was open shows the same by itself.
    let shown = async {
        while page.text("#right h2") != "GET /slow" {
            page.settle().await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), shown).await.expect("it looks again");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_two_pages_can_be_chosen() {
    let app = App::new(Guard::Application);
    for path in ["/about", "/fast", "/slow"] {
        app.visit(path).await;
    }
    let visitor = app.visitor();
    let link = "/inspector/compare?left=GET+/about&right=GET+/fast";
    let mut page = visitor.get(link).await.join().await;
    assert_eq!([page.text("#left h2"), page.text("#right h2")], ["GET /about", "GET /fast"]);
    assert!(page.text("#verdict").starts_with("GET /fast: 1 query instead of 0"));
    assert_eq!(page.texts("#left .axis div"), page.texts("#right .axis div"), "one axis");

    let choose = [("left", "GET /fast"), ("right", "GET /slow")];
    page.change("#choice", "right", &choose).await;
    assert_eq!([page.text("#left h2"), page.text("#right h2")], ["GET /fast", "GET /slow"]);
    assert!(page.text("#verdict").contains("9 queries instead of 1"));

    page.change("#choice", "left", &[("left", ""), ("right", "GET /gone")]).await;
    assert_eq!(page.text("#right h2"), "GET /gone");
    assert!(page.text("#verdict").starts_with("Open two pages"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_guard_said_of_an_event_stands_in_its_trace() {
    let app = App::new(Guard::Application);
    for (event, said) in
        [("pass", "passed"), ("refuse", "refused"), ("redirect", "redirected"), ("fail", "failed")]
    {
        let mut changes = app.store.subscribe();
        let mut till = app.watch("/till").await.join().await;
        till.click(&format!("#{event}")).await;
        let name = format!("Till handle_event {event}");
        let act = loop {
            let traces = app.store.list(&TraceFilter::default(), 100);
            match traces.iter().find(|trace| *trace.name == name) {
                Some(act) => break act.id,
                None => changes.changed().await.unwrap(),
            }
        };
        let page = app.visitor().get(&format!("/inspector/trace/{act}")).await;
        assert!(page.text("h1").starts_with(&name));
        let guard = ".waterfall tr.callback ~ tr.callback";
        let shown = ["th .name", "th .facts"].map(|of| page.text(&format!("{guard} {of}")));
        assert_eq!(shown, ["Till guard", said]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_sent_says_how_much_of_it_has_come() {
    let app = App::new(Guard::Application);
    let mut seen = Vec::new();
    let exe = [b"MZ\x90\0\x03\0\0\0".as_slice(), &[0; 4000]].concat();
    for (bytes, facts, error) in [
        (vec![b'x'; 1536], "1.5 KiB of 1.5 KiB · received", ""),
        (exe, "0 B of 3.9 KiB · failed", "Files of this type are not accepted."),
    ] {
        let mut changes = app.store.subscribe();
        let mut album = app.watch("/album").await.join().await;
        album.form("form").choose_files("photos", [TestFile::new("a.txt", bytes)]).await;
        let act = loop {
            let traces = app.store.list(&TraceFilter::default(), 100);
            let is_it = |trace: &&Arc<TraceSummary>| {
                *trace.name == *"Album upload photos" && !seen.contains(&trace.id)
            };
            match traces.iter().find(is_it) {
                Some(act) => break act.id,
                None => changes.changed().await.unwrap(),
            }
        };
        seen.push(act);
        let page = app.visitor().get(&format!("/inspector/trace/{act}")).await;
        assert!(page.text("h1").starts_with("Album upload photos"));
        let shown =
            ["th .facts", "th .detail"].map(|of| page.texts(&format!(".waterfall {of}")).join(""));
        assert_eq!(shown, [facts, error]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_views_that_run_are_listed() {
    let app = App::new(Guard::Application);
    let _shop = app.visitor().get("/fast").await.join().await;
    let _list = app.visitor().get("/inspector").await.join().await;
    let page = app.visitor().get("/inspector/live").await.join().await;
    assert_eq!(page.texts("#views .name"), ["Shop"], "and none of the inspector's own");
    assert_eq!(page.text("[role=status]"), "1 shown of 1");
    assert!(page.text("#views .detail").contains("/fast"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_trace_is_a_missing_page() {
    let visitor = App::new(Guard::Application).visitor();
    for id in ["0".repeat(32), "f".repeat(32), "x".to_owned()] {
        let page = visitor.get(&format!("/inspector/trace/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[test]
fn it_is_merged_into_a_router_with_any_state() {
    #[derive(Clone)]
    struct State;

    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let store = belvedere_inspector::trace_store();
    let inspector = Inspector::new(&live, store, Guard::ThisMachine);
    let router: Router<State> = Router::new().merge(inspector.router());
    let _: Router = live.serve(router.with_state(State));
}

//! The inspector: what its pages show, and who may see them.

use belvedere::testing::{TestApp, TestPage};
use belvedere_diesel::Repo;
use belvedere_diesel::testing::TestDatabase;
use belvedere_inspector::{Guard, Password};
use belvedere_telemetry::store::{TraceFilter, TraceId, attribute};
use belvedere_telemetry::testing::{Caller, recorder};
use domain::seed;
use domain::testing;
use http::StatusCode;
use web::config::{Explained, InspectorAccess};

use crate::app::App;

const PASSWORD: &str = "open sesame";

/// Every page of the inspector that needs no trace.
const PAGES: [&str; 3] = ["/inspector", "/inspector/compare", "/inspector/live"];

/// The application with sample users and an inspector that asks for a password.
async fn guarded(database: &TestDatabase) -> App {
    seed::fill(&database.repo, 20).await.expect("an empty database takes users");
    with_password(database.repo.clone(), PASSWORD)
}

fn with_password(repo: Repo, password: &str) -> App {
    let password = Password::parse(password).expect("long enough");
    App::with_inspector(repo, &InspectorAccess::On(Guard::password(password)))
}

async fn signed_in(app: &App) -> TestApp {
    let visitor = app.visitor();
    let form = visitor.get("/inspector/sign-in").await;
    let token = form.attribute("input[name='csrf_token']", "value").expect("a token");
    let fields = [("csrf_token", &*token), ("password", PASSWORD)];
    let answer = visitor.post("/inspector/sign-in", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.html);
    visitor
}

/// Somebody whose pages the application's store is given the traces of.
struct Traced<'a> {
    app: &'a App,
    caller: Caller,
}

impl<'a> Traced<'a> {
    fn new(app: &'a App) -> Self {
        let caller = Caller::new();
        recorder().feed(app.store.clone(), &caller);
        Self { app, caller }
    }

    async fn get(&self, visitor: &TestApp, path: &str) -> TestPage {
        let page = visitor.get_with(path, &[("traceparent", &self.caller.traceparent())]).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        page
    }

    /// Opens a page and returns when the store has its trace: a response is here a moment before
    /// its span has ended.
    async fn open(&self, path: &str) -> TraceId {
        let store = &self.app.store;
        let newest = || store.newest_page(path).map(|trace| trace.summary.id);
        let before = newest();
        let mut changes = store.subscribe();
        self.get(&self.app.visitor(), path).await;
        loop {
            match newest() {
                Some(id) if Some(id) != before => return id,
                _ => changes.changed().await.expect("the store lives"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_leads_to_the_trace_of_the_slow_page() {
    let database = testing::sqlite().await;
    let app = guarded(&database).await;
    let id = Traced::new(&app).open("/users-slow").await;
    let inspector = signed_in(&app).await;
    let list = inspector.get("/inspector").await;
    assert_eq!(list.texts("#traces th a"), ["GET /users-slow"], "{}", list.html);
    let link = list.attribute("#traces th a", "href");
    assert_eq!(link, Some(format!("/inspector/trace/{id}")));

    let page = inspector.get(&format!("/inspector/trace/{id}")).await;
    assert_eq!(page.text("#trace-id"), id.to_string());
    let queries = page.texts(".waterfall tr.query .name");
    assert_eq!((page.text("#n-queries").as_str(), queries.len()), ("21", 21));
    assert_eq!(queries[0], "SELECT users");
    assert!(queries[1..].iter().all(|name| name == "SELECT todo_list_items"));
    assert_eq!(page.texts(".waterfall svg").len(), 24, "request, mount, queries, render");
    let statements = page.texts(".statements code");
    assert_eq!(statements.len(), 2, "{statements:?}");
    assert!(statements.iter().any(|statement| statement.starts_with("SELECT COUNT(*)")));
    assert!(page.join().await.is_joined());
}

#[tokio::test(flavor = "multi_thread")]
async fn fast_and_slow_stand_side_by_side() {
    let database = testing::sqlite().await;
    let app = guarded(&database).await;
    let inspector = signed_in(&app).await;
    let empty = inspector.get("/inspector/compare").await;
    assert_eq!(empty.texts(".empty").len(), 2);
    let visitor = Traced::new(&app);
    for path in ["/users-fast", "/users-slow"] {
        visitor.open(path).await;
    }
    let mut page = inspector.get("/inspector/compare").await.join().await;
    page.settle().await;
    assert_eq!(page.text("#left tr.request .name"), "GET /users-fast");
    assert_eq!(page.text("#right tr.request .name"), "GET /users-slow");
    assert_eq!(page.text("#left .queries"), "1 query");
    assert_eq!(page.text("#right .queries"), "21 queries");
    assert_eq!(page.texts("#right tr.query").len(), 21);
    assert_eq!(page.texts("#left .axis div"), page.texts("#right .axis div"), "one axis");
    assert!(page.text("#verdict").contains("21 queries instead of 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_run_again_and_again_has_a_badge() {
    let database = testing::sqlite().await;
    let app = guarded(&database).await;
    let visitor = Traced::new(&app);
    visitor.open("/users-fast").await;
    visitor.open("/users-slow").await;
    let inspector = signed_in(&app).await;
    let list = inspector.get("/inspector?n_plus_one=on").await;
    assert_eq!(list.texts("#traces tbody th"), ["GET /users-slow N+1 ×20"]);
    let path = list.attribute("#traces th a", "href").expect("a link");
    let page = inspector.get(&path).await;
    assert_eq!(page.texts(".waterfall tr.callback .badge"), ["N+1 ×20"]);
    assert_eq!(page.texts(".stats .bad dd"), ["21"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_narrow_the_list_and_mean_nothing_when_they_are_nonsense() {
    let database = testing::sqlite().await;
    let app = guarded(&database).await;
    let visitor = Traced::new(&app);
    visitor.open("/users-fast").await;
    visitor.open("/users-slow").await;
    let inspector = signed_in(&app).await;
    let mut page = inspector.get("/inspector?min=much").await.join().await;
    assert_eq!(page.texts("#traces th a"), ["GET /users-slow", "GET /users-fast"]);
    page.change("#filter", "route", &[("route", "/users-slow"), ("view", ""), ("min", "")]).await;
    assert_eq!(page.texts("#traces th a"), ["GET /users-slow"]);
    page.change("#filter", "min", &[("route", ""), ("view", ""), ("min", "3600000")]).await;
    assert!(page.texts("#traces").is_empty());
    assert!(page.text(".empty").contains("No traces"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspectors_own_traffic_is_not_listed() {
    let database = testing::sqlite().await;
    let app = guarded(&database).await;
    let (inspector, traced) = (signed_in(&app).await, Traced::new(&app));
    for path in PAGES {
        traced.get(&inspector, path).await.join().await.settle().await;
    }
    traced.open("/counter").await;
    let listed = app.store.list(&TraceFilter::default(), usize::MAX);
    let names: Vec<_> = listed.iter().map(|trace| &*trace.name).collect();
    assert_eq!(names, ["GET /counter"]);
    assert_eq!(app.store.usage().0, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_views_are_listed_with_what_is_kept_for_them() {
    let database = testing::sqlite().await;
    let app = guarded(&database).await;
    let mut counter = app.visitor().get("/counter").await.join().await;
    counter.click("#inc").await;
    let inspector = signed_in(&app).await;
    let page = inspector.get("/inspector/live").await;
    let [row] = &page.texts("#views tbody tr")[..] else { panic!("one view: {}", page.html) };
    assert!(row.contains("Counter") && row.contains("/counter") && row.contains("inc"), "{row}");

    let [view] = &app.live.views(10)[..] else { panic!("one view") };
    assert!(view.is_connected && view.mailbox_depth == 0);
    assert!(view.memory.diff_bytes > 0 && view.memory.mailbox_bytes > 0);
    assert_eq!(view.memory.buffer_bytes, 0, "the socket has taken the last frame");
    counter.disconnect().await;
    let [view] = &app.live.views(10)[..] else { panic!("one view") };
    assert!(!view.is_connected);
    assert_eq!(view.memory.diff_bytes, 0, "a view without a browser remembers no render");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspector_that_is_off_is_missing_and_explained_to_developers() {
    let database = testing::sqlite().await;
    for (explained, words) in
        [(Explained::Yes, "INSPECTOR_PASSWORD"), (Explained::No, "Page not found")]
    {
        let access = InspectorAccess::Off(explained);
        let app = App::with_inspector(database.repo.clone(), &access).visitor();
        let page = app.get("/inspector").await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.html.contains(words), "{}", page.html);
        assert!(!page.texts("nav a").contains(&"Inspector".to_owned()));
        assert_eq!(app.get("/inspector/sign-in").await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_password_only_names_of_this_machine_lead_in() {
    let database = testing::sqlite().await;
    let app = App::with_inspector(database.repo.clone(), &InspectorAccess::On(Guard::ThisMachine))
        .visitor();
    // The test client's host is a name that somebody pointed here.
    assert_eq!(app.get("/inspector").await.status, StatusCode::FORBIDDEN);
    assert!(app.get("/").await.texts("nav a").contains(&"Inspector".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_trace_is_a_missing_page() {
    let database = testing::sqlite().await;
    let app = guarded(&database).await;
    let inspector = signed_in(&app).await;
    for id in ["0".repeat(32), "f".repeat(32), "x".to_owned()] {
        let page = inspector.get(&format!("/inspector/trace/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
    }
}

#[test]
fn keys_of_query_spans_are_the_domains() {
    use belvedere_diesel::trace::attributes as db;
    let pairs = [
        (attribute::DB_SYSTEM_NAME, db::DB_SYSTEM_NAME),
        (attribute::DB_COLLECTION_NAME, db::DB_COLLECTION_NAME),
        (attribute::DB_QUERY_TEXT, db::DB_QUERY_TEXT),
        (attribute::DB_RESPONSE_RETURNED_ROWS, db::DB_RESPONSE_RETURNED_ROWS),
        (attribute::CODE_FILE_PATH, db::CODE_FILE_PATH),
        (attribute::CODE_LINE_NUMBER, db::CODE_LINE_NUMBER),
        (attribute::QUEUE_TIME, db::QUEUE_TIME),
        (attribute::SIMULATED_TIME, db::SIMULATED_TIME),
    ];
    for (own, domain) in pairs {
        assert_eq!(own, domain);
    }
}

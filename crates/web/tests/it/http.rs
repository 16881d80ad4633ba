//! Answers of the whole application to plain requests.

use axum::Router;
use axum::body::Body;
use belvedere::LiveRuntime;
use belvedere_diesel::{DatabaseConfig, QueryError};
use domain::testing;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tower::ServiceExt as _;
use web::{assets, database};

use crate::app;

/// The application on a database of its own, which lives as long as this.
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) live: LiveRuntime,
    _folder: TempDir,
}

impl App {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("test.sqlite3");
        let url = belvedere_diesel::DatabaseUrl::sqlite(path).expect("a path");
        let opened = database::open(&domain::database(url)).await.expect("a database");
        let app = app::App::new(opened.repo);
        Self { router: app.router, live: app.live, _folder: folder }
    }

    async fn request(&self, method: Method, path: &str) -> Response<Body> {
        // What looks at the health reads words.
        let accepted = if path.starts_with("/health") { "*/*" } else { "text/html" };
        let request = Request::builder().method(method).uri(path).header("host", "localhost");
        let request = request.header("accept", accepted);
        let request = request.body(Body::empty()).expect("a valid request");
        self.router.clone().oneshot(request).await.expect("a router cannot fail")
    }

    pub(crate) async fn get(&self, path: &str) -> Response<Body> {
        self.request(Method::GET, path).await
    }
}

pub(crate) async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_answers_with_the_strict_policy() {
    let app = App::start().await;
    for path in ["/", "/counter", "/users", "/users/new", "/users-fast", "/users-slow"] {
        let response = app.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().expect("ascii");
        assert!(policy.contains("script-src 'self'; style-src 'self'"), "{path}: {policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(headers["content-type"].to_str().expect("ascii").starts_with("text/html"));
        let page = text(response).await;
        assert_eq!(page.matches("<script defer phx-track-static").count(), 4, "{path}");
        assert!(page.contains(assets::APP_CSS.path), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_users_pages_show_the_same_rows() {
    let app = App::start().await;
    let rows = async |path| {
        let page = text(app.get(path).await).await;
        let body = page.split("<tbody>").nth(1).and_then(|rest| rest.split("</tbody>").next());
        body.expect("a table").to_owned()
    };
    let fast = rows("/users-fast").await;
    assert_eq!(fast.matches("data-user-id").count(), 20);
    assert_eq!(fast, rows("/users-slow").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_how_many_queries_they_ran() {
    let app = App::start().await;
    for (path, n_queries) in [("/users-fast", 1), ("/users-slow", 21)] {
        let page = text(app.get(path).await).await;
        assert!(page.contains(&format!("<dd id=\"query-count\">{n_queries}</dd>")), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_addresses_and_methods_have_pages() {
    let app = App::start().await;
    let missing = app.get("/nowhere").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(missing.headers().contains_key("content-security-policy"));
    assert!(text(missing).await.contains("Page not found"));
    for path in ["/", "/counter"] {
        let refused = app.request(Method::POST, path).await;
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(text(refused).await.contains("Not possible here"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_of_another_site_are_refused() {
    let app = App::start().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let paths = ["edit", "delete", "items"].map(|act| format!("/users/{nobody}/{act}"));
    for path in ["/users/new", &format!("/users/{nobody}")]
        .into_iter()
        .chain(paths.iter().map(|path| &**path))
    {
        let sent = async |site| {
            let form =
                Request::post(path).header("host", "localhost").header("sec-fetch-site", site);
            let form = form.header("content-type", "application/x-www-form-urlencoded");
            let form = form.body(Body::empty()).expect("a valid request");
            app.router.clone().oneshot(form).await.expect("a router cannot fail").status()
        };
        assert_eq!(sent("cross-site").await, StatusCode::FORBIDDEN, "{path}");
        let own = sent("same-origin").await;
        assert!([StatusCode::UNPROCESSABLE_ENTITY, StatusCode::NOT_FOUND].contains(&own), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_kept_for_ever() {
    let app = App::start().await;
    let scripts = belvedere::http::assets::client_scripts();
    for path in [assets::APP_CSS.path, assets::APP_JS.path, scripts[0].path, scripts[1].path] {
        let response = app.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told() {
    let app = App::start().await;
    assert_eq!(text(app.get("/health/live").await).await, "live\n");
    assert_eq!(text(app.get("/health/ready").await).await, "ready\n");
    app.live.drain().await;
    let stopping = app.get("/health/ready").await;
    assert_eq!(stopping.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text(stopping).await, "stopping\n");
    assert_eq!(app.get("/health/live").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_tells_a_silent_database_from_a_busy_one() {
    let test = "readiness_tells_a_silent_database_from_a_busy_one";
    let Some((server, config)) = domain::testing::own_server(test).await else {
        return;
    };
    let config = DatabaseConfig { max_connections: 1, ..config };
    let opened = database::open(&config).await.expect("a database");
    let app = app::App::new(opened.repo.clone());
    let ready = async || {
        let request = Request::get("/health/ready").header("host", "localhost");
        let request = request.body(Body::empty()).expect("a valid request");
        let response = app.router.clone().oneshot(request).await.expect("a router cannot fail");
        response.status()
    };
    let busy = opened.repo.transaction(async |_| Ok::<_, QueryError>(ready().await)).await;
    assert_eq!(busy.expect("a transaction"), StatusCode::OK);
    server.freeze();
    assert_eq!(ready().await, StatusCode::SERVICE_UNAVAILABLE);
    server.thaw();
    assert_eq!(ready().await, StatusCode::OK);
}

/// The start asks what the pages ask, so the first visitor's queries are parsed already.
#[tokio::test(flavor = "multi_thread")]
async fn the_start_prepares_what_the_pages_need() {
    #[derive(diesel::QueryableByName)]
    struct Statement {
        #[diesel(sql_type = diesel::sql_types::Text)]
        statement: String,
    }
    let Some(database) = testing::postgres("the_start_prepares_what_the_pages_need").await else {
        return;
    };
    // One connection, which all of them use: what another one knows is only what it was asked.
    let config = DatabaseConfig { max_connections: 1, ..database.config.clone() };
    let repo = database::open(&config).await.expect("a database").repo;
    let prepared = "SELECT statement FROM pg_prepared_statements";
    let before: Vec<Statement> = repo.all(diesel::sql_query(prepared)).await.expect("statements");
    assert_eq!(before.len(), 13, "one for each query of the pages");
    let app = app::App::new(repo.clone());
    for path in
        ["/users", "/users-fast", "/users-slow", "/dashboard", "/users/import", "/users/export.csv"]
    {
        let request = Request::get(path).header("host", "localhost");
        let request = request.body(Body::empty()).expect("a valid request");
        let response = app.router.clone().oneshot(request).await.expect("a router cannot fail");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
    let after: Vec<Statement> = repo.all(diesel::sql_query(prepared)).await.expect("statements");
    let texts =
        |rows: Vec<Statement>| rows.into_iter().map(|row| row.statement).collect::<Vec<_>>();
    assert_eq!(texts(after), texts(before));

    // Whichever connections the first visitors get.
    let config = DatabaseConfig { warm_connections: 3, ..database.config.clone() };
    let repo = database::open(&config).await.expect("a database").repo;
    let all_are_used = tokio::sync::Barrier::new(3);
    let visitors = (0..3).map(|_| {
        repo.transaction(async |transaction| {
            let known = transaction.all(diesel::sql_query(prepared)).await;
            all_are_used.wait().await;
            known.map(|known: Vec<Statement>| known.len())
        })
    });
    let n_known = futures_util::future::join_all(visitors).await;
    let n_known: Result<Vec<_>, QueryError> = n_known.into_iter().collect();
    assert_eq!(n_known.expect("statements"), [13; 3]);
    database.close().await;
}

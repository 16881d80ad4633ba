//! Who is let in, and what the others are told.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use belvedere::BasePath;
use belvedere_inspector::{Guard, Password};
use http::{Request, Response, StatusCode};
use tower::ServiceExt as _;

use crate::app::{App, PAGES};

async fn get(router: &Router, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let request =
        headers.iter().fold(Request::get(path), |r, (name, value)| r.header(*name, *value));
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let bytes = to_bytes(response.into_body(), 1024 * 1024).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn without_a_guard_only_this_machine_gets_in() {
    let app = App::new(Guard::ThisMachine);
    for path in PAGES {
        for host in ["localhost:4000", "127.0.0.1", "[::1]:80"] {
            let page = get(&app.router, path, &[("host", host)]).await;
            assert_eq!(page.status(), StatusCode::OK, "{path} of {host}");
        }
        for headers in [
            &[("host", "shop.example")][..],
            &[("host", "localhost"), ("x-forwarded-for", "192.0.2.1")],
            &[("host", "localhost"), ("forwarded", "for=192.0.2.1")],
            &[("host", "localhost"), ("via", "1.1 proxy")],
        ] {
            let page = get(&app.router, path, headers).await;
            assert_eq!(page.status(), StatusCode::FORBIDDEN, "{path} with {headers:?}");
            let words = text(page).await;
            assert!(words.contains("This inspector has no guard"), "{words}");
            assert!(words.contains("Guard::Password"), "{words}");
        }
    }
}

#[tokio::test]
async fn without_a_guard_another_machine_is_refused_whatever_it_says() {
    let app = App::new(Guard::ThisMachine);
    for (address, status) in [
        ("127.0.0.1:5000", StatusCode::OK),
        ("[::1]:5000", StatusCode::OK),
        ("[::ffff:127.0.0.1]:5000", StatusCode::OK),
        ("192.0.2.1:5000", StatusCode::FORBIDDEN),
    ] {
        let mut request = Request::get("/inspector").header("host", "localhost");
        let address: SocketAddr = address.parse().unwrap();
        request.extensions_mut().unwrap().insert(ConnectInfo(address));
        let request = request.body(Body::empty()).unwrap();
        let page = app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(page.status(), status, "{address}");
    }
}

#[tokio::test]
async fn an_application_that_guards_by_itself_is_not_asked_again() {
    let app = App::new(Guard::Application);
    for path in PAGES {
        let page = get(&app.router, path, &[("host", "shop.example")]).await;
        assert_eq!(page.status(), StatusCode::OK, "{path}");
    }
    let form = get(&app.router, "/inspector/sign-in", &[]).await;
    assert_eq!(form.status(), StatusCode::NOT_FOUND, "nobody signs in");
}

#[tokio::test]
async fn under_a_base_path_everything_is_below_it() {
    let base = || BasePath::new("/tools").unwrap();
    let password = Guard::password(Password::parse("open sesame").unwrap());
    let app = Router::new().nest("/tools", App::at(base(), password).router);
    let page = get(&app, "/tools/inspector", &[("host", "localhost")]).await;
    assert_eq!(page.status(), StatusCode::SEE_OTHER);
    assert_eq!(page.headers()["location"], "/tools/inspector/sign-in");
    let open = App::at(base(), Guard::Application);
    let app = Router::new().nest("/tools", open.router);
    for path in PAGES {
        let page = text(get(&app, &format!("/tools{path}"), &[("host", "localhost")]).await).await;
        let places = page.split(" href=\"").skip(1).chain(page.split(" src=\"").skip(1));
        let mut places = places.filter_map(|rest| rest.split('"').next());
        let is_below =
            |place: &str| place.starts_with("/tools") || ["#main", "data:,"].contains(&place);
        assert!(places.all(is_below), "{page}");
    }
    let style = text(get(&app, "/tools/inspector", &[("host", "localhost")]).await).await;
    let style = style.split("href=\"").find(|rest| rest.contains("/assets/"));
    let style = style.and_then(|rest| rest.split('"').next()).expect("a style sheet");
    assert_eq!(get(&app, style, &[]).await.status(), StatusCode::OK, "{style}");
}

#[tokio::test]
async fn every_answer_is_strict_and_nothing_is_inline() {
    let password = Guard::password(Password::parse("open sesame").unwrap());
    for (guard, path, host) in [
        (Guard::ThisMachine, "/inspector", "localhost"),
        (Guard::ThisMachine, "/inspector", "shop.example"),
        (password, "/inspector/sign-in", "shop.example"),
    ] {
        let app = App::new(guard);
        let page = get(&app.router, path, &[("host", host)]).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self'; style-src 'self'"), "{policy}");
        let page = text(page).await;
        assert!(!page.contains(" style=") && !page.contains("<style"), "{page}");
        assert!(!page.contains("<script>") && !page.contains(" onclick"), "{page}");
        // Its own style sheet is there without signing in, and is kept for ever.
        let style = page.split("href=\"").find(|rest| rest.starts_with("/inspector/assets/"));
        let style = style.and_then(|rest| rest.split('"').next()).expect("a style sheet");
        let style = get(&app.router, style, &[]).await;
        assert_eq!(style.status(), StatusCode::OK);
        assert!(style.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    }
}

//! What a browser gets for the client's files.

use axum::Router;
use axum::body::Body;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::{
    AssetFolder, CLIENT_VERSION, bootstrap_tag, client_scripts, client_tags, tracked_are_current,
};

async fn get(path: &str, accept_encoding: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path);
    if let Some(value) = accept_encoding {
        request = request.header(ACCEPT_ENCODING, value);
    }
    let request = request.body(Body::empty()).expect("a valid request");
    let app: Router = super::router();
    app.oneshot(request).await.expect("the router cannot fail")
}

async fn body(response: Response<Body>) -> Vec<u8> {
    response.into_body().collect().await.expect("a body in memory").to_bytes().to_vec()
}

fn live_view_path() -> &'static str {
    client_scripts()[1].path
}

#[tokio::test]
async fn client_is_served_for_ever_under_its_hash() {
    let response = get(live_view_path(), None).await;
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(headers["vary"], "accept-encoding");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(!headers.contains_key(CONTENT_ENCODING));
    let text = String::from_utf8(body(response).await).expect("a script");
    assert!(text.starts_with("var LiveView="), "{}", &text[..40]);
}

#[tokio::test]
async fn encoding_is_the_best_accepted_one() {
    for (accepted, encoding) in [
        (None, None),
        (Some("gzip, deflate, br, zstd"), Some("br")),
        (Some("gzip, deflate"), Some("gzip")),
        (Some("GZIP"), Some("gzip")),
        (Some("br;q=0.5, gzip;q=0.8"), Some("gzip")),
        (Some("br;q=0, *"), Some("gzip")),
        (Some("*"), Some("br")),
        (Some("*;q=0"), None),
        (Some("br;q=0.2, identity;q=0.9"), None),
        (Some("deflate, zstd"), None),
        (Some("br;q=nonsense"), Some("br")),
        (Some(""), None),
    ] {
        let response = get(live_view_path(), accepted).await;
        let found = response.headers().get(CONTENT_ENCODING).map(|v| v.to_str().expect("ascii"));
        assert_eq!(found, encoding, "accept-encoding: {accepted:?}");
    }
}

#[tokio::test]
async fn compressed_client_is_small_and_whole() {
    let plain = body(get(live_view_path(), None).await).await;
    let zipped = body(get(live_view_path(), Some("gzip")).await).await;
    let brotli = body(get(live_view_path(), Some("br")).await).await;
    assert!(zipped.len() < 39_000 && brotli.len() < 35_000, "{} {}", zipped.len(), brotli.len());

    let mut unzipped = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&zipped[..]), &mut unzipped)
        .expect("gzip");
    let mut expanded = Vec::new();
    brotli::BrotliDecompress(&mut &brotli[..], &mut expanded).expect("brotli");
    assert!(unzipped == plain && expanded == plain);
}

#[tokio::test]
async fn every_tag_names_a_file_that_is_served() {
    let page = maud::html! { (client_tags()) (bootstrap_tag()) }.into_string();
    let paths: Vec<&str> = page
        .split("<script defer phx-track-static src=\"")
        .skip(1)
        .map(|rest| rest.strip_suffix("\"></script>").expect("nothing else in the tag"))
        .collect();
    let names = ["/phoenix-", "/phoenix_live_view-", "/belvedere-", "/bootstrap-"];
    assert!(paths.iter().zip(names).all(|(path, name)| path.contains(name)), "{paths:?}");
    assert_eq!(paths.len(), names.len());
    for path in paths {
        assert_eq!(get(path, None).await.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn head_has_the_length_and_no_body() {
    let request = Request::builder().method(Method::HEAD).uri(live_view_path());
    let app: Router = super::router();
    let response =
        app.oneshot(request.body(Body::empty()).expect("valid")).await.expect("infallible");
    assert!(response.headers().contains_key(CONTENT_LENGTH));
    assert!(body(response).await.is_empty());
}

#[tokio::test]
async fn another_hash_is_not_found() {
    let response = get("/live/client/phoenix-0000000000000000.js", None).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn licences_are_linked_and_served() {
    let script = get(client_scripts()[0].path, None).await;
    assert_eq!(script.headers()["link"], "<LICENSES.txt>; rel=\"license\"", "beside the script");
    let response = get("/live/client/LICENSES.txt", None).await;
    assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
    let text = String::from_utf8(body(response).await).expect("text");
    assert_eq!(text.matches("Permission is hereby granted").count(), 2);
}

#[test]
fn version_is_the_pinned_one() {
    let pinned = format!("\"phoenix_live_view\": \"{CLIENT_VERSION}\"");
    assert!(include_str!("../../../client/package.json").contains(&pinned));
}

#[test]
fn changed_files_are_told_from_foreign_ones() {
    let served = ["/assets/app-0a1b2c3d4e5f6071.js", client_scripts()[0].path];
    let current = format!("https://ex.test{}?vsn=d", served[1]);
    assert!(tracked_are_current([current.as_str(), "https://ex.test/other.js"], &served));
    assert!(tracked_are_current([], &served));
    assert!(tracked_are_current(["https://ex.test/x/logo-ffffffffffffffff.js"], &served));
    assert!(!tracked_are_current(["https://ex.test/assets/app-ffffffffffffffff.js"], &served));
}

#[test]
fn a_folder_says_what_it_lacks() {
    let folder = std::env::temp_dir().join(format!("belvedere-folder-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("css")).unwrap();
    std::fs::write(folder.join("css/app.css"), "body {}").unwrap();
    let assets = AssetFolder::read("/static/", &folder).unwrap();
    let app = assets.get("css/app.css").unwrap();
    assert!(app.path.starts_with("/static/css/app-"), "{}", app.path);
    let missing = assets.get("css/ap.css").unwrap_err().to_string();
    let named = missing.starts_with("there is no asset `css/ap.css` in `");
    assert!(named && missing.ends_with("there are: css/app.css"), "{missing}");
    std::fs::write(folder.join("a b.css"), "").unwrap();
    let named = AssetFolder::read("/static", &folder).unwrap_err().to_string();
    assert!(named.contains("a b.css` is no name of an asset"), "{named}");
    std::fs::remove_dir_all(&folder).unwrap();
    let gone = AssetFolder::read("/static", &folder).unwrap_err().to_string();
    assert!(gone.contains("cannot be read, seen from"), "{gone}");
}

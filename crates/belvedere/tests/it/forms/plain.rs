//! The form as a plain `POST`, as a browser without JavaScript sends it.

use std::io;

use axum::Router;
use axum::body::Body;
use belvedere::event::FormLimits;
use belvedere::{LiveConfig, LiveRuntime};
use futures_util::stream;
use http::{Request, StatusCode};
use tower::ServiceExt as _;

use super::app;
use crate::views::config;

#[tokio::test]
async fn without_a_socket_the_form_ends_at_the_same_place() {
    let mut trip = app().get("/trip").await.join().await;
    let mut form = trip.form("form");
    form.fill("Name", "North").await;
    form.fill("Age", "12a").await;
    let refused = form.post().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.text("#trip_age--error"), "is not a whole number");
    assert_eq!(refused.attribute("#trip_age", "value").as_deref(), Some("12a"));
    assert_eq!(refused.text("#trip_home_city--error"), "length is lower than 3");

    form.fill("Age", "12").await;
    form.select("Meal", &["meat"]).await;
    form.fill("City", "Bonn").await;
    form.fill("trip[leaves]", "2026-12-01").await;
    let booked = form.post().await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER);
    assert_eq!(booked.headers["location"], "/booked/North");
}

#[tokio::test]
async fn without_a_socket_a_button_adds_a_row() {
    let mut trip = app().get("/trip").await.join().await;
    let mut form = trip.form("form");
    form.fill("Name", "N").await;
    let page = form.post_by("Add").await;
    assert_eq!(page.attribute("#trip_name", "value").as_deref(), Some("N"));
    assert_eq!(page.attribute("#trip_guests_0_email", "value").as_deref(), Some(""));
    assert_eq!(page.text("#trip_age--error"), "", "nobody has sent the form");
}

#[tokio::test]
async fn the_limits_and_the_site_are_those_of_the_configuration() {
    let form_limits = FormLimits { max_fields: 2, ..FormLimits::default() };
    let public_url = Some("https://app.test".to_owned());
    let router = Router::new().route("/trip", axum::routing::post(super::trip::book));
    let config = LiveConfig { form_limits, public_url, ..config() };
    let router = LiveRuntime::new(config).serve(router);
    for (origin, body, status) in [
        ("https://app.test", "a=1&b=2", StatusCode::UNPROCESSABLE_ENTITY),
        ("https://app.test", "a=1&b=2&c=3", StatusCode::PAYLOAD_TOO_LARGE),
        ("http://inside:4000", "a=1", StatusCode::FORBIDDEN),
    ] {
        let request = Request::post("/trip")
            .header("host", "inside:4000")
            .header("origin", origin)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body));
        let response = router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{origin}: {body}");
    }
}

#[tokio::test]
async fn the_lines_of_a_text_area_end_as_in_events() {
    let router = Router::<()>::new().route("/trip", axum::routing::post(super::trip::book));
    let request = Request::post("/trip")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("trip[notes]=a%0D%0Ab"));
    let response = router.oneshot(request.unwrap()).await.unwrap();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let html = String::from_utf8(body.to_vec()).unwrap();
    assert!(html.contains(">a\nb</textarea>"), "{html}");
}

#[tokio::test]
async fn what_is_no_form_of_this_site_is_refused_in_words() {
    let router = axum::Router::<()>::new().route("/trip", axum::routing::post(super::trip::book));
    let form = "application/x-www-form-urlencoded";
    let long = "a".repeat(300_000);
    let many = "a=1&".repeat(10_000);
    let deep = format!("a{}=1", "[b]".repeat(64));
    for (header, value, content_type, body, status) in [
        ("sec-fetch-site", "cross-site", form, "", StatusCode::FORBIDDEN),
        ("origin", "https://evil.test", form, "", StatusCode::FORBIDDEN),
        ("sec-fetch-site", "same-origin", "text/plain", "", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("sec-fetch-site", "same-origin", form, &long, StatusCode::PAYLOAD_TOO_LARGE),
        ("origin", "http://app.test", form, &many, StatusCode::PAYLOAD_TOO_LARGE),
        ("origin", "http://app.test", form, &deep, StatusCode::PAYLOAD_TOO_LARGE),
        ("sec-fetch-site", "none", form, "=%FF&trip[name]=%00", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let request = Request::post("/trip")
            .header("host", "app.test")
            .header("content-type", content_type)
            .header(header, value)
            .body(Body::from(body.to_owned()));
        let response = router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{header}: {value}");
    }
}

#[tokio::test]
async fn what_no_page_has_sent_names_no_other_page() {
    let router = Router::<()>::new().route("/trip", axum::routing::post(super::trip::book));
    for (site, origin, is_refused) in [
        ("none", None, false),
        ("none", Some("http://app.test"), false),
        ("none", Some("https://evil.test"), true),
        ("none", Some("null"), true),
        ("same-origin", Some("null"), false),
        ("same-site", Some("http://app.test"), true),
    ] {
        let mut request = Request::post("/trip")
            .header("host", "app.test")
            .header("sec-fetch-site", site)
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        assert_eq!(status == StatusCode::FORBIDDEN, is_refused, "{site} {origin:?}: {status}");
    }
}

#[tokio::test]
async fn a_form_that_breaks_off_is_to_be_sent_again() {
    let router = Router::<()>::new().route("/trip", axum::routing::post(super::trip::book));
    let parts = [Ok("trip[name]="), Err(io::Error::from(io::ErrorKind::TimedOut))];
    let request = Request::post("/trip")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from_stream(stream::iter(parts)));
    let response = router.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert_eq!(body, "This form did not arrive whole. Please send it again.");
}

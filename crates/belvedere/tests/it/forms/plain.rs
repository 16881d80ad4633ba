//! The form as a plain `POST`, as a browser without JavaScript sends it.

use axum::body::Body;
use http::{Request, StatusCode};
use tower::ServiceExt as _;

use super::app;

#[tokio::test]
async fn without_a_socket_the_form_ends_at_the_same_place() {
    let mut trip = app().get("/trip").await.join().await;
    let mut form = trip.form("form");
    form.fill("Name", "North").await;
    form.fill("Age", "12a").await;
    let refused = form.post().await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.text("#trip_age_error"), "is not a whole number");
    assert_eq!(refused.attribute("#trip_age", "value").as_deref(), Some("12a"));
    assert_eq!(refused.text("#trip_home_city_error"), "length is lower than 3");

    form.fill("Age", "12").await;
    form.select("Meal", &["meat"]).await;
    form.fill("City", "Bonn").await;
    form.fill("trip[leaves]", "2026-12-01").await;
    let booked = form.post().await;
    assert_eq!(booked.status, StatusCode::SEE_OTHER);
    assert_eq!(booked.headers["location"], "/booked/North");
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

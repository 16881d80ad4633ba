//! The page, as a person uses it.

use std::time::Duration;

use belvedere::LiveConfig;

use super::{app, app_with, config};

#[tokio::test]
async fn a_form_is_filled_in_by_its_labels_and_sent() {
    let mut trip = app().get("/trip").await.join().await;
    let mut form = trip.form("form");
    form.fill("Name", "N").await;
    form.fill("Age", "12a").await;
    assert_eq!(form.value("Age"), "12a");
    assert_eq!(trip.text("#trip_name--error"), "length is lower than 2");
    assert_eq!(trip.attribute("#trip_age", "aria-invalid").as_deref(), Some("true"));
    assert_eq!(trip.text("#trip_age--error"), "is not a whole number");
    assert_eq!(trip.text("#trip_home_city--error"), "", "nobody was there");
    assert!(trip.attribute("form", "data-changed").is_some());

    trip.form("form").press("Book").await;
    assert_eq!(trip.text("#trip_home_city--error"), "length is lower than 3");
    let focus = trip.attribute("i[phx-mounted]", "phx-mounted").unwrap();
    assert!(focus.contains("#trip_name:not(fieldset)"), "{focus}");

    let mut form = trip.form("form");
    form.fill("Name", "Taken").await;
    form.fill("Age", "30").await;
    form.select("Meal", &["no_meat"]).await;
    form.choose("Seat", "window").await;
    form.check("Insured").await;
    form.select("Stops", &["rome", "bonn"]).await;
    form.fill("trip[leaves]", "2026-12-01").await;
    form.fill("trip[notes]", "\nfirst\nsecond").await;
    form.fill("City", "Bonn").await;
    form.submit().await;
    assert_eq!(trip.text("#trip_name--error"), "is taken");
    assert!(trip.texts("output").is_empty());

    let mut form = trip.form("form");
    assert_eq!(form.value("trip[notes]"), "\nfirst\nsecond");
    assert_eq!((form.value("Meal"), form.is_checked("Insured")), ("no_meat".into(), true));
    form.fill("Name", "North").await;
    form.press("Book").await;
    assert_eq!(trip.text("output"), "North");
    assert!(trip.texts("i[phx-mounted]").is_empty(), "the focus stays where it is");
    assert!(trip.attribute("form", "data-changed").is_none());
}

#[tokio::test]
async fn rows_are_added_and_taken_away_while_typing() {
    let mut trip = app().get("/trip").await.join().await;
    trip.form("form").press("Add").await;
    trip.form("form").fill("trip[guests][0][email]", "ann").await;
    trip.click("#add").await;
    trip.form("form").fill("trip[guests][1][email]", "bob@ex.test").await;
    trip.form("form").check("trip[guests][1][vip]").await;
    assert_eq!(trip.text("#trip_guests_0_email--error"), "does not contain \"@\"");
    assert_eq!(trip.text("#trip_guests_1_email--error"), "");
    trip.click("#trip--form fieldset:has(#trip_guests_1_email) .take").await;
    assert_eq!(trip.texts(".guest").len(), 1);
    trip.form("form").press("Add").await;
    trip.form("form").press("trip[guests][2][_add_phones][]").await;
    trip.form("form").fill("trip[guests][2][phones][0][number]", "x").await;
    let before = trip.html();
    trip.form("form").press("trip[_up_guests][]=0").await;
    assert_eq!(trip.html(), before, "the first cannot go up");
    trip.form("form").press("trip[_up_guests][]=2").await;
    let html = trip.html();
    let place = |id: &str| html.find(id).unwrap();
    assert!(place("id=\"trip_guests_2_email\"") < place("id=\"trip_guests_0_email\""));
}

#[tokio::test]
async fn what_was_typed_comes_back_after_a_crash_and_after_a_deploy() {
    let new_view = LiveConfig { reconnect_grace: Duration::ZERO, ..config() };
    for (config, is_kept) in [(config(), true), (new_view, false)] {
        let mut trip = app_with(config).get("/trip").await.join().await;
        trip.form("form").press("Add").await;
        trip.form("form").press("Add").await;
        trip.form("form").fill("trip[guests][1][email]", "ann").await;
        trip.form("form").fill("Age", "12a").await;
        trip.form("form").check("Insured").await;
        for is_crash in [false, true] {
            let before = trip.html();
            if is_crash {
                trip.click("#crash").await;
                trip.join().await;
            } else {
                trip.reconnect().await;
            }
            assert!(trip.is_joined());
            assert_eq!(trip.html(), before, "crash: {is_crash}, kept: {is_kept}");
        }
        assert_eq!(trip.text("#trip_age--error"), "is not a whole number");
        assert_eq!(trip.text("#trip_name--error"), "");
    }
}

#[tokio::test]
#[should_panic(expected = "not one input is called \"Agee\"; there are")]
async fn an_input_that_is_not_there_is_a_mistake_of_the_test() {
    let mut trip = app().get("/trip").await.join().await;
    trip.form("form").fill("Agee", "12").await;
}

#[tokio::test]
#[should_panic(expected = "no option \"fish\"")]
async fn an_option_that_is_not_there_is_too() {
    let mut trip = app().get("/trip").await.join().await;
    trip.form("form").select("Meal", &["fish"]).await;
}

#[tokio::test]
#[should_panic(expected = "a browser sends nothing when \"soon\" is typed")]
async fn and_a_text_that_no_browser_takes() {
    let mut trip = app().get("/trip").await.join().await;
    trip.form("form").fill("trip[leaves]", "soon").await;
}

#[tokio::test]
#[should_panic(expected = "it is disabled")]
async fn and_a_button_that_cannot_be_pressed() {
    let mut trip = app().get("/trip").await.join().await;
    trip.form("form").press("Never").await;
}

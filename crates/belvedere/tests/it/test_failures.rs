//! What a test of an application says when it fails: where in the test, and what the page has.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Arc, Mutex};
use std::thread;

use belvedere::testing::{TestForm, TestPage, TestView};

use crate::forms;
use crate::views::app;

/// The file and the words of a panic in `act`, on this thread.
fn failed(act: impl FnOnce()) -> (String, String) {
    let file = Arc::new(Mutex::new(String::new()));
    let (seen, here, before) = (Arc::clone(&file), thread::current().id(), take_hook());
    set_hook(Box::new(move |panic| match panic.location() {
        Some(location) if thread::current().id() == here => {
            location.file().clone_into(&mut seen.lock().unwrap());
        }
        _ => before(panic),
    }));
    let words = catch_unwind(AssertUnwindSafe(act)).unwrap_err();
    let file = file.lock().unwrap().clone();
    (file, *words.downcast::<String>().unwrap())
}

#[tokio::test]
async fn a_failure_stands_where_the_test_asked() {
    let page = app().get("/counter").await;
    let mut counter = app().get("/counter").await.join().await;
    let acts: [fn(&TestPage, &mut TestView); 9] = [
        |page, _| drop(page.text("#none")),
        |page, _| drop(page.attribute("#none", "id")),
        |_, counter| drop(counter.text("#none")),
        |_, counter| drop(counter.texts("[")),
        |_, counter| drop(counter.attribute("#none", "id")),
        |_, counter| drop(counter.form("#none")),
        |_, counter| drop(counter.click("#none")),
        |_, counter| drop(counter.submit("#none", &[])),
        |_, counter| drop(counter.change("output", "name", &[])),
    ];
    for (number, act) in acts.into_iter().enumerate() {
        assert_eq!(failed(|| act(&page, &mut counter)).0, file!(), "act {number}");
    }
}

#[tokio::test]
async fn a_form_fails_where_the_test_asked() {
    let mut trip = forms::app().get("/trip").await.join().await;
    let acts: [fn(TestForm<'_>); 15] = [
        |mut form| drop(form.fill("None", "x")),
        |mut form| drop(form.fill("trip[leaves]", "soon")),
        |mut form| drop(form.check("None")),
        |mut form| drop(form.check("Age")),
        |mut form| drop(form.uncheck("Insured")),
        |mut form| drop(form.choose("None", "x")),
        |mut form| drop(form.select("None", &[])),
        |mut form| drop(form.select("Meal", &["fish"])),
        |mut form| drop(form.press("None")),
        |mut form| drop(form.press("Never")),
        |mut form| drop(form.post_by("None")),
        |form| drop(form.value("None")),
        |form| assert!(form.is_checked("None")),
        |mut form| drop(form.choose_files("None", [])),
        |mut form| drop(form.drop_files("Age", [])),
    ];
    for (number, act) in acts.into_iter().enumerate() {
        assert_eq!(failed(|| act(trip.form("form"))).0, file!(), "act {number}");
    }
}

#[tokio::test]
async fn a_page_fails_where_the_test_asked() {
    let mut counter = app().get("/counter").await.join().await;
    let acts: [fn(&mut TestView); 6] = [
        |counter| drop(counter.back()),
        |counter| drop(counter.forward()),
        |counter| drop(counter.follow()),
        |counter| drop(counter.child("none")),
        |counter| drop(counter.in_layout("none")),
        |counter| drop(counter.open_child("none")),
    ];
    for (number, act) in acts.into_iter().enumerate() {
        assert_eq!(failed(|| act(&mut counter)).0, file!(), "act {number}");
    }
}

#[tokio::test]
async fn a_page_without_a_view_says_what_it_is() {
    let page = app().get("/nowhere").await;
    let (file, words) = failed(|| drop(page.join()));
    assert_eq!(file, file!());
    assert!(words.starts_with("/nowhere shows no live view: 404 Not Found"), "{words}");
}

#[tokio::test]
async fn elements_are_shown_of_which_one_was_expected() {
    let counter = app().get("/counter").await.join().await;
    let (_, words) = failed(|| drop(counter.text("button")));
    assert!(words.contains("elements match `button`, one was expected:\n<button"), "{words}");
    assert!(words.contains("id=\"inc\""), "{words}");
}

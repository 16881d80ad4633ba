//! What a test of an application says when it fails: where in the test, and what the page has.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::{Arc, Mutex};
use std::thread;

use belvedere::testing::{TestPage, TestView};

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
async fn elements_are_shown_of_which_one_was_expected() {
    let counter = app().get("/counter").await.join().await;
    let (_, words) = failed(|| drop(counter.text("button")));
    assert!(words.contains("elements match `button`, one was expected:\n<button"), "{words}");
    assert!(words.contains("id=\"inc\""), "{words}");
}

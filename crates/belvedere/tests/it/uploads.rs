//! Files that visitors send: chosen, refused, sent, cancelled, taken, and gone.

use belvedere::testing::{TestFile, TestView};
use belvedere::upload::{Accept, UploadOptions};

mod album;
mod bounds;
mod guards;
mod law;
mod places;
mod refusals;
mod writers;

use album::Place;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";

fn options() -> UploadOptions {
    UploadOptions {
        max_entries: 3,
        max_file_bytes: 100_000,
        accept: Accept::only([".png", "text/plain"]),
        chunk_bytes: 10_000,
        ..UploadOptions::default()
    }
}

fn auto() -> UploadOptions {
    UploadOptions { auto: true, ..options() }
}

fn text(name: &str, n_bytes: usize) -> TestFile {
    TestFile::new(name, "x".repeat(n_bytes))
}

/// What the list of files shows.
fn listed(view: &TestView) -> Vec<String> {
    view.texts("li").into_iter().map(|text| text.trim_end_matches('×').to_owned()).collect()
}

#[tokio::test]
async fn files_are_sent_with_their_form() {
    let place = Place::new(options());
    let mut view = place.join().await;
    let files = [TestFile::new("a.png", PNG), text("b.txt", 25)];
    view.form("#album").choose_files("Photos", files).await;
    assert_eq!(listed(&view), ["a.png 0%", "b.txt 0%"]);
    assert_eq!(place.n_files(), 0, "nothing is sent before the form is");
    view.form("#album").press("Save").await;
    assert_eq!(listed(&view), [""; 0]);
    let saved = place.setup.saved.lock().unwrap().clone();
    assert_eq!(saved[0], ("a.png".to_owned(), Some("image/png"), PNG.to_vec()));
    assert_eq!(saved[1], ("b.txt".to_owned(), None, vec![b'x'; 25]));
    assert_eq!(place.n_files(), 0, "what the view has taken and dropped is gone");
}

#[tokio::test]
async fn an_automatic_upload_shows_its_progress_and_waits_for_the_form() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    view.form("#album").choose_files("photos", [text("a.txt", 40_000).stalling_after(3)]).await;
    assert_eq!(listed(&view), ["a.txt 75%"]);
    view.resume_uploads().await;
    assert_eq!((listed(&view), place.n_files()), (vec!["a.txt 100%".to_owned()], 1));
    view.form("#album").submit().await;
    assert_eq!((place.saved(), place.n_files()), (vec!["a.txt".to_owned()], 0));
}

#[tokio::test]
async fn a_view_takes_each_file_as_soon_as_it_is_here() {
    let place = Place::with(auto(), true, |_| {});
    let mut view = place.join().await;
    let files = ["a.txt", "b.txt"].map(|name| text(name, 40_000));
    view.form("#album").drop_files("Photos", files).await;
    assert_eq!((listed(&view), place.n_files()), (vec![], 0));
    assert_eq!(place.saved(), ["a.txt", "b.txt"]);
    // They count until the view begins anew.
    view.form("#album").drop_files("Photos", ["c.txt", "d.txt"].map(|name| text(name, 9))).await;
    assert_eq!((place.saved().len(), listed(&view)), (3, vec!["d.txt 0%".to_owned()]));
    assert_eq!(view.text("strong"), "Too many files; at most 3 may be chosen.");
    view.click("#reset").await;
    view.form("#album").choose_files("Photos", [text("e.txt", 9)]).await;
    assert_eq!((place.saved().len(), view.texts("strong")), (4, vec![]));
}

#[tokio::test]
async fn a_file_that_is_cancelled_is_gone_wherever_it_stands() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    for file in [text("a.txt", 40_000), text("a.txt", 40_000).stalling_after(2)] {
        view.form("#album").choose_files("Photos", [file]).await;
        assert_eq!(place.n_files(), 1);
        view.click(".cancel").await;
        assert_eq!((listed(&view), place.n_files()), (vec![], 0));
    }
    view.resume_uploads().await;
    assert_eq!(view.text("#crash"), "Crash", "the page goes on");
    view.form("#album").choose_files("Photos", [text("b.txt", 40_000)]).await;
    view.form("#album").submit().await;
    assert_eq!(place.saved(), ["b.txt"]);
}

#[tokio::test]
async fn another_file_takes_the_place_of_the_only_one() {
    let place = Place::new(UploadOptions { max_entries: 1, ..auto() });
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("a.txt", 40_000).stalling_after(2)]).await;
    view.form("#album").choose_files("Photos", [text("b.txt", 40_000)]).await;
    assert_eq!((listed(&view), place.n_files()), (vec!["b.txt 100%".to_owned()], 1));
    view.form("#album").drop_files("Photos", ["c.txt", "d.txt"].map(|name| text(name, 9))).await;
    assert_eq!(view.text("strong"), "Too many files; at most 1 may be chosen.");
    view.form("#album").drop_files("Photos", [text("e.txt", 9)]).await;
    assert_eq!((listed(&view), view.texts("strong")), (vec!["e.txt 100%".to_owned()], vec![]));
    assert_eq!(place.n_files(), 1);
}

#[tokio::test]
async fn nothing_is_left_of_files_whose_page_is_gone() {
    let place = Place::new(auto());
    for end in ["leave", "navigate", "lose", "crash", "crash in render", "reconnect"] {
        let mut view = place.join().await;
        let files = [text("a.txt", 40_000), text("b.txt", 40_000).stalling_after(2)];
        view.form("#album").choose_files("Photos", files).await;
        assert_eq!(place.n_files(), 2, "{end}");
        match end {
            "leave" => view.close().await,
            "navigate" => view.navigate("/counter").await,
            "lose" => view.disconnect().await,
            "crash" => view.click("#crash").await,
            "crash in render" => {
                view.form("#album").choose_files("Photos", [text("crash.txt", 9)]).await
            }
            _ => {
                view.reconnect().await;
                assert_eq!(listed(&view), [""; 0], "the browser has lost them");
                let files = [text("c.txt", 40_000)];
                view.form("#album").choose_files("Photos", files).await;
                assert_eq!(listed(&view), ["c.txt 100%"]);
                view.click(".cancel").await;
            }
        }
        assert_eq!(place.n_files(), 0, "{end}");
    }
    assert_eq!(place.saved(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_stops_leaves_no_folder() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("a.txt", 9)]).await;
    assert_eq!(place.n_files(), 1);
    tokio::join!(place.live.drain(), view.disconnected());
    assert_eq!(std::fs::read_dir(&place.folder).unwrap().count(), 0);
}

#[tokio::test]
async fn the_input_has_all_that_the_client_reads() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    let html = view.html();
    let input = html.split_once("<input").unwrap().1.split_once('>').unwrap().0;
    for attribute in [
        "name=\"photos\"",
        "accept=\".png,text/plain\"",
        " multiple",
        "data-phx-hook=\"Phoenix.LiveFileUpload\"",
        "data-phx-active-refs=\"\"",
        "data-phx-done-refs=\"\"",
        "data-phx-preflighted-refs=\"\"",
        "data-phx-error-refs=\"\"",
        " data-phx-auto-upload",
        " required",
    ] {
        assert!(input.contains(attribute), "{attribute}: {input}");
    }
    view.form("#album").choose_files("Photos", [TestFile::new("a.png", PNG)]).await;
    let id = view.attribute("input", "id").unwrap();
    assert_eq!(view.attribute("img", "data-phx-upload-ref"), Some(id));
    assert_eq!(view.attribute("img", "data-phx-entry-ref").as_deref(), Some("0"));
}

//! What is refused: files that do not fit, and messages that no well-behaved client sends.

use std::time::Duration;

use belvedere::LiveConfig;
use belvedere::testing::{TestFile, TestView, part_frame};
use belvedere::upload::UploadOptions;
use belvedere::{UploadLimit, UploadLimits};
use serde_json::{Value, json};

use super::album::Place;
use super::{PNG, auto, listed, options, text};

const NO_ROOM: &str = "There is no room for more files now. Please try again later.";
const PDF: &[u8] = b"%PDF-1.7 and so on";

/// A hostile client with one file, which says what it likes.
pub(super) struct Hostile {
    pub(super) view: TestView,
    pub(super) upload: String,
    token: String,
}

impl Hostile {
    pub(super) async fn new(place: &Place, size: u64) -> Self {
        let mut view = place.join().await;
        let upload = view.attribute("input", "id").unwrap();
        let file = json!({ "ref": "0", "name": "a.txt", "type": "text/plain", "size": size });
        announce(&mut view, json!({ &upload: [file] })).await;
        view.send("allow_upload", json!({ "ref": upload, "entries": [file] })).await;
        let token = answer(&view)["entries"]["0"].as_str().unwrap_or_default().to_owned();
        Self { view, upload, token }
    }

    /// Joins the topic of an upload with the token; says what it is told.
    pub(super) async fn join(&mut self, topic: &str, join_ref: &str) -> Value {
        let token = self.token.clone();
        self.join_with(topic, join_ref, &token).await
    }

    async fn join_with(&mut self, topic: &str, join_ref: &str, token: &str) -> Value {
        let frame = json!([join_ref, join_ref, topic, "phx_join", { "token": token }]);
        self.view.send_any(frame).await;
        self.view.replies().last().unwrap().clone()
    }

    /// Sends a part; says what it is told.
    pub(super) async fn part(&mut self, part: &[u8]) -> Value {
        self.view.send_bytes(part_frame("50", "51", "lvu:0", part)).await;
        self.view.replies().last().unwrap().clone()
    }
}

pub(super) async fn announce(view: &mut TestView, uploads: Value) {
    let event = view.attribute("form", "phx-change").unwrap();
    let payload = json!({
        "type": "form", "event": event, "value": "", "meta": {}, "uploads": uploads,
    });
    view.send("event", payload).await;
}

/// What the last message was answered.
pub(super) fn answer(view: &TestView) -> &Value {
    &view.replies().last().unwrap()["response"]
}

pub(super) fn refused(reason: &str) -> Value {
    json!({ "status": "error", "response": { "reason": reason } })
}

pub(super) fn granted() -> Value {
    json!({ "status": "ok", "response": {} })
}

#[tokio::test]
async fn a_file_that_does_not_fit_says_why_and_keeps_its_form_until_it_is_cancelled() {
    for options in [options(), auto()] {
        let place = Place::new(options);
        let mut view = place.join().await;
        view.form("#album").choose_files("Photos", [text("a.txt", 100_001)]).await;
        view.form("#album").drop_files("Photos", [TestFile::new("b.pdf", "%PDF")]).await;
        assert_eq!(
            listed(&view),
            [
                "a.txt 0%The file is too large; at most 100 kB are allowed.",
                "b.pdf 0%Files of this type are not accepted.",
            ]
        );
        assert_eq!(view.attribute("input", "data-phx-error-refs").as_deref(), Some("0,1"));
        assert_eq!(place.n_files(), 0);
        view.click("li:first-child .cancel").await;
        view.click(".cancel").await;
        view.form("#album").choose_files("Photos", [text("c.txt", 40)]).await;
        view.form("#album").submit().await;
        assert_eq!(place.saved(), ["c.txt"]);
    }
}

#[tokio::test]
async fn a_file_is_known_by_what_it_holds_whatever_it_is_called() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    let exe = [b"MZ\x90\0\x03\0\0\0".as_slice(), &[0; 40_000]].concat();
    let files = [TestFile::new("a.png", exe), TestFile::new("b.png", PNG)];
    view.form("#album").choose_files("Photos", files).await;
    assert_eq!(listed(&view), ["a.png 0%Files of this type are not accepted.", "b.png 100%"]);
    assert_eq!(place.n_files(), 1, "the other one");
    view.click("li:first-child .cancel").await;
    view.form("#album").submit().await;
    assert_eq!(place.saved(), ["b.png"]);
}

#[tokio::test]
async fn the_form_of_a_renamed_file_is_not_sent() {
    let place = Place::new(options());
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [TestFile::new("a.png", PDF)]).await;
    let sent = std::panic::AssertUnwindSafe(async { view.form("#album").submit().await });
    let refused = futures_util::FutureExt::catch_unwind(sent).await;
    let words = *refused.unwrap_err().downcast::<String>().expect("the words of an assertion");
    let (said, line) = words.rsplit_once(": ").unwrap();
    assert_eq!(said, "the form is not sent: its files have errors");
    assert!(line.starts_with(file!()), "the line that sends the form: {line}");
    assert_eq!(listed(&view), ["a.png 0%Files of this type are not accepted."]);
}

#[tokio::test]
async fn an_empty_file_does_not_exist_for_the_client_and_is_refused_from_others() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("a.txt", 0)]).await;
    assert_eq!(listed(&view), [""; 0]);
    let hostile = Hostile::new(&place, 0).await;
    assert_eq!(listed(&hostile.view), ["a.txt 0%The file is empty."]);
    assert_eq!(hostile.token, "");
}

#[tokio::test]
async fn of_a_thousand_files_a_few_are_listed_and_none_is_sent() {
    for (options, n_sent) in [(options(), 0), (auto(), 3)] {
        let place = Place::new(options);
        let mut view = place.join().await;
        let files = (0..1000).map(|index| text(&format!("{index}.txt"), 9000));
        view.form("#album").drop_files("Photos", files).await;
        assert_eq!(view.text("strong"), "Too many files; at most 3 may be chosen.");
        assert_eq!((listed(&view).len(), place.n_files()), (23, n_sent));
        for _ in 0..20 {
            view.click("li:last-child .cancel").await;
        }
        assert_eq!((listed(&view).len(), view.texts("strong")), (3, vec![]), "the surplus is gone");
        view.click("#reset").await;
        view.form("#album").choose_files("Photos", [text("a.txt", 40)]).await;
        view.form("#album").submit().await;
        assert_eq!((place.saved(), place.n_files()), (vec!["a.txt".to_owned()], 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_whose_rest_does_not_come_is_given_up() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    let file = text("a.txt", 40_000).stalling_after(2);
    view.form("#album").choose_files("Photos", [file]).await;
    assert_eq!((listed(&view), place.n_files()), (vec!["a.txt 50%".to_owned()], 1));
    tokio::time::sleep(Duration::from_secs(31)).await;
    view.settle().await;
    assert_eq!(listed(&view), ["a.txt 50%The upload took too long."]);
    assert_eq!(place.n_files(), 0);
    view.click(".cancel").await;
    assert_eq!(listed(&view), [""; 0]);
}

#[tokio::test]
async fn a_token_is_good_for_one_upload_on_its_own_socket() {
    let place = Place::new(auto());
    let mut hostile = Hostile::new(&place, 20).await;
    for (topic, token) in [
        ("lvu:1", hostile.token.clone()),
        ("lvu:x", hostile.token.clone()),
        ("lvu:0", format!("{}A", hostile.token)),
        ("lvu:0", String::new()),
    ] {
        let told = hostile.join_with(topic, "50", &token).await;
        assert_eq!(told, refused("invalid_token"), "{topic} {token}");
    }
    // Another page of the same session, and one of another.
    for other in [place.join().await, Place::new(auto()).join().await] {
        let mut other = Hostile { view: other, upload: String::new(), token: String::new() };
        let told = other.join_with("lvu:0", "50", &hostile.token).await;
        assert_eq!(told, refused("invalid_token"));
    }
    assert_eq!(hostile.join("lvu:0", "50").await, granted());
    assert_eq!(hostile.part(b"0123456789").await, granted());
    assert_eq!(hostile.join("lvu:0", "52").await, refused("already_registered"));
    assert_eq!(listed(&hostile.view), ["a.txt 0%The upload was interrupted."]);
    let mut second = Hostile::new(&place, 10).await;
    second.view.join().await;
    assert_eq!(second.join("lvu:0", "50").await, refused("invalid_token"), "of the join before");
}

#[tokio::test]
async fn parts_that_are_too_many_or_out_of_turn_end_their_upload_alone() {
    let place = Place::new(auto());
    for (case, reason) in [
        ("more", "file_size_limit_exceeded"),
        ("empty", "malformed_chunk"),
        ("too long", "malformed_chunk"),
        ("after the end", "file_size_limit_exceeded"),
        ("never joined", "unmatched topic"),
        ("cancelled", "unmatched topic"),
        ("left", "unmatched topic"),
        ("removed", "unmatched topic"),
    ] {
        let mut hostile = Hostile::new(&place, 9000).await;
        if case != "never joined" {
            assert_eq!(hostile.join("lvu:0", "50").await, granted());
            assert_eq!(hostile.part(&[b'x'; 8500]).await, granted());
        }
        let told = match case {
            "more" => hostile.part(&[b'x'; 501]).await,
            "empty" => hostile.part(b"").await,
            "too long" => hostile.part(&[b'x'; 300 << 10]).await,
            "after the end" => {
                assert_eq!(hostile.part(&[b'x'; 500]).await, granted());
                hostile.part(b"x").await
            }
            "cancelled" => {
                hostile.view.click(".cancel").await;
                hostile.part(&[b'x'; 500]).await
            }
            "removed" => {
                hostile.view.click("#reset").await;
                hostile.part(&[b'x'; 500]).await
            }
            "left" => {
                hostile.view.send_any(json!(["50", "52", "lvu:0", "phx_leave", {}])).await;
                hostile.part(&[b'x'; 500]).await
            }
            _ => hostile.part(b"x").await,
        };
        assert_eq!(told["response"]["reason"], reason, "{case}");
        if case == "more" {
            assert_eq!(told["response"]["limit"], 9000);
        }
        let n_files = usize::from(case == "after the end");
        assert_eq!(place.n_files(), n_files, "{case}");
        hostile.view.click("#reset").await;
        assert_eq!(
            (listed(&hostile.view), place.n_files()),
            (vec![], 0),
            "{case}: the page goes on"
        );
    }
}

#[tokio::test]
async fn a_part_after_one_that_was_not_taken_is_told_so_and_the_page_at_once() {
    let place = Place::new(auto());
    let mut hostile = Hostile::new(&place, 25_000).await;
    assert_eq!(hostile.join("lvu:0", "50").await, granted());
    let exe = [b"MZ\x90\0\x03\0\0\0".as_slice(), &[0; 9992]].concat();
    assert_eq!(hostile.part(&exe).await, granted(), "the next one may come meanwhile");
    let said = "a.txt 0%Files of this type are not accepted.";
    assert_eq!((listed(&hostile.view), place.n_files()), (vec![said.to_owned()], 0));
    assert_eq!(hostile.part(&[0; 10_000]).await, refused("writer_error"));
    assert_eq!(hostile.part(&[0; 5000]).await, refused("unmatched topic"));
    hostile.view.click(".cancel").await;
    assert_eq!(listed(&hostile.view), [""; 0]);
}

#[tokio::test]
async fn what_a_client_says_of_its_progress_counts_for_nothing() {
    let place = Place::new(auto());
    let mut hostile = Hostile::new(&place, 9000).await;
    let upload = hostile.upload.clone();
    let report = async |hostile: &mut Hostile, progress: Value| {
        hostile.view.report_upload(&upload, 0, progress).await;
        listed(&hostile.view).join(" ")
    };
    assert_eq!(report(&mut hostile, json!(100)).await, "a.txt 0%");
    hostile.join("lvu:0", "50").await;
    hostile.part(&[b'x'; 4500]).await;
    assert_eq!(report(&mut hostile, json!(99)).await, "a.txt 50%");
    hostile.view.submit("#album", &[]).await;
    assert_eq!(place.saved(), [""; 0], "it is still on its way");
    hostile.part(&[b'x'; 4500]).await;
    for wrong in [json!(101), json!(-1), json!(100.5), json!("100"), json!(null), json!([])] {
        assert_eq!(report(&mut hostile, wrong).await, "a.txt 50%");
        hostile.view.submit("#album", &[]).await;
        assert_eq!(place.saved(), [""; 0], "nobody has said that it is here");
    }
    assert_eq!(report(&mut hostile, json!(3)).await, "a.txt 100%");
    hostile.view.report_upload(&upload, 7, json!(100)).await;
    hostile.view.report_upload("phx-other", 0, json!(100)).await;
    assert_eq!(report(&mut hostile, json!(100)).await, "a.txt 100%");
    hostile.view.submit("#album", &[]).await;
    assert_eq!(place.saved(), ["a.txt"]);
}

#[tokio::test]
async fn malformed_messages_are_answered_and_change_nothing() {
    let place = Place::new(auto());
    let mut view = place.join().await;
    let upload = view.attribute("input", "id").unwrap();
    let long = "x".repeat(5000);
    for (file, lists) in [
        (json!({ "ref": "0", "name": "a.txt" }), false),
        (json!({ "ref": 0, "name": "a.txt", "size": 1 }), false),
        (json!({ "ref": "+1", "name": "a.txt", "size": 1 }), false),
        (json!({ "ref": "0", "name": "a.txt", "size": -1 }), false),
        (json!({ "ref": "0", "name": "a.txt", "size": 1.5 }), false),
        (json!({ "ref": "0", "name": null, "size": 1 }), false),
        (json!("a.txt"), false),
        (json!({ "ref": "0", "name": long, "size": 1, "meta": { "a": 1 } }), true),
        (json!({ "ref": "1", "name": "a.txt", "size": u64::MAX }), true),
    ] {
        announce(&mut view, json!({ &upload: [file] })).await;
        assert_eq!(view.replies().last().unwrap()["status"], "ok");
        assert_eq!(listed(&view).last().is_some_and(|last| !last.is_empty()), lists, "{file}");
        view.send("allow_upload", json!({ "ref": upload, "entries": [file] })).await;
        assert_eq!(view.replies().last().unwrap()["status"], "ok");
        assert_eq!(answer(&view)["entries"].as_object().map_or(0, |entries| entries.len()), 0);
    }
    let cut = format!("{} 0%The file's name is too long.", "x".repeat(255));
    assert_eq!(listed(&view)[0], cut, "no more is kept of it");
    announce(&mut view, json!({ "phx-other": [] })).await;
    announce(&mut view, json!([])).await;
    view.send("allow_upload", json!({ "ref": "phx-other", "entries": [] })).await;
    assert_eq!(
        answer(&view),
        &json!({
            "ref": "phx-other", "error": [["phx-other", "disallowed"]],
        })
    );
    for bytes in [&[][..], &[0], &[0, 9, 9, 9, 9], &[1, 0, 0, 0, 0], &[0, 0, 0, 1, 0, 0xff]] {
        view.send_bytes(bytes.to_vec()).await;
    }
    view.click("#reset").await;
    assert_eq!(listed(&view), [""; 0]);
}

#[tokio::test]
async fn a_socket_sends_only_so_many_files_at_once() {
    let place = Place::with(auto(), false, |config| config.max_uploads_per_socket = 1);
    let mut view = place.join().await;
    let files = ["a.txt", "b.txt"].map(|name| text(name, 40_000).stalling_after(1));
    view.form("#album").choose_files("Photos", files).await;
    assert_eq!(listed(&view), ["a.txt 25%", &format!("b.txt 0%{NO_ROOM}")]);
    view.resume_uploads().await;
    view.click("li:last-child .cancel").await;
    view.form("#album").submit().await;
    assert_eq!(place.saved(), ["a.txt"]);
}

#[tokio::test]
async fn a_file_for_which_there_is_no_room_says_so() {
    let limit = |total, per_session| {
        move |config: &mut LiveConfig| {
            let uploads = config.uploads.clone();
            let on_disk = UploadLimit { total, per_session, per_address: total };
            config.uploads = UploadLimits { on_disk, ..uploads };
        }
    };
    for (total, per_session) in [(50_000, 90_000), (90_000, 50_000)] {
        let place = Place::with(auto(), false, limit(total, per_session));
        let mut view = place.join().await;
        view.form("#album").choose_files("Photos", [text("a.txt", 30_000)]).await;
        view.form("#album").choose_files("Photos", [text("b.txt", 30_000)]).await;
        assert_eq!(listed(&view), ["a.txt 100%", &format!("b.txt 0%{NO_ROOM}")]);
        view.click("li:last-child .cancel").await;
        view.form("#album").submit().await;
        view.form("#album").choose_files("Photos", [text("c.txt", 50_000)]).await;
        assert_eq!(listed(&view), ["c.txt 100%"], "what was taken makes room");
    }
}

#[tokio::test]
async fn a_message_carries_no_more_than_it_may() {
    let options = UploadOptions { chunk_bytes: 5 << 20, ..auto() };
    let place = Place::with(options, false, |config| config.max_frame_bytes = 20_000);
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("a.txt", 90_000)]).await;
    assert_eq!(listed(&view), ["a.txt 100%"]);
}

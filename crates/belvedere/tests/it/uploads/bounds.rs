//! What uploads cost at most: room, time, frames; and what fails by itself.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use belvedere::testing::{TestView, part_frame};
use belvedere::upload::{
    EntryId, ExternalUpload, Upload, UploadEntry, UploadError, UploadOptions, WriteInto,
};
use belvedere::{
    LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Socket,
    UploadLimit, UploadLimits, live,
};
use serde_json::json;

use super::album::Place;
use super::refusals::{Hostile, announce, answer, granted};
use super::{auto, listed, text};
use crate::views::{config, served};

const NOT_TAKEN: &str = "The file has waited for too long. Please choose it again.";
const NO_ROOM: &str = "There is no room for more files now. Please try again later.";
const TOO_LONG: &str = "The upload took too long.";

/// Files whose writers cannot all be made, and files that are sent elsewhere.
struct Shelf {
    here: Upload<Vec<u8>>,
    elsewhere: Upload<ExternalUpload>,
    /// What a writer that blocks waits for.
    gate: Option<mpsc::Sender<()>>,
}

#[derive(LiveEvent)]
enum Event {
    Changed,
    Cancel { entry: EntryId },
    OpenGate,
}

impl LiveView for Shelf {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let (gate, opened) = mpsc::channel();
        let opened = Arc::new(Mutex::new(opened));
        let here = Upload::with_writer("here", auto(), move |entry| {
            assert_ne!(entry.name(), "crash.txt", "asked to");
            if entry.name() == "blocks.txt" {
                let opened = opened.lock().unwrap().recv_timeout(Duration::from_secs(20));
                opened.expect("an event is handled meanwhile");
            }
            WriteInto(Vec::new())
        });
        let elsewhere =
            Upload::external("elsewhere", super::options(), async |entry| match entry.name() {
                "refused" => Err(UploadError::refused("Not this one.").into()),
                name => Ok(ExternalUpload::new("Store", &json!({ "url": name }))?),
            });
        Ok(Self { here, elsewhere, gate: Some(gate) })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Changed => {}
            Event::Cancel { entry } => drop(self.elsewhere.cancel(entry)),
            Event::OpenGate => drop(self.gate.take().map(|gate| gate.send(()))),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let entries = || self.here.entries().into_iter().chain(self.elsewhere.entries());
        live! {
            form #shelf phx-change=(Event::Changed) {
                input type="file" field=(self.here) aria-label="Here";
                input type="file" field=(self.elsewhere) aria-label="Elsewhere";
            }
            button #gate phx-click=(Event::OpenGate) { "Open" }
            output { (self.gate.is_some()) }
            @for entry in entries() {
                li key=(entry.id()) {
                    (line(&entry))
                    button.cancel phx-click=(Event::Cancel { entry: entry.id() }) { "×" }
                }
            }
        }
    }
}

fn line(entry: &UploadEntry) -> String {
    let error = entry.error().map(UploadError::to_string).unwrap_or_default();
    format!("{} {}%{error}", entry.name(), entry.progress())
}

async fn shelf() -> TestView {
    let router = Router::new().live::<Shelf>("/shelf");
    let app = served(LiveRuntime::new(config()), router);
    app.get("/shelf").await.join().await
}

#[tokio::test]
async fn a_writer_that_cannot_be_made_fails_its_file_alone() {
    let mut view = shelf().await;

    view.form("#shelf")
        .choose_files("Here", ["crash.txt", "works.txt"].map(|name| text(name, 1)))
        .await;
    assert_eq!(listed(&view), ["crash.txt 0%The file could not be stored.", "works.txt 100%"]);
}

#[tokio::test]
async fn neither_an_event_nor_the_next_part_waits_for_a_writer_that_is_being_made() {
    let mut view = shelf().await;
    let upload = view.attribute("[name=here]", "id").unwrap();
    let file = json!({ "ref": "0", "name": "blocks.txt", "type": "text/plain", "size": 15_000 });
    announce(&mut view, json!({ &upload: [file] })).await;
    view.send("allow_upload", json!({ "ref": upload, "entries": [file] })).await;
    let token = answer(&view)["entries"]["0"].clone();
    view.send_any(json!(["50", "50", "lvu:0", "phx_join", { "token": token }])).await;
    view.send_bytes_at_once(part_frame("50", "51", "lvu:0", &[b'x'; 10_000])).await;
    view.click("#gate").await;
    let [.., of_part, of_click] = view.replies() else { panic!("both are answered") };
    assert_eq!(of_part, &granted(), "it was answered before it was written");
    assert!(of_click["response"]["diff"].is_object() && view.text("output") == "false");
    view.send_bytes(part_frame("50", "53", "lvu:0", &[b'x'; 5000])).await;
    view.report_upload(&upload, 0, json!(100)).await;
    assert_eq!(listed(&view), ["blocks.txt 100%"]);
}

#[tokio::test]
async fn what_was_let_before_a_file_that_cannot_be_sent_elsewhere_may_be_sent_later() {
    let mut view = shelf().await;
    let upload = view.attribute("[name=elsewhere]", "id").unwrap();
    let files = [("0", "works"), ("1", "refused")].map(
        |(entry, name)| json!({ "ref": entry, "name": name, "type": "text/plain", "size": 1 }),
    );
    announce(&mut view, json!({ &upload: files })).await;
    view.send("allow_upload", json!({ "ref": upload, "entries": files })).await;
    assert_eq!(answer(&view)["error"], json!([["1", "refused"]]));
    let preflighted = view.attribute("[name=elsewhere]", "data-phx-preflighted-refs");
    assert_eq!(preflighted.as_deref(), Some(""), "the client sends none");
    view.click("li:last-child .cancel").await;
    view.send("allow_upload", json!({ "ref": upload, "entries": [files[0]] })).await;
    assert_eq!(answer(&view)["entries"]["0"]["url"], "works");
}

#[tokio::test]
async fn a_render_that_panics_leaves_no_room_taken() {
    let place = Place::with(auto(), false, |config: &mut LiveConfig| {
        let on_disk = UploadLimit { total: 50_000, per_session: 50_000, per_address: 50_000 };
        config.uploads = UploadLimits { on_disk, ..config.uploads.clone() };
    });
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("a.txt", 40_000).stalling_after(2)]).await;
    view.form("#album").choose_files("Photos", [text("crash.txt", 9)]).await;
    assert_eq!(place.n_files(), 0);
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("b.txt", 40_000)]).await;
    assert_eq!(listed(&view), ["b.txt 100%"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_comes_drop_by_drop_is_given_up() {
    let place = Place::new(auto());
    let mut hostile = Hostile::new(&place, 20_000).await;
    assert_eq!(hostile.join("lvu:0", "50").await, granted());
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_secs(9)).await;
        assert_eq!(hostile.part(b"x").await, granted());
    }
    tokio::time::sleep(Duration::from_secs(9)).await;
    hostile.view.settle().await;
    assert_eq!(listed(&hostile.view), [format!("a.txt 0%{TOO_LONG}")]);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_nobody_takes_is_gone_after_its_time() {
    let options = UploadOptions { take_timeout: Duration::from_secs(30), ..auto() };
    let place = Place::with(options, false, |config: &mut LiveConfig| {
        let on_disk = UploadLimit { total: 50_000, per_session: 50_000, per_address: 50_000 };
        config.uploads = UploadLimits { on_disk, ..config.uploads.clone() };
    });
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("a.txt", 40_000)]).await;
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!((listed(&view), place.n_files()), (vec!["a.txt 100%".to_owned()], 1));
    tokio::time::sleep(Duration::from_secs(2)).await;
    view.settle().await;
    assert_eq!((listed(&view), place.n_files()), (vec![format!("a.txt 100%{NOT_TAKEN}")], 0));
    view.click(".cancel").await;
    view.form("#album").choose_files("Photos", [text("b.txt", 40_000)]).await;
    view.form("#album").submit().await;
    assert_eq!(place.saved(), ["b.txt"], "there is room again");

    let mut silent = Hostile::new(&place, 9000).await;
    silent.join("lvu:0", "50").await;
    silent.part(&[b'x'; 9000]).await;
    assert_eq!(place.n_files(), 1, "it is here, which its client does not say");
    tokio::time::sleep(Duration::from_secs(31)).await;
    silent.view.settle().await;
    assert_eq!((listed(&silent.view), place.n_files()), (vec![format!("a.txt 0%{NOT_TAKEN}")], 0));
}

#[tokio::test(start_paused = true)]
async fn small_parts_count_as_messages() {
    let place = Place::with(auto(), false, |config| config.max_frames_per_second = 10);
    let mut hostile = Hostile::new(&place, 40_000).await;
    assert_eq!(hostile.join("lvu:0", "50").await, granted());
    let since = tokio::time::Instant::now();
    for _ in 0..3 {
        hostile.part(&[b'x'; 10_000]).await;
    }
    assert!(since.elapsed() < Duration::from_secs(1), "as much as it was told");
    for _ in 0..30 {
        hostile.part(b"x").await;
    }
    assert!(since.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn files_that_are_here_do_not_count_as_coming() {
    let place = Place::with(auto(), false, |config| config.max_uploads_per_socket = 1);
    let mut view = place.join().await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        view.form("#album").choose_files("Photos", [text(name, 40_000)]).await;
    }
    assert_eq!(listed(&view), ["a.txt 100%", "b.txt 100%", "c.txt 100%"]);
}

#[tokio::test]
async fn many_files_come_in_parts_behind_which_no_event_waits() {
    let options = UploadOptions { max_entries: 100, chunk_bytes: 64_000, ..auto() };
    let place = Place::new(options);
    let mut view = place.join().await;
    let upload = view.attribute("input", "id").unwrap();
    let files: Vec<_> = (0..100)
        .map(|entry| json!({ "ref": entry.to_string(), "name": "a.png", "size": 90_000 }))
        .collect();
    announce(&mut view, json!({ &upload: files })).await;
    view.send("allow_upload", json!({ "ref": upload, "entries": files })).await;
    let LiveConfig { max_waiting_bytes, .. } = config();
    let told = &answer(&view)["config"];
    let chunk_bytes = usize::try_from(told["chunk_size"].as_u64().unwrap()).unwrap();
    assert!(chunk_bytes > 1000 && chunk_bytes * 100 <= max_waiting_bytes / 4);
    assert!(
        told["chunk_timeout"].as_u64() > Some(60_000),
        "a writer may take as long for two parts and the end"
    );
}

#[tokio::test]
async fn one_address_leaves_others_room_for_their_files() {
    let place = Place::with(auto(), false, |config: &mut LiveConfig| {
        let on_disk = UploadLimit { total: 100_000, per_session: 20_000, per_address: 40_000 };
        config.uploads = UploadLimits { on_disk, ..config.uploads.clone() };
    });
    // As many visitors as they like, one after another, at one address.
    let mut strangers = Vec::new();
    for _ in 0..4 {
        let app = place.app.visitor_at([192, 0, 2, 1].into()).another_visitor();
        let mut view = app.get("/album").await.join().await;
        view.form("#album").choose_files("Photos", [text("a.txt", 15_000)]).await;
        strangers.push(view);
    }
    let shown: Vec<_> = strangers.iter().flat_map(listed).collect();
    let refused = format!("a.txt 0%{NO_ROOM}");
    assert_eq!(shown, ["a.txt 100%", "a.txt 100%", &refused, &refused]);
    let visitor = place.app.visitor_at([192, 0, 2, 2].into());
    let mut view = visitor.get("/album").await.join().await;
    view.form("#album").choose_files("Photos", [text("b.txt", 20_000)]).await;
    assert_eq!(listed(&view), ["b.txt 100%"]);
    // What has gone makes room, at the address, too.
    strangers[0].click(".cancel").await;
    strangers[3].click(".cancel").await;
    strangers[3].form("#album").choose_files("Photos", [text("c.txt", 15_000)]).await;
    assert_eq!(listed(&strangers[3]), ["c.txt 100%"]);
}

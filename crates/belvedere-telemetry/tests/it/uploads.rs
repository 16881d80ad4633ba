//! A file that is uploaded, as traces and metrics show it.

use belvedere::telemetry::attribute;
use belvedere::testing::{TestFile, TestView};
use belvedere::upload::{Accept, EntryId, Upload, UploadEntry, UploadOptions};
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::live::{acts, visitor};
use crate::meters::{meters, series};
use crate::named;

struct Album {
    photos: Upload,
}

#[derive(LiveEvent)]
enum Event {
    Changed,
    Cancel { entry: EntryId },
}

impl LiveView for Album {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let options = UploadOptions {
            auto: true,
            max_entries: 9,
            accept: Accept::only([".txt"]),
            chunk_bytes: 10_000,
            ..UploadOptions::default()
        };
        Ok(Self { photos: Upload::new("photos", options) })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        if let Event::Cancel { entry } = event {
            self.photos.cancel(entry);
        }
        Ok(())
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        drop(self.photos.take(entry.id()));
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            form #album phx-change=(Event::Changed) { input type="file" field=(self.photos); }
            @for entry in self.photos.entries() {
                button key=(entry.id()) phx-click=(Event::Cancel { entry: entry.id() }) {}
            }
        }
    }
}

/// What the last upload's span says: outcome, size, how much has come.
fn told(view: &TestView) -> ([Option<String>; 3], SpanData) {
    let uploads = acts(view.trace_id()).into_iter().filter(|act| act.name == "Album upload photos");
    let span = uploads.max_by_key(|span| span.start_time).unwrap();
    let keys = [attribute::OUTCOME, attribute::UPLOAD_SIZE, attribute::UPLOAD_RECEIVED];
    (keys.map(|key| value_of(&span, key).map(ToString::to_string)), span)
}

#[tokio::test]
async fn each_file_is_an_act_that_says_how_it_ended() {
    recorder();
    meters();
    let mut view = visitor::<Album>("/album").get("/album").await.join().await;
    let text = |n_bytes| TestFile::new("secret name.txt", "x".repeat(n_bytes));
    let some = |said: [&str; 3]| said.map(|said| Some(said.to_owned()));

    view.form("form").choose_files("photos", [text(25_000)]).await;
    let (said, span) = told(&view);
    assert_eq!(said, some(["received", "25000", "25000"]));
    let mount = recorder().trace(view.trace_id());
    let mount = named(&mount, "Album mount").span_context.span_id();
    assert_eq!(span.links[0].span_context.span_id(), mount);
    assert_eq!(value_of(&span, attribute::UPLOAD).unwrap().to_string(), "photos");
    assert!(!format!("{span:?}").contains("secret"), "what a file is called is said nowhere");
    let acts = acts(view.trace_id());
    assert_eq!(named(&acts, "Album handle_upload photos").links.len(), 1);

    let exe = [b"MZ\x90\0\x03\0\0\0".as_slice(), &[0; 25_000]].concat();
    view.form("form").choose_files("photos", [TestFile::new("exe.txt", exe)]).await;
    let (said, span) = told(&view);
    assert_eq!(said, some(["failed", "25008", "0"]));
    assert_eq!(span.status, Status::error("Files of this type are not accepted."));
    assert_eq!(value_of(&span, attribute::ERROR_TYPE).unwrap().to_string(), "not_accepted");

    view.form("form").choose_files("photos", [text(25_000).stalling_after(1)]).await;
    view.click("button:last-of-type").await;
    assert_eq!(told(&view).0, some(["cancelled", "25000", "10000"]));

    view.form("form").choose_files("photos", [text(8_000_001)]).await;
    let series = series();
    let count = |name: &str, labels: &str| series[&format!("live_view.{name} {{{labels}}}")];
    for (outcome, n_bytes) in [("received", 25_000.0), ("failed", 0.0), ("cancelled", 10_000.0)] {
        let labels = format!("live_view.name=Album,live_view.outcome={outcome}");
        assert_eq!(count("uploads", &labels), 1.0, "{outcome}");
        assert_eq!(count("upload.bytes", &labels), n_bytes, "{outcome}");
    }
    assert!(count("uploads.refused", "live_view.reason=too_large") >= 1.0);
}

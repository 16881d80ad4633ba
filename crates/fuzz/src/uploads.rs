//! Files on their way: whatever a client says in whichever order, it is told what a model says and the page
//! shows it, what the view takes is what was accepted, byte for byte, and in the end there is room as before.
//!
//! Each step is made of a few bytes.

use belvedere::testing::{Outcome, TestView, part_frame};
use serde_json::{Value, json};
use tokio::runtime::Builder;
use tokio::time::sleep;

use crate::dice::Dice;
use model::{CHUNK_TIMEOUT, File, Kind, MAX_FILE_BYTES, MAX_FRAME_BYTES, Model, Said};
use page::Place;

mod model;
mod page;

/// Files of a page whose refs are tried.
const N_REFS: usize = 6;

const SIZES: [u64; 10] =
    [0, 1, 7, 100, 8191, 8192, 8193, 12_000, MAX_FILE_BYTES, MAX_FILE_BYTES + 1];

const LENGTHS: [usize; 10] = [0, 1, 6, 93, 1000, 8191, 8192, 9000, 20_000, MAX_FRAME_BYTES];

pub(crate) fn run(bytes: &[u8]) {
    // All waiting is over at once.
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(client(Dice::new(bytes)));
}

async fn client(mut dice: Dice<'_>) {
    let place = Place::new();
    let mut client = Client::new(&place).await;
    while !dice.is_used_up() {
        client.step(&mut dice).await;
        client.is_right();
    }
    client.view.close().await;
    assert_eq!(place.n_writers(), 0, "nothing is left of what was not taken");
    if !client.model.has_taken_room {
        return;
    }
    let mut next = Client::new(&place).await;
    next.ask(1, 0, MAX_FILE_BYTES, Kind::Plain).await;
    next.join("lvu:0", "40", 0).await;
    assert_eq!(next.model.n_coming(), 1, "all the room is there again");
}

/// What says anything at all.
struct Client<'a> {
    place: &'a Place,
    view: TestView,
    model: Model,
    /// Refs of the uploads.
    uploads: Vec<String>,
    /// Of the files in the order in which they were let.
    tokens: Vec<String>,
    n_messages: u64,
}

impl<'a> Client<'a> {
    async fn new(place: &'a Place) -> Self {
        let view = place.app.get("/").await.join().await;
        let (model, uploads, tokens) = (Model::default(), place.uploads(), Vec::new());
        // No answer of ours is taken for one to the page's own messages.
        Self { place, view, model, uploads, tokens, n_messages: 1_000_000 }
    }

    async fn step(&mut self, dice: &mut Dice<'_>) {
        match dice.below(13) {
            0 | 1 => {
                let (upload, entry, size) =
                    (dice.below(2), reference(dice), dice.below(SIZES.len()));
                self.ask(upload, entry, SIZES[size], Kind::of(dice.byte())).await;
            }
            2 | 3 => {
                let (topic, join_ref) = (topic(dice), join_ref(dice));
                self.join(&topic, &join_ref, dice.below(self.tokens.len() + 1)).await;
            }
            4..=6 => {
                let (topic, join_ref) = (topic(dice), join_ref(dice));
                let event = if dice.below(8) == 7 { "part" } else { "chunk" };
                let n_bytes = self.length(&topic, dice);
                self.part(&topic, &join_ref, event, n_bytes).await;
            }
            7 => {
                let lengths = [dice.byte(), dice.byte(), dice.byte()];
                self.parts_at_once(&topic(dice), lengths).await;
            }
            8 => {
                let (upload, entry, percent) = (dice.below(2), reference(dice), dice.byte());
                let percent = (percent <= 100).then_some(percent);
                self.report(upload, entry, percent).await;
            }
            9 => {
                let (topic, join_ref) = (topic(dice), join_ref(dice));
                self.leave(&topic, &join_ref).await;
            }
            10 => {
                let (upload, entry) = (dice.below(2), reference(dice));
                self.model.cancel(upload, entry);
                self.click("cancel", json!({ "upload": upload, "entry": entry })).await;
            }
            11 => self.take(dice).await,
            _ => self.wait().await,
        }
    }

    /// Chooses a file, if it is not there, and asks to send it.
    async fn ask(&mut self, upload: usize, entry: u64, size: u64, kind: Kind) {
        let name = format!("{kind:?}");
        let file = json!({ "ref": entry.to_string(), "name": name, "type": "", "size": size });
        let payload = json!({ "ref": self.uploads[upload], "entries": [file] });
        let n_before = self.view.replies().len();
        self.view.send("allow_upload", payload).await;
        let response = &self.view.replies()[n_before]["response"];
        let token = response["entries"][entry.to_string()].as_str().map(str::to_owned);
        let is_let = self.model.ask(File::chosen(upload, entry, size, kind), self.tokens.len());
        assert_eq!(token.is_some(), is_let, "{response}");
        self.tokens.extend(token);
    }

    async fn join(&mut self, topic: &str, join_ref: &str, token: usize) {
        let text = self.tokens.get(token).map_or("none", String::as_str);
        let payload = json!({ "token": text });
        let frame = json!([join_ref, self.next_ref(), topic, "phx_join", payload]);
        let told = self.told(frame).await;
        assert_eq!(told, [self.model.join(topic, join_ref, token)]);
    }

    /// How long the next part is: any length, or what is left of its file.
    fn length(&self, topic: &str, dice: &mut Dice<'_>) -> usize {
        match dice.below(LENGTHS.len() + 2) {
            at @ 0..10 => LENGTHS[at],
            10 => self.model.left(topic),
            _ => self.model.left(topic) + 1,
        }
    }

    async fn part(&mut self, topic: &str, join_ref: &str, event: &str, n_bytes: usize) {
        let part = self.model.bytes_for(topic, n_bytes);
        let mut frame = part_frame(join_ref, &self.next_ref(), topic, &part);
        if event != "chunk" {
            let (at, length) = (5 + frame[1..4].iter().map(|n| usize::from(*n)).sum::<usize>(), 5);
            frame[4] = 4;
            frame.splice(at..at + length, event.bytes());
        }
        let is_cut = frame.len() > MAX_FRAME_BYTES;
        let n_before = self.view.replies().len();
        self.view.send_bytes(frame).await;
        let part = if is_cut { &[] } else { &part[..] };
        let told = told(&self.view.replies()[n_before..]);
        let expected = self.model.part(topic, join_ref, event == "chunk", part);
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>());
    }

    /// Parts for none of which an answer is waited: all are taken, or the file fails.
    async fn parts_at_once(&mut self, topic: &str, lengths: [u8; 3]) {
        let n_bytes = lengths.iter().map(|length| usize::from(*length) + 1).sum();
        let Some((upload, entry)) = self.model.takes_plainly(topic, n_bytes) else { return };
        let bytes = self.model.bytes_for(topic, n_bytes);
        let mut rest = &bytes[..];
        let n_before = self.view.replies().len();
        for length in lengths {
            let (part, others) = rest.split_at(usize::from(length) + 1);
            let frame = part_frame("", &self.next_ref(), topic, part);
            self.view.send_bytes_at_once(frame).await;
            rest = others;
        }
        self.view.settle().await;
        let told = told(&self.view.replies()[n_before..]);
        assert!(told.len() <= lengths.len(), "{told:?}");
        let is_it = |shown: &String| shown.starts_with(&format!("{upload} {entry} "));
        let shown = self.place.shown().into_iter().find(is_it).expect("it is listed");
        let has_failed = shown.contains("failed");
        assert_eq!(has_failed, told.iter().any(Result::is_err), "{told:?}");
        if has_failed {
            self.model.interrupt(topic);
        } else {
            assert_eq!(self.model.part(topic, "", true, &bytes), Some(Ok(())));
        }
    }

    async fn report(&mut self, upload: usize, entry: u64, percent: Option<u8>) {
        let progress = percent.map_or_else(|| json!({ "error": "lost" }), Value::from);
        let payload = json!({
            "event": null,
            "ref": self.uploads[upload],
            "entry_ref": entry.to_string(),
            "progress": progress,
        });
        self.view.send("progress", payload).await;
        self.model.report(upload, entry, percent);
    }

    async fn leave(&mut self, topic: &str, join_ref: &str) {
        let join_ref_sent = if join_ref.is_empty() { Value::Null } else { join_ref.into() };
        let frame = json!([join_ref_sent, self.next_ref(), topic, "phx_leave", {}]);
        let told = self.told(frame).await;
        let expected = self.model.leave(topic, join_ref);
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>());
    }

    async fn take(&mut self, dice: &mut Dice<'_>) {
        let (upload, entry) = (dice.below(2), reference(dice));
        match dice.below(3) {
            0 => {
                self.model.take(upload, entry);
                self.click("take", json!({ "upload": upload, "entry": entry })).await;
            }
            1 => {
                self.model.take_all();
                self.click("take_all", json!({})).await;
            }
            _ => {
                self.model.reset();
                self.click("reset", json!({})).await;
            }
        }
    }

    async fn click(&mut self, event: &str, value: Value) {
        self.view.send_event("click", event, value, None).await;
    }

    /// Nothing comes for longer than a part is waited for.
    async fn wait(&mut self) {
        let heartbeat = json!([null, self.next_ref(), "phoenix", "heartbeat", {}]);
        self.view.send_any(heartbeat).await;
        sleep(CHUNK_TIMEOUT * 3 / 2).await;
        self.view.settle().await;
        self.model.wait();
    }

    /// Sends a frame; says what it is told.
    async fn told(&mut self, frame: Value) -> Vec<Said> {
        let n_before = self.view.replies().len();
        self.view.send_any(frame).await;
        told(&self.view.replies()[n_before..])
    }

    fn next_ref(&mut self) -> String {
        self.n_messages += 1;
        self.n_messages.to_string()
    }

    fn is_right(&self) {
        // The end of a topic of a file is told as one.
        let goes_on = matches!(self.view.outcome(), Outcome::Open | Outcome::Closed);
        assert!(goes_on, "{:?}", self.view.outcome());
        assert_eq!(self.place.shown(), self.model.shown());
        assert_eq!(self.place.taken(), self.model.taken);
        assert_eq!(self.place.n_writers(), self.model.n_writers());
    }
}

fn told(replies: &[Value]) -> Vec<Said> {
    let told = replies.iter().map(|reply| match &reply["response"]["reason"] {
        Value::String(reason) => Err(reason.clone()),
        _ => Ok(()),
    });
    told.collect()
}

fn reference(dice: &mut Dice<'_>) -> u64 {
    dice.below(N_REFS) as u64
}

fn topic(dice: &mut Dice<'_>) -> String {
    match dice.below(N_REFS + 3) {
        at if at < N_REFS => format!("lvu:{at}"),
        at if at == N_REFS => "lvu:".to_owned(),
        at if at == N_REFS + 1 => "lvu:00".to_owned(),
        _ => "lvx:0".to_owned(),
    }
}

fn join_ref(dice: &mut Dice<'_>) -> String {
    ["", "40", "41"][dice.below(3)].to_owned()
}

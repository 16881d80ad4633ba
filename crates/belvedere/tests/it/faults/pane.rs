//! A page on which everything that an author writes can break.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use belvedere::AsyncState::Failed;
use belvedere::event::EventError;
use belvedere::pub_sub::{Heard, PubSub, Topic};
use belvedere::upload::{EntryId, Upload, UploadEntry, UploadError, UploadOptions, UploadWriter};
use belvedere::{
    Async, CallbackError, ComponentId, ComponentSocket, Ended, EventRefusal, GuardedEvent, Joined,
    LiveComponent, LiveEvent, LiveStream, LiveView, MountError, Render, Restream, Result, Snapshot,
    Socket, Update, component, flash, live, template::Element,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer};

/// Where the next panics are, each once. The test's own thread runs all but the makers of writers.
#[derive(Clone, Default)]
pub(super) struct Fuse(Arc<Mutex<Vec<&'static str>>>);

thread_local! {
    static FUSE: RefCell<Fuse> = RefCell::default();
}

impl Fuse {
    /// The one of this thread.
    pub(super) fn own() -> Self {
        FUSE.with_borrow(Clone::clone)
    }

    pub(super) fn set(&self, places: &[&'static str]) {
        *self.0.lock().unwrap() = places.to_vec();
    }

    /// What has not panicked.
    pub(super) fn left(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn at(&self, place: &str) {
        let blows = {
            let mut places = self.0.lock().unwrap();
            let at = places.iter().position(|set| *set == place);
            at.map(|at| places.remove(at)).is_some()
        };
        // A second panic while the first unwinds would end the process, in every program.
        assert!(!blows || std::thread::panicking(), "{place} panics on purpose");
    }
}

fn at(place: &str) {
    Fuse::own().at(place);
}

fn hole() -> &'static str {
    at("hole");
    ""
}

/// Panics when it is dropped, if that is its place.
pub(super) struct Drops(&'static str);

impl Drop for Drops {
    fn drop(&mut self) {
        at(self.0);
    }
}

pub(super) struct Pane {
    pub_sub: PubSub,
    clicks: u32,
    badges: Vec<u32>,
    work: Option<Async<u32>>,
    rows: LiveStream<u32>,
    files: Upload<()>,
    _drops: Drops,
}

#[derive(LiveEvent)]
pub(super) enum Event {
    Ok,
    Panic,
    Fail,
    Unread { number: u32 },
    Patch,
    Send,
    Publish,
    Badge,
    Poke,
    Load,
    LoadThen,
    Spawn,
    Subscribe,
    Changed,
    Cancel { entry: EntryId },
}

pub(super) enum Message {
    Sent(#[expect(dead_code, reason = "it is dropped")] Drops),
    Heard(Heard<Note>),
}

/// What pages tell each other.
#[derive(Clone, Deserialize)]
pub(super) struct Note;

impl Serialize for Note {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        at("serialize");
        serializer.serialize_unit()
    }
}

const NOTES: Topic<Note> = Topic::new("notes");

/// The guard of the page.
pub(super) fn guard(event: &GuardedEvent<'_>) -> Result<(), EventRefusal> {
    if event.name == "panic" {
        at("guard");
    }
    Ok(())
}

impl LiveView for Pane {
    type Extract = State<PubSub>;
    type Params = Query<HashMap<String, String>>;
    type Event = Event;
    type Message = Message;

    async fn mount(
        State(pub_sub): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.on_end(|_: Ended| at("on_end"));
        at("mount");
        socket.subscribe_to(&pub_sub, &NOTES, |heard| {
            at("wrap");
            Message::Heard(heard)
        })?;
        let mut rows = LiveStream::new("rows", |row: &u32| *row);
        rows.append(1);
        let options = UploadOptions { auto: true, chunk_bytes: 10_000, ..UploadOptions::default() };
        let fuse = Fuse::own();
        let files = Upload::with_writer("files", options, move |_| {
            fuse.at("open");
            Bin(fuse.clone())
        });
        let files = files.with_check(|_| {
            at("check");
            Ok::<_, UploadError>(())
        });
        let (badges, _drops) = (vec![1], Drops("drop"));
        Ok(Self { pub_sub, clicks: 0, badges, work: None, rows, files, _drops })
    }

    async fn handle_params(
        &mut self,
        _: Self::Params,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        at("handle_params");
        Ok(())
    }

    async fn connected(&mut self, _: Joined, _: &mut Socket<Self>) -> Result {
        at("connected");
        Ok(())
    }

    async fn disconnected(&mut self, _: &mut Socket<Self>) -> Result {
        at("disconnected");
        Ok(())
    }

    async fn terminate(&mut self, _: &mut Socket<Self>) {
        at("terminate");
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        at("restream");
        self.rows.reset([1]);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        self.clicks += 1;
        match event {
            Event::Ok | Event::Changed | Event::Unread { .. } => {}
            Event::Panic => at("handle_event"),
            Event::Fail => Err(std::fmt::Error)?,
            Event::Patch => socket.patch("/pane?page=2")?,
            Event::Send => drop(socket.sender().send(Message::Sent(Drops("message drop")))),
            Event::Publish => self.pub_sub.publish(&NOTES, Note)?,
            Event::Badge => self.badges.push(10 + self.clicks),
            Event::Poke => socket.send_component::<Badge>(1, ()),
            Event::Load => {
                self.work = Some(socket.load("work", async {
                    at("work");
                    Ok(1)
                }));
            }
            Event::LoadThen => {
                self.work = Some(socket.load_then("then", async { Ok(1) }, |_, outcome, _| {
                    at("then");
                    Ok(outcome?)
                }));
            }
            Event::Spawn => socket.spawn("spawned", async { at("spawned") })?,
            Event::Subscribe => socket.subscribe(
                "numbers",
                futures_util::stream::once(async {
                    at("subscription");
                    Message::Sent(Drops("nothing"))
                }),
            )?,
            Event::Cancel { entry } => drop(self.files.cancel(entry)),
        }
        Ok(())
    }

    async fn handle_message(&mut self, message: Message, _: &mut Socket<Self>) -> Result {
        at("handle_message");
        match message {
            Message::Sent(_) | Message::Heard(Heard::Message(Note) | Heard::Missed) => Ok(()),
        }
    }

    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        at("handle_upload");
        drop(self.files.take(entry.id()));
        Ok(())
    }

    fn handle_error(&mut self, _: &CallbackError, socket: &mut Socket<Self>) {
        at("handle_error");
        socket.put_flash("error", "Something went wrong.");
    }

    fn handle_unread(&mut self, _: &EventError, _: &mut Socket<Self>) {
        at("handle_unread");
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(
            1,
            |pane: &Self| {
                at("keep");
                pane.clicks
            },
            |pane, clicks| {
                at("give");
                pane.clicks = clicks;
            },
        )
    }

    fn render(&self) -> impl Render {
        at("render");
        live! {
            (flash())
            output { (self.clicks) (hole()) }
            button #ok phx-click=(Event::Ok) {}
            @for badge in &self.badges { li key=(badge) {
                (component::<Badge>(*badge, self.clicks))
            } }
            @if let Some(work) = &self.work { em { @if let Failed(_) = work.state() { "failed" } } }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows { li id=(id) { (row) } }
            }
            form #files phx-change=(Event::Changed) {
                input type="file" field=(self.files) aria-label="Files";
            }
            @for entry in self.files.entries() {
                p key=(entry.id()) {
                    @if let Some(error) = entry.error() { (error) }
                    button.cancel phx-click=(Event::Cancel { entry: entry.id() }) {}
                }
            }
        }
    }
}

pub(super) struct Badge {
    clicks: u32,
}

#[derive(LiveEvent)]
pub(super) enum BadgeEvent {
    Click,
}

impl LiveComponent for Badge {
    type Props = u32;
    type Event = BadgeEvent;
    type Message = ();

    fn mount(_: &u32) -> Self {
        at("badge mount");
        Self { clicks: 0 }
    }

    async fn update(&mut self, clicks: u32, _: &mut ComponentSocket<'_>) -> Result {
        at("badge update");
        self.clicks = clicks;
        Ok(())
    }

    async fn update_many(
        updates: Vec<Update<'_, Self>>,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        at("badge update_many");
        for Update { component, props } in updates {
            component.update(props, socket).await?;
        }
        Ok(())
    }

    async fn handle_event(&mut self, _: BadgeEvent, _: &mut ComponentSocket<'_>) -> Result {
        at("badge handle_event");
        Ok(())
    }

    async fn handle_message(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        at("badge handle_message");
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        at("badge render");
        live! {
            b phx-target=(target) phx-click=(BadgeEvent::Click) { (self.clicks) }
        }
    }
}

/// Takes files, and keeps nothing.
struct Bin(Fuse);

impl UploadWriter for Bin {
    type Output = ();

    async fn write(&mut self, _: Bytes) -> Result {
        self.0.at("write");
        Ok(())
    }

    async fn finish(self) -> Result {
        self.0.at("finish");
        Ok(())
    }
}

impl Drop for Bin {
    fn drop(&mut self) {
        self.0.at("writer drop");
    }
}

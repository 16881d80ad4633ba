//! The pages: a desk with a number, a text, files and acts that are stored, and a place to go to from there and back.

use axum::extract::{Query, State};
use belvedere::upload::{InMemory, Upload, UploadEntry, UploadOptions};
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Snapshot, Socket, live};
use belvedere_diesel::{QueryError, Repo};
use serde::{Deserialize, Serialize};

use crate::acts;

/// Where the desk is.
pub(crate) const DESK: &str = "/desk";

/// Where the other page is.
pub(crate) const AWAY: &str = "/away";

/// Most bytes of a file.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// What the URL says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Turned {
    page: u32,
}

/// One visitor's desk.
pub(crate) struct Desk {
    repo: Repo,
    number: u64,
    text: String,
    page: u32,
    /// The act that was stored last.
    stored: i64,
    files: Upload<InMemory>,
}

/// What outlives its server.
#[derive(Serialize, Deserialize)]
struct Kept {
    number: u64,
    text: String,
}

/// What its elements ask for.
#[derive(Debug, LiveEvent)]
pub(crate) enum DeskEvent {
    Inc,
    Store(Act),
    Typed(Typed),
    Changed,
}

/// An act that is stored.
#[derive(Debug, Deserialize)]
pub(crate) struct Act {
    visitor: i64,
    act: i64,
}

/// The form.
#[derive(Debug, Deserialize)]
pub(crate) struct Typed {
    text: String,
}

impl LiveView for Desk {
    type Extract = State<Repo>;
    type Params = Query<Turned>;
    type Event = DeskEvent;
    type Message = ();

    async fn mount(State(repo): State<Repo>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let options = UploadOptions {
            auto: true,
            max_file_bytes: MAX_FILE_BYTES,
            ..UploadOptions::default()
        };
        Ok(Self {
            repo,
            number: 0,
            text: String::new(),
            page: 0,
            stored: 0,
            files: Upload::in_memory("files", options),
        })
    }

    async fn handle_params(
        &mut self,
        Query(turned): Query<Turned>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.page = turned.page;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(
            1,
            |desk: &Self| Kept { number: desk.number, text: desk.text.clone() },
            |desk, Kept { number, text }| {
                (desk.number, desk.text) = (number, text);
            },
        )
    }

    async fn handle_event(&mut self, event: DeskEvent, _: &mut Socket<Self>) -> Result {
        match event {
            DeskEvent::Inc => self.number += 1,
            DeskEvent::Typed(Typed { text }) => self.text = text,
            DeskEvent::Store(Act { visitor, act }) => self.store(visitor, act).await?,
            DeskEvent::Changed => {}
        }
        Ok(())
    }

    /// A file is an act too, which its first line tells.
    async fn handle_upload(&mut self, entry: UploadEntry, _: &mut Socket<Self>) -> Result {
        let Some(uploaded) = self.files.take(entry.id()) else { return Ok(()) };
        let bytes = uploaded.file.bytes();
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let (visitor, act) = std::str::from_utf8(line)?.split_once(' ').unwrap_or_default();
        Ok(self.store(visitor.parse()?, act.parse()?).await?)
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Desk" }
            output { (self.shown()) }
            button #inc phx-click=(DeskEvent::Inc) { "+" }
            button #store phx-click=(DeskEvent::STORE) { "Store" }
            form #text phx-change=(DeskEvent::TYPED) { input name="text" value=(self.text.as_str()); }
            form #files phx-change=(DeskEvent::Changed) { input type="file" field=(self.files); }
            a href=(AWAY) { "Away" }
        }
    }
}

impl Desk {
    async fn store(&mut self, visitor: i64, act: i64) -> Result<(), QueryError> {
        acts::add(&self.repo, visitor, act).await?;
        self.stored = act;
        Ok(())
    }

    /// For [`crate::shown::Shown`].
    fn shown(&self) -> String {
        let Self { number, text, page, stored, files, .. } = self;
        format!("desk:{number},{text},{page},{stored},{};", files.id())
    }
}

/// A page without a state.
pub(crate) struct Away;

impl LiveView for Away {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { h1 { "Away" } a href=(DESK) { "Back" } }
    }
}

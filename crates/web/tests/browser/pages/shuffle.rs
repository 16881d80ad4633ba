use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::Path;
use belvedere::js::{Target, Transition};
use belvedere::{
    ComponentId, ComponentSocket, Js, LiveComponent, LiveEvent, LiveStream, LiveView, MountError,
    Render, Restream, Result, Socket, StreamLimit, component, live, nested, template::Element,
};
use serde::{Deserialize, Serialize};

/// Rows that come, change and go in any order, and hold texts, components, views, or views in components.
/// The path names what they show, which any other page of that name shows as well, says how many rows a
/// browser keeps, as [`Stream`](super::stream::Stream) has it, and whether they fade.
pub(crate) struct Shuffle {
    world: World,
    rows: LiveStream<Row>,
    limit: i32,
    fades: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Row {
    id: u32,
    kind: Kind,
    text: u32,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Component,
    Nested,
    /// A view in a component.
    Both,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Append(Row),
    InsertAt(u32, Row),
    Update(Row),
    Delete(u32),
    Reset(Vec<Row>),
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    /// In one message.
    Change { acts: Vec<Act> },
}

/// What all pages of a name show.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Shown>>);

#[derive(Default)]
struct Shown {
    rows: Vec<Row>,
    /// By what was clicked.
    clicks: HashMap<String, u32>,
}

static WORLDS: LazyLock<Mutex<HashMap<String, World>>> = LazyLock::new(Mutex::default);

const FADE: Transition<'_> = Transition::new("leaving").time(Duration::from_millis(60));

impl World {
    fn named(name: String) -> Self {
        let mut worlds = WORLDS.lock().unwrap_or_else(PoisonError::into_inner);
        worlds.entry(name).or_default().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clicks(&self, what: &str) -> u32 {
        self.lock().clicks.get(what).copied().unwrap_or_default()
    }

    fn click(&self, what: &str) -> u32 {
        let mut shown = self.lock();
        let clicks = shown.clicks.entry(what.to_owned()).or_default();
        *clicks += 1;
        *clicks
    }
}

impl Shown {
    fn insert(&mut self, at: usize, row: Row, limit: i32) {
        if let Some(known) = self.rows.iter_mut().find(|known| known.id == row.id) {
            *known = row;
            return;
        }
        self.rows.insert(at.min(self.rows.len()), row);
        let n_kept = limit.unsigned_abs() as usize;
        match limit {
            0 => {}
            1.. => self.rows.truncate(n_kept),
            _ => drop(self.rows.drain(..self.rows.len().saturating_sub(n_kept))),
        }
    }

    fn act(&mut self, act: Act, limit: i32) {
        match act {
            Act::Append(row) => self.insert(usize::MAX, row, limit),
            Act::InsertAt(at, row) => self.insert(at as usize, row, limit),
            Act::Update(row) => {
                if let Some(known) = self.rows.iter_mut().find(|known| known.id == row.id) {
                    *known = row;
                }
            }
            Act::Delete(id) => self.rows.retain(|row| row.id != id),
            Act::Reset(rows) => {
                self.rows.clear();
                rows.into_iter().for_each(|row| self.insert(usize::MAX, row, limit));
            }
        }
    }
}

impl LiveView for Shuffle {
    type Extract = Path<(String, i32, bool)>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        Path((name, limit, fades)): Path<(String, i32, bool)>,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let world = World::named(name);
        let rows = LiveStream::new("rows", |row: &Row| row.id);
        let mut rows = match limit {
            0 => rows,
            1.. => rows.with_limit(StreamLimit::First(limit.unsigned_abs())),
            _ => rows.with_limit(StreamLimit::Last(limit.unsigned_abs())),
        };
        rows.extend(world.lock().rows.clone());
        Ok(Self { world, rows, limit, fades })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        let rows = self.world.lock().rows.clone();
        self.rows.reset(rows);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        let Event::Change { acts } = event;
        for act in acts {
            match &act {
                Act::Append(row) => self.rows.append(row.clone()),
                Act::InsertAt(at, row) => self.rows.insert_at(*at, row.clone()),
                Act::Update(row) => self.rows.update(row.clone()),
                Act::Delete(id) => self.rows.delete(id),
                Act::Reset(rows) => self.rows.reset(rows.clone()),
            }
            self.world.lock().act(act, self.limit);
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            h1 { "Rows" }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows {
                    li id=(id) phx-remove=[self.fades.then(|| Js::new().hide_with(Target::This, FADE))] {
                        b { (row.text) }
                        @if matches!(row.kind, Kind::Component | Kind::Both) {
                            (component::<Held>(row.id, self.content(&row)))
                        } @else if row.kind == Kind::Nested {
                            (nested::<Box>(row.id, self.content(&row)))
                        }
                    }
                }
                li #hint { "More rows may come" }
            }
        }
    }
}

/// What stands in a row.
#[derive(Clone)]
pub(crate) struct Content {
    world: World,
    id: u32,
    has_view: bool,
}

impl Shuffle {
    fn content(&self, row: &Row) -> Content {
        Content { world: self.world.clone(), id: row.id, has_view: row.kind == Kind::Both }
    }
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.has_view) == (other.id, other.has_view)
    }
}

/// Counts its clicks, and has a note for each.
struct Held {
    content: Content,
    clicks: u32,
    notes: LiveStream<u32>,
}

#[derive(LiveEvent)]
enum HeldEvent {
    Click,
}

impl Content {
    fn inner(&self) -> Self {
        Self { world: self.world.clone(), id: self.id + 100, has_view: false }
    }

    fn notes(&self, kind: &str, clicks: u32) -> LiveStream<u32> {
        let mut notes = LiveStream::new(format!("{kind}-{}-notes", self.id), |note: &u32| *note);
        notes.extend(1..=clicks);
        notes
    }
}

fn clicked(kind: &str, id: u32) -> String {
    format!("{kind}-{id}")
}

impl LiveComponent for Held {
    type Props = Content;
    type Event = HeldEvent;
    type Message = ();

    fn mount(content: &Content) -> Self {
        let clicks = content.world.clicks(&clicked("held", content.id));
        Self { content: content.clone(), clicks, notes: content.notes("held", clicks) }
    }

    async fn update(&mut self, content: Content, _: &mut ComponentSocket<'_>) -> Result {
        self.content = content;
        Ok(())
    }

    async fn restream(&mut self, _: &mut ComponentSocket<'_>) -> Result<Restream> {
        self.notes.reset(1..=self.clicks);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, _: HeldEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.clicks = self.content.world.click(&clicked("held", self.content.id));
        self.notes.append(self.clicks);
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        let id = self.content.id;
        live! {
            div #{ "held-" (id) } {
                button phx-click=(HeldEvent::Click) phx-target=(target) { "held " (self.clicks) }
                ol #{ "held-notes-" (id) } phx-update="stream" {
                    @for (note, number) in &self.notes { li id=(note) { (number) } }
                }
                @if self.content.has_view { (nested::<Box>(id + 100, self.content.inner())) }
            }
        }
    }
}

/// The same as a view.
pub(crate) struct Box {
    content: Content,
    clicks: u32,
    notes: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum BoxEvent {
    Click,
}

impl LiveView for Box {
    type Extract = Content;
    type Params = ();
    type Event = BoxEvent;
    type Message = ();

    async fn mount(content: Content, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let clicks = content.world.clicks(&clicked("box", content.id));
        let notes = content.notes("box", clicks);
        Ok(Self { content, clicks, notes })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.notes.reset(1..=self.clicks);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, _: BoxEvent, _: &mut Socket<Self>) -> Result {
        self.clicks = self.content.world.click(&clicked("box", self.content.id));
        self.notes.append(self.clicks);
        Ok(())
    }

    fn render(&self) -> impl Render {
        let id = self.content.id;
        live! {
            button phx-click=(BoxEvent::Click) { "box " (self.clicks) }
            ol #{ "box-notes-" (id) } phx-update="stream" {
                @for (note, number) in &self.notes { li id=(note) { (number) } }
            }
        }
    }
}

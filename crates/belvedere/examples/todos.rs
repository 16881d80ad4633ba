//! Todo items, each a live component that knows by itself whether it is being renamed. However many
//! there are, one query loads them; one that is deleted leaves by a transition.
//!
//! Run it with `cargo run -p belvedere --example todos` and open http://localhost:4000; another port is
//! an argument, as in `cargo run -p belvedere --example todos -- 4001`.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::{Router, extract::State};
use belvedere::js::{Target, Transition};
use belvedere::{ComponentId, ComponentSocket, Element, Js, LiveComponent, LiveConfig, LiveEvent};
use belvedere::{LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, SecretKeyBase};
use belvedere::{Socket, Update, component, live};
use serde::Deserialize;
use tokio::sync::Mutex;

/// The class of a row that leaves, for a stylesheet: it stays for 200 ms.
const LEAVING: Transition<'_> = Transition::new("leaving");

/// Most items; the oldest goes when there is one more.
const MAX_ITEMS: usize = 100;

/// The longest title, in characters.
const MAX_LETTERS: usize = 200;

/// Stands for a database.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<Items>>);

struct Items {
    titles: BTreeMap<usize, String>,
    n_ids: usize,
}

impl Default for Store {
    fn default() -> Self {
        let titles: BTreeMap<_, _> =
            ["Write", "Test", "Rest"].map(str::to_owned).into_iter().enumerate().collect();
        Self(Arc::new(Mutex::new(Items { n_ids: titles.len(), titles })))
    }
}

impl Store {
    async fn ids(&self) -> Vec<usize> {
        self.0.lock().await.titles.keys().copied().collect()
    }

    async fn new_id(&self) -> usize {
        let mut items = self.0.lock().await;
        items.n_ids += 1;
        items.n_ids - 1
    }

    /// One query, for as many items as are asked for. One that was never saved has no title.
    async fn titles(&self, ids: &[usize]) -> Vec<String> {
        let items = self.0.lock().await;
        ids.iter().map(|id| items.titles.get(id).cloned().unwrap_or_default()).collect()
    }

    async fn save(&self, id: usize, title: String) {
        let mut items = self.0.lock().await;
        items.titles.insert(id, title);
        if items.titles.len() > MAX_ITEMS {
            items.titles.pop_first();
        }
    }

    async fn delete(&self, id: usize) {
        self.0.lock().await.titles.remove(&id);
    }
}

/// The page: which items, in which order. What they say is for their rows to know.
pub(crate) struct Todos {
    store: Store,
    ids: Vec<usize>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Add,
    Reverse,
    Delete { id: usize },
}

impl LiveView for Todos {
    type Extract = State<Store>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        State(store): State<Store>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.provide(store.clone());
        socket.set_title("Todos");
        Ok(Self { ids: store.ids().await, store })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Add if self.ids.len() == MAX_ITEMS => {}
            Event::Add => self.ids.push(self.store.new_id().await),
            Event::Reverse => self.ids.reverse(),
            Event::Delete { id } => {
                self.store.delete(id).await;
                self.ids.retain(|other| *other != id);
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { (self.ids.len()) " things to do" }
            button #add phx-click=(Event::Add) { "Add" }
            button #reverse phx-click=(Event::Reverse) { "Reverse" }
            ul #todos { @for id in &self.ids, key=(id) { (component::<Row>(id, *id)) } }
        }
    }
}

/// One item. One without a title, as a new one, is to be given one.
struct Row {
    id: usize,
    title: String,
    is_renamed: bool,
}

#[derive(LiveEvent)]
enum RowEvent {
    Rename,
    Save(Renamed),
}

#[derive(Deserialize)]
struct Renamed {
    title: String,
}

impl LiveComponent for Row {
    type Props = usize;
    type Event = RowEvent;
    type Message = ();

    fn mount(id: &usize) -> Self {
        Self { id: *id, title: String::new(), is_renamed: false }
    }

    async fn update(&mut self, id: usize, socket: &mut ComponentSocket<'_>) -> Result {
        Self::update_many(vec![Update { component: self, props: id }], socket).await
    }

    async fn update_many(rows: Vec<Update<'_, Self>>, socket: &mut ComponentSocket<'_>) -> Result {
        let store = socket.provided::<Store>().ok_or("the view provides no store")?;
        let ids: Vec<_> = rows.iter().map(|row| row.props).collect();
        for (Update { component, .. }, title) in rows.into_iter().zip(store.titles(&ids).await) {
            component.is_renamed = title.is_empty();
            component.title = title;
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: RowEvent, socket: &mut ComponentSocket<'_>) -> Result {
        match event {
            RowEvent::Rename => self.is_renamed = true,
            RowEvent::Save(Renamed { title }) => {
                let store = socket.provided::<Store>().ok_or("the view provides no store")?;
                let title: String = title.chars().take(MAX_LETTERS).collect();
                store.save(self.id, title.clone()).await;
                (self.title, self.is_renamed) = (title, false);
            }
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            li #{ "todo-" (self.id) } phx-remove=(Js::new().hide_with(Target::This, LEAVING)) {
                @if self.is_renamed {
                    form #{ "form-" (self.id) } phx-submit=(RowEvent::SAVE) phx-target=(target)
                        phx-mounted=(Js::new().focus_first(Target::This)) {
                        input #{ "title-" (self.id) } name="title" value=(self.title) required
                            maxlength=(MAX_LETTERS);
                        button { "Save" }
                    }
                } @else {
                    (self.title) " "
                    button phx-click=(RowEvent::Rename) phx-target=(target) { "Rename" }
                }
                button phx-click=(Event::Delete { id: self.id }) { "Delete" }
            }
        }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = live.serve(Router::new().live::<Todos>("/").with_state(Store::default()));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}

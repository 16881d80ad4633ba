//! Todo items, each a live component that knows by itself whether it is being renamed. However many
//! there are, one query loads them; one that is deleted leaves by a transition.
//!
//! Run it with `cargo run -p belvedere --example todos` and open http://localhost:4000; another port is
//! an argument, as in `cargo run -p belvedere --example todos -- 4001`.

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

/// Stands for a database: titles by id, empty where there is no item any more.
#[derive(Clone)]
struct Store(Arc<Mutex<Vec<String>>>);

impl Store {
    /// One query, for as many items as are asked for.
    async fn titles(&self, ids: &[usize]) -> Vec<String> {
        let titles = self.0.lock().await;
        ids.iter().map(|id| titles.get(*id).cloned().unwrap_or_default()).collect()
    }

    async fn save(&self, id: usize, title: String) {
        if let Some(saved) = self.0.lock().await.get_mut(id) {
            *saved = title;
        }
    }
}

/// The page: which items, in which order. What they say is for their rows to know.
struct Todos {
    store: Store,
    ids: Vec<usize>,
}

#[derive(LiveEvent)]
enum Event {
    Add,
    Reverse,
    Delete { id: usize },
}

impl LiveView for Todos {
    type Extract = State<Store>;
    type Event = Event;
    type Message = ();

    async fn mount(
        State(store): State<Store>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.provide(store.clone());
        let titles = store.0.lock().await.clone();
        let ids = (0..titles.len()).filter(|id| !titles[*id].is_empty()).collect();
        Ok(Self { store, ids })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Add => {
                let mut titles = self.store.0.lock().await;
                self.ids.push(titles.len());
                titles.push(String::new());
            }
            Event::Reverse => self.ids.reverse(),
            Event::Delete { id } => {
                self.store.save(id, String::new()).await;
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
            ul { @for id in &self.ids, key=(id) { (component::<Row>(id, *id)) } }
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
                        input #{ "title-" (self.id) } name="title" value=(self.title) required;
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
    let store = Store(Arc::new(Mutex::new(["Write", "Test", "Rest"].map(str::to_owned).into())));
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = live.serve(Router::new().live::<Todos>("/").with_state(store));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveStream, LiveView, MountError,
    Render, Result, Socket, component, flash, live, nested,
};
use tokio::sync::Barrier;
use tokio::time::timeout;

/// What has happened to the views of one test, in order: `mount ann`, `end ann`.
#[derive(Clone)]
pub(crate) struct Book {
    lines: Arc<Mutex<Vec<String>>>,
    /// Where views called `pair…` wait for each other.
    pair: Arc<Barrier>,
}

impl Default for Book {
    fn default() -> Self {
        Self { lines: Arc::default(), pair: Arc::new(Barrier::new(2)) }
    }
}

impl Book {
    pub(crate) fn write(&self, verb: &str, name: &str) {
        self.lines.lock().unwrap().push(format!("{verb} {name}"));
    }

    /// How often this line was written.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.lines.lock().unwrap().iter().filter(|written| *written == line).count()
    }
}

impl PartialEq for Book {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.lines, &other.lines)
    }
}

/// Shows the chats that its path and its events name, after commas.
pub(crate) struct Lobby {
    book: Book,
    names: String,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Click,
    Show { names: String },
    Panic,
    Leave,
}

impl LiveView for Lobby {
    type Extract = (Path<String>, State<Book>);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (Path(names), State(book)): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        book.write("mount", "lobby");
        Ok(Self { book, names, clicks: 0 })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Click => self.clicks += 1,
            Event::Show { names } => self.names = names,
            Event::Panic => panic!("an event panics on purpose"),
            Event::Leave => socket.redirect("/elsewhere")?,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            output { (self.clicks) }
            button #click phx-click=(Event::Click) {}
            @for name in self.names.split(',') {
                @match name {
                    "" => {}
                    "booth" => { (component::<Booth>("booth", self.book.clone())) }
                    "notes" => { (nested::<Notes>(name, self.book.clone())) }
                    _ => { section { (nested::<Chat>(name, Seat::new(&self.book, name))) } }
                }
            }
        }
    }
}

/// What a chat is given by the view around it.
#[derive(Clone, PartialEq)]
pub(crate) struct Seat {
    book: Book,
    name: String,
}

impl Seat {
    fn new(book: &Book, name: &str) -> Self {
        Self { book: book.clone(), name: name.to_owned() }
    }
}

/// Says what it is told to; its name decides how it fails and what is nested in it.
pub(crate) struct Chat {
    seat: Seat,
    said: u32,
}

#[derive(LiveEvent)]
pub(crate) enum ChatEvent {
    Say,
    Nap,
    PanicInChat,
    LeaveChat,
}

impl LiveView for Chat {
    type Extract = Seat;
    type Params = ();
    type Event = ChatEvent;
    type Message = ();

    async fn mount(seat: Seat, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        seat.book.write("mount", &seat.name);
        let is_first = seat.book.count(&format!("mount {}", seat.name)) == 1;
        match seat.name.as_str() {
            "missing" => return Err(MountError::not_found()),
            "panics" => panic!("mount panics on purpose"),
            name if name.starts_with("pair") => {
                timeout(Duration::from_secs(1), seat.book.pair.wait()).await?;
            }
            "flaky" if is_first => return Err(std::fmt::Error.into()),
            _ => socket.put_flash("info", format!("{} at {}", seat.name, socket.path())),
        }
        Ok(Self { seat, said: 0 })
    }

    async fn handle_event(&mut self, event: ChatEvent, socket: &mut Socket<Self>) -> Result {
        match event {
            ChatEvent::Say => self.said += 1,
            ChatEvent::Nap => tokio::time::sleep(Duration::from_secs(5)).await,
            ChatEvent::PanicInChat => panic!("an event panics on purpose"),
            ChatEvent::LeaveChat => socket.redirect("/elsewhere")?,
        }
        Ok(())
    }

    async fn terminate(&mut self, _: &mut Socket<Self>) {
        self.seat.book.write("end", &self.seat.name);
    }

    fn render(&self) -> impl Render {
        let Seat { book, name } = &self.seat;
        live! {
            (flash())
            b { (name) " " (self.said) }
            button .say phx-click=(ChatEvent::Say) {}
            button .nap phx-click=(ChatEvent::Nap) {}
            button .panic phx-click=(ChatEvent::PanicInChat) {}
            button .leave phx-click=(ChatEvent::LeaveChat) {}
            @if name == "house" { (nested::<Self>("cellar", Seat::new(book, "cellar"))) }
            @if name == "mirror" { (nested::<Self>("mirror", Seat::new(book, "mirror"))) }
        }
    }
}

/// A stream that cannot be told again, with a chat in each row.
pub(crate) struct Notes {
    book: Book,
    notes: LiveStream<u32>,
}

impl LiveView for Notes {
    type Extract = Book;
    type Params = ();
    type Event = NoteEvent;
    type Message = ();

    async fn mount(book: Book, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut notes = LiveStream::new("notes", |note: &u32| *note);
        notes.append(1);
        Ok(Self { book, notes })
    }

    async fn handle_event(&mut self, _: NoteEvent, _: &mut Socket<Self>) -> Result {
        self.notes.append(2);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            ul #notes phx-update="stream" {
                @for (id, note) in &self.notes {
                    li id=(id) { (note) (component::<Row>(note, Seat::new(&self.book, &id))) }
                }
            }
            button phx-click=(NoteEvent::Add) {}
        }
    }
}

/// Keeps the chat of a row that the stream has forgotten.
struct Row(Seat);

impl LiveComponent for Row {
    type Props = Seat;
    type Event = ();
    type Message = ();

    fn mount(seat: &Seat) -> Self {
        Self(seat.clone())
    }

    async fn update(&mut self, _: Seat, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { div { (nested::<Chat>(&self.0.name, self.0.clone())) } }
    }
}

#[derive(LiveEvent)]
pub(crate) enum NoteEvent {
    Add,
}

/// A component that places a chat while it is open.
pub(crate) struct Booth {
    book: Book,
    is_open: bool,
}

#[derive(LiveEvent)]
pub(crate) enum BoothEvent {
    Toggle,
}

impl LiveComponent for Booth {
    type Props = Book;
    type Event = BoothEvent;
    type Message = ();

    fn mount(book: &Book) -> Self {
        Self { book: book.clone(), is_open: true }
    }

    async fn update(&mut self, _: Book, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, _: BoothEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.is_open = !self.is_open;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            div {
                button #toggle phx-click=(BoothEvent::Toggle) phx-target=(target) {}
                @if self.is_open { (nested::<Chat>("guest", Seat::new(&self.book, "guest"))) }
            }
        }
    }
}

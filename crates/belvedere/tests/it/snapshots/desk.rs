//! A page of which much is to be kept: a number, a dialog with a form, a list that the URL filters.

use std::cell::Cell;
use std::time::Duration;

use axum::extract::Query;
use belvedere::component;
use belvedere::form::KeptForm;
use belvedere::{Form, FormData, LiveEvent, LiveForm, LiveView, MountError, Render, Result};
use belvedere::{Snapshot, Socket, live};
use serde::{Deserialize, Serialize};

use super::components::{self, Card};

thread_local! {
    /// Which build the test is; 0 keeps nothing.
    static BUILD: Cell<u32> = const { Cell::new(1) };
}

/// What is served from now on.
pub(crate) fn deploy(build: u32) {
    BUILD.set(build);
    components::deploy(build);
}

#[derive(Default)]
pub(crate) struct Desk {
    count: i64,
    note: String,
    person: Option<LiveForm<Person>>,
    filter: Filter,
    /// By their ids, in the order in which they were put up.
    cards: Vec<u8>,
    /// How often the search was told what to look for.
    searches: u32,
    is_restored: bool,
}

#[derive(Form)]
pub(crate) struct Person {
    name: String,
    age: u8,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    q: String,
    page: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Inc,
    Open,
    Close,
    /// Puts a card up, or away.
    Card {
        id: u8,
    },
    Note {
        text: String,
    },
    Change(FormData<Person>),
    Save(FormData<Person>),
    Search(Search),
    /// One more, soon.
    Later,
    Panic,
}

#[derive(Deserialize)]
pub(crate) struct Search {
    q: String,
}

#[derive(Serialize, Deserialize)]
struct First {
    count: i64,
    note: String,
    person: Option<KeptForm>,
    cards: Vec<u8>,
}

/// The count is a text, and everything stands one below another.
#[derive(Serialize, Deserialize)]
struct Second {
    desk: SecondDesk,
}

#[derive(Serialize, Deserialize)]
struct SecondDesk {
    count: String,
    note: String,
    person: Option<KeptForm>,
    cards: Vec<u8>,
}

impl Desk {
    fn kept_person(&self) -> Option<KeptForm> {
        self.person.as_ref().map(LiveForm::keep)
    }

    fn put(&mut self, count: i64, note: String, person: Option<KeptForm>, cards: Vec<u8>) {
        (self.count, self.note, self.cards) = (count, note, cards);
        self.person = person.map(|kept| {
            let mut person = LiveForm::new("person");
            person.restore(kept);
            person
        });
    }
}

impl LiveView for Desk {
    type Extract = ();
    type Params = Query<Filter>;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_params(
        &mut self,
        Query(filter): Query<Filter>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.filter = filter;
        Ok(())
    }

    async fn connected(&mut self, _: belvedere::Joined, socket: &mut Socket<Self>) -> Result {
        self.is_restored = socket.is_restored();
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Inc => self.count += 1,
            Event::Open => self.person = Some(LiveForm::new("person")),
            Event::Close => self.person = None,
            Event::Card { id } => match self.cards.iter().position(|card| *card == id) {
                Some(at) => drop(self.cards.remove(at)),
                None => self.cards.push(id),
            },
            Event::Note { text } => self.note = text,
            Event::Change(data) => {
                if let Some(person) = &mut self.person {
                    person.change(data);
                }
            }
            Event::Save(data) => {
                if let Some(person) = &mut self.person
                    && person.submit(data).is_some()
                {
                    person.add_error(|f| f.name, "is taken");
                }
            }
            Event::Search(Search { q }) => {
                self.searches += 1;
                socket.patch(format!("/desk?q={q}&page=1"))?;
            }
            Event::Later => socket.send_after(Duration::from_millis(1), ())?,
            Event::Panic => panic!("the test wants it"),
        }
        Ok(())
    }

    async fn handle_message(&mut self, (): (), _: &mut Socket<Self>) -> Result {
        self.count += 1;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        match BUILD.get() {
            1 => Snapshot::version(
                1,
                |desk: &Self| First {
                    count: desk.count,
                    note: desk.note.clone(),
                    person: desk.kept_person(),
                    cards: desk.cards.clone(),
                },
                |desk, First { count, note, person, cards }| desk.put(count, note, person, cards),
            ),
            2 => Snapshot::version(
                2,
                |desk: &Self| {
                    let (count, note) = (desk.count.to_string(), desk.note.clone());
                    let (person, cards) = (desk.kept_person(), desk.cards.clone());
                    Second { desk: SecondDesk { count, note, person, cards } }
                },
                |desk, Second { desk: SecondDesk { count, note, person, cards } }| {
                    desk.put(count.parse().unwrap_or_default(), note, person, cards);
                },
            )
            .older(1, |desk, First { count, note, person, cards }| {
                desk.put(count, note, person, cards);
            }),
            _ => Snapshot::none(),
        }
    }

    fn render(&self) -> impl Render {
        live! {
            output { (self.count) }
            p #note { (self.note) }
            p #restored { (self.is_restored) }
            p #page { (self.filter.q) " " (self.filter.page) }
            p #searches { (self.searches) }
            button #inc phx-click=(Event::Inc) {}
            button #later phx-click=(Event::Later) {}
            button #open phx-click=(Event::Open) {}
            button #panic phx-click=(Event::Panic) {}
            @for id in &self.cards {
                section key=(id) id={ "card-" (id) } { (component::<Card>(*id, 0)) }
            }
            form #search phx-change=(Event::SEARCH) { input name="q" value=(self.filter.q); }
            form #filter phx-change=(Event::SEARCH) phx-auto-recover="ignore" {
                input name="q" value=(self.filter.q);
            }
            @if let Some(person) = &self.person {
                dialog open {
                    form field=(person) phx-change=(Event::CHANGE) phx-submit=(Event::SAVE) {
                        label { "Name" input field=(person.field(|f| f.name)); }
                        p.error { (person.field(|f| f.name).error()) }
                        label { "Age" input field=(person.field(|f| f.age)); }
                        p.error { (person.field(|f| f.age).error()) }
                        button { "Save" }
                    }
                }
            }
        }
    }
}

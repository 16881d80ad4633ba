//! A form whose view answers each of its events only when the test says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use belvedere::form::Errors;
use belvedere::{Field, Form, FormData, LiveEvent, LiveForm, LiveRouter, LiveStream, LiveView};
use belvedere::{MountError, Render, Restream, Result, Socket, live};
use http::StatusCode;
use tokio::sync::Semaphore;

/// How many events each page may answer.
static ANSWERS: Mutex<BTreeMap<String, Arc<Semaphore>>> = Mutex::new(BTreeMap::new());

fn answers(page: &str) -> Arc<Semaphore> {
    let mut answers = ANSWERS.lock().expect("no test panics with it");
    let of_page = answers.entry(page.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(0)));
    Arc::clone(of_page)
}

#[derive(Form, Clone)]
#[form(check = of_age)]
pub(crate) struct Guest {
    name: String,
    age: u8,
}

fn of_age(guest: &Guest, errors: &mut Errors<'_, Guest>) {
    if guest.age < 18 {
        errors.add(|f| f.age, "is too young");
    }
}

/// A form with a row for each answer, how many there were, and who was welcomed.
pub(crate) struct Unanswered {
    answers: Arc<Semaphore>,
    form: LiveForm<Guest>,
    n_answers: u32,
    rows: LiveStream<u32>,
    welcomed: Vec<String>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Change(FormData<Guest>),
    Enter(FormData<Guest>),
}

impl LiveView for Unanswered {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(page): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let answers = answers(&page);
        let form = LiveForm::new("guest");
        let rows = LiveStream::new("rows", |row: &u32| *row);
        Ok(Self { answers, form, n_answers: 0, rows, welcomed: Vec::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.answers.acquire().await?.forget();
        self.n_answers += 1;
        self.rows.append(self.n_answers);
        match event {
            Event::Change(data) => self.form.change(data),
            Event::Enter(data) => {
                if let Some(Guest { name, age }) = self.form.submit(data) {
                    self.welcomed.push(format!("{name} {age}"));
                }
            }
        }
        Ok(())
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.rows.reset(1..=self.n_answers);
        Ok(Restream::Done)
    }

    fn render(&self) -> impl Render {
        live! {
            output #answers { (self.n_answers) }
            form field=(&self.form) phx-change=(Event::CHANGE) phx-submit=(Event::ENTER) {
                (text("Name", self.form.field(|f| f.name)))
                (text("Age", self.form.field(|f| f.age)))
                button #enter phx-disable-with="Entering…" { "Enter" }
                ol #rows phx-update="stream" {
                    @for (id, row) in &self.rows { li id=(id) { (row) } }
                }
            }
            ul #welcomed { @for guest in &self.welcomed { li { (guest) } } }
        }
    }
}

/// An element of its own, which the browser leaves alone while nothing in it changes.
fn text<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        div {
            label field=(field) { (label) }
            input type="text" field=(field) autocomplete="off";
            p.error errors=(field) {}
        }
    }
}

pub(crate) fn router() -> Router {
    Router::new()
        .live::<Unanswered>("/unanswered/{page}")
        .route("/unanswered/{page}/{n_events}", post(answer))
}

async fn answer(Path((page, n_events)): Path<(String, usize)>) -> StatusCode {
    answers(&page).add_permits(n_events);
    StatusCode::NO_CONTENT
}

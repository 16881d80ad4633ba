//! Forms of every kind of input, their rows, what they ask before one leaves, and a server that can be
//! killed under them.

use std::sync::Mutex;

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use belvedere::form::Choice;
use belvedere::template::to_html;
use belvedere::{Field, Form, FormData, LiveConfig, LiveEvent, LiveForm, LiveRouter, LiveRuntime};
use belvedere::{LiveView, MountError, Render, Result, SecretKeyBase, Socket, live};
use serde::{Deserialize, Serialize};

#[derive(Form, Clone)]
#[form(check = named(name))]
pub(crate) struct Trip {
    name: String,
    age: u8,
    meal: Meal,
    seat: Seat,
    insured: bool,
    stops: Vec<Meal>,
    #[form(value)]
    leaves: Day,
    notes: String,
    guests: Vec<Guest>,
}

#[derive(Form, Clone)]
struct Guest {
    email: String,
}

#[derive(Form, Clone, Copy, PartialEq)]
enum Meal {
    Meat,
    NoMeat,
}

#[derive(Form, Clone, Copy, PartialEq)]
enum Seat {
    Aisle,
    Window,
}

/// A date, of which only that there is one matters here.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Day(String);

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.is_empty() { Err("no date") } else { Ok(Self(text)) }
    }
}

impl From<Day> for String {
    fn from(Day(text): Day) -> Self {
        text
    }
}

fn named(trip: &Trip, errors: &mut belvedere::form::Errors<'_, Trip>) {
    if trip.name.len() < 2 {
        errors.add(|f| f.name, "is too short");
    }
}

pub(crate) struct Forms {
    form: LiveForm<Trip>,
    saved: Option<String>,
    /// The browser sends the form by itself.
    is_sent: bool,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Validate(FormData<Trip>),
    Book(FormData<Trip>),
    AddGuest,
}

impl LiveView for Forms {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { form: LiveForm::new("trip"), saved: None, is_sent: false })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Validate(data) => self.form.change(data),
            Event::Book(data) => {
                let Some(trip) = self.form.submit(data) else { return Ok(()) };
                self.form.saved();
                self.is_sent = trip.name == "Send";
                self.saved = Some(trip.name);
            }
            Event::AddGuest => {
                self.form.add_row(|f| f.guests);
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (page(&self.form, self.is_sent))
            @if let Some(saved) = &self.saved { output { (saved) } }
            a #away href="/texts" { "Away" }
        }
    }
}

/// The same form without a socket.
async fn book(data: FormData<Trip>) -> Response {
    let mut form = LiveForm::new("trip");
    match form.submit(data) {
        Some(trip) => Redirect::to(&format!("/forms/booked/{}", trip.name)).into_response(),
        None => Html(to_html(&page(&form, false))).into_response(),
    }
}

fn page(form: &LiveForm<Trip>, is_sent: bool) -> impl Render {
    let guests = form.rows(|f| f.guests);
    live! {
        form field=(form) method="post" action="/forms" phx-change=(Event::VALIDATE)
            phx-submit=(Event::BOOK) phx-trigger-action[is_sent]
            data-unsaved=[form.is_changed().then_some("Leave without saving?")]
        {
            (text("Name", form.field(|f| f.name)))
            (text("Age", form.field(|f| f.age)))
            (choices(form))
            @for guest in guests {
                div.guest key=(guest.key()) {
                    (text("Email", guest.field(|g| g.email)))
                    button.up field=(guest.up()) { "Up" }
                    button.drop field=(guest.remove()) { "Drop" }
                    label { input.gone type="checkbox" field=(guest.remove()); "Gone" }
                }
            }
            button #more field=(guests.add()) { "More" }
            label { input #more-box type="checkbox" field=(guests.add()); "One more" }
            button #save phx-disable-with="Saving…" { "Save" }
            button #reset type="reset" { "Reset" }
        }
        button #add phx-click=(Event::AddGuest) { "Add" }
    }
}

fn text<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        label field=(field) { (label) }
        input type="text" field=(field);
        p.error errors=(field) {}
    }
}

fn choices(form: &LiveForm<Trip>) -> impl Render {
    let (meal, seat, stops) =
        (form.field(|f| f.meal), form.field(|f| f.seat), form.field(|f| f.stops));
    live! {
        select field=(meal) {
            option value="" { "Choose" }
            @for meal in Meal::ALL { option value=(meal.value()) { (meal.value()) } }
        }
        p.error errors=(meal) {}
        fieldset field=(seat) {
            @for choice in Seat::ALL {
                label { input type="radio" value=(choice.value()) field=(seat); (choice.value()) }
            }
        }
        p.error errors=(seat) {}
        label { input type="checkbox" field=(form.field(|f| f.insured)); "Insured" }
        select multiple field=(stops) {
            @for meal in Meal::ALL { option value=(meal.value()) { (meal.value()) } }
        }
        input type="date" field=(form.field(|f| f.leaves));
        p.error errors=(form.field(|f| f.leaves)) {}
        textarea field=(form.field(|f| f.notes)) phx-debounce="blur" {}
    }
}

pub(crate) fn routes() -> Router {
    Router::new()
        .live::<Forms>("/forms")
        .route("/forms", post(book))
        .route("/forms/booked/{name}", get(|Path(name): Path<String>| async { Html(name) }))
        .route("/mortal/start", get(start))
        .route("/mortal/kill", get(kill))
}

/// A server that can be killed and started again on its port. What it knew is gone then, as with a
/// process.
static MORTAL: Mutex<Mortal> = Mutex::new(Mortal { port: 0, runtime: None });

struct Mortal {
    port: u16,
    runtime: Option<tokio::runtime::Runtime>,
}

/// Starts the server, and says where.
async fn start() -> String {
    let mut mortal = MORTAL.lock().expect("no test panics with it");
    let listener = std::net::TcpListener::bind(("127.0.0.1", mortal.port)).expect("its port");
    listener.set_nonblocking(true).expect("a socket of tokio's");
    mortal.port = listener.local_addr().expect("an address").port();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a thread can be started");
    let _inside = runtime.enter();
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
    let secret = SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes are enough");
    let app =
        LiveRuntime::new(LiveConfig::new(secret)).serve(Router::new().live::<Forms>("/forms"));
    runtime.spawn(async move { axum::serve(listener, app).await });
    mortal.runtime = Some(runtime);
    format!("http://127.0.0.1:{}", mortal.port)
}

/// Ends the server in the middle of whatever it does; nothing is said to its browsers.
async fn kill() {
    let runtime = MORTAL.lock().expect("no test panics with it").runtime.take();
    runtime.expect("it runs").shutdown_background();
}

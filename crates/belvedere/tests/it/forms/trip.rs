//! A page with a form of every kind of input.

use axum::response::{Html, IntoResponse, Redirect, Response};
use belvedere::form::{Choice, Errors, Field};
use belvedere::js::{Js, Target};
use belvedere::live;
use belvedere::template::to_html;
use belvedere::{
    Form, FormData, LiveEvent, LiveForm, LiveView, MountError, Render, Result, Socket,
};
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// What the form asks for.
#[derive(Form, Validate, Debug, Clone, PartialEq)]
#[form(garde, check = in_order)]
#[garde(allow_unvalidated)]
pub(crate) struct Trip {
    #[garde(length(chars, min = 2))]
    #[form(constraint("trips_name_key", "is taken"))]
    pub(crate) name: String,
    pub(crate) age: u8,
    pub(crate) meal: Meal,
    pub(crate) seat: Option<Seat>,
    pub(crate) insured: bool,
    pub(crate) stops: Vec<Stop>,
    #[form(value)]
    pub(crate) leaves: Day,
    #[form(value)]
    pub(crate) returns: Option<Day>,
    pub(crate) notes: String,
    #[garde(dive)]
    pub(crate) home: Home,
    #[garde(length(max = 3), dive)]
    #[form(max_rows = 4)]
    pub(crate) guests: Vec<Guest>,
}

#[derive(Form, Validate, Debug, Clone, PartialEq)]
#[garde(allow_unvalidated)]
pub(crate) struct Home {
    #[garde(length(min = 3))]
    pub(crate) city: String,
    pub(crate) zip: Option<u32>,
}

#[derive(Form, Validate, Debug, Clone, PartialEq)]
#[garde(allow_unvalidated)]
pub(crate) struct Guest {
    #[garde(contains("@"))]
    pub(crate) email: String,
    pub(crate) vip: bool,
    pub(crate) phones: Vec<Phone>,
}

#[derive(Form, Debug, Clone, PartialEq)]
pub(crate) struct Phone {
    pub(crate) number: u64,
}

#[derive(Form, Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meal {
    Meat,
    NoMeat,
}

#[derive(Form, Debug, Clone, Copy, PartialEq)]
pub(crate) enum Seat {
    Aisle,
    Window,
}

#[derive(Form, Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stop {
    Rome,
    Oslo,
    Bonn,
}

/// A date as libraries for dates write it.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Day(pub(crate) u16, pub(crate) u8, pub(crate) u8);

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        let mut parts = text.split('-').map(str::parse);
        let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err("no date");
        };
        Ok(Self(year, u8::try_from(month).unwrap(), u8::try_from(day).unwrap()))
    }
}

impl From<Day> for String {
    fn from(Day(year, month, day): Day) -> Self {
        format!("{year:04}-{month:02}-{day:02}")
    }
}

fn in_order(trip: &Trip, errors: &mut Errors<'_, Trip>) {
    if trip.returns.is_some_and(|returns| returns < trip.leaves) {
        errors.add(|f| f.returns, "is before you leave");
        errors.add_to_form("Please look at the dates.");
    }
}

/// The page.
pub(crate) struct Booking {
    form: LiveForm<Trip>,
    saved: Option<Trip>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Validate(FormData<Trip>),
    Book(FormData<Trip>),
    AddGuest,
    RemoveGuest { key: u32 },
    Crash,
}

impl LiveView for Booking {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { form: LiveForm::new("trip"), saved: None })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Validate(data) => self.form.change(data),
            Event::Book(data) => {
                let Some(trip) = self.form.submit(data) else { return Ok(()) };
                // As a database would.
                if trip.name == "Taken" && self.form.refused_by("trips_name_key") {
                    return Ok(());
                }
                self.form.saved();
                self.saved = Some(trip);
            }
            Event::AddGuest => {
                self.form.add_row(|f| f.guests);
            }
            Event::RemoveGuest { key } => {
                self.form.remove_row(|f| f.guests, key);
            }
            Event::Crash => panic!("on purpose"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        page(&self.form, self.saved.as_ref())
    }
}

/// Without a socket: ends at the same page.
pub(crate) async fn book(data: FormData<Trip>) -> Response {
    let mut form = LiveForm::new("trip");
    match form.submit(data) {
        Some(trip) => Redirect::to(&format!("/booked/{}", trip.name)).into_response(),
        None => {
            (StatusCode::UNPROCESSABLE_ENTITY, Html(to_html(&page(&form, None)))).into_response()
        }
    }
}

fn page(form: &LiveForm<Trip>, saved: Option<&Trip>) -> impl Render {
    live! {
        form field=(form) method="post" action="/trip"
            phx-change=(Event::VALIDATE) phx-submit=(Event::BOOK)
            data-changed[form.is_changed()]
        {
            (text("Name", form.field(|f| f.name)))
            (text("Age", form.field(|f| f.age)))
            (choices(form))
            (text("City", form.field(|f| f.home.city)))
            (text("Zip", form.field(|f| f.home.zip)))
            (guests(form))
            p.error errors=(form) {}
            button { "Book" }
            button disabled { "Never" }
        }
        button #add phx-click=(Event::AddGuest) { "Add a guest" }
        button #crash phx-click=(Event::Crash) { "Crash" }
        @if let Some(trip) = saved { output { (trip.name) } }
    }
}

fn text<'a>(label: &'a str, field: Field<'a>) -> impl Render + 'a {
    live! {
        div.field {
            label field=(field) { (label) }
            input type="text" field=(field);
            p.error errors=(field) {}
        }
    }
}

fn choices(form: &LiveForm<Trip>) -> impl Render {
    let (meal, seat) = (form.field(|f| f.meal), form.field(|f| f.seat));
    live! {
        label field=(meal) { "Meal" }
        select field=(meal) {
            option value="" { "Choose" }
            @for meal in Meal::ALL { option value=(meal.value()) { (meal.value()) } }
        }
        p.error errors=(meal) {}
        fieldset field=(seat) {
            legend { "Seat" }
            @for choice in Seat::ALL {
                label {
                    input type="radio" value=(choice.value()) field=(seat);
                    (choice.value())
                }
            }
        }
        label { input type="checkbox" field=(form.field(|f| f.insured)); "Insured" }
        label field=(form.field(|f| f.stops)) { "Stops" }
        select multiple field=(form.field(|f| f.stops)) {
            optgroup label="Europe" {
                @for stop in Stop::ALL { option value=(stop.value()) { (stop.value()) } }
            }
        }
        input type="date" field=(form.field(|f| f.leaves));
        p.error errors=(form.field(|f| f.leaves)) {}
        input type="date" field=(form.field(|f| f.returns));
        p.error errors=(form.field(|f| f.returns)) {}
        textarea field=(form.field(|f| f.notes)) {}
    }
}

fn guests(form: &LiveForm<Trip>) -> impl Render {
    let guests = form.rows(|f| f.guests);
    let change = || Js::new().dispatch("change", Target::This);
    live! {
        @for guest in guests {
            fieldset.guest key=(guest.key()) {
                (text("Email", guest.field(|g| g.email)))
                label { input type="checkbox" field=(guest.field(|g| g.vip)); "VIP" }
                @for phone in guest.rows(|g| g.phones) {
                    input key=(phone.key()) type="tel" field=(phone.field(|p| p.number));
                }
                button.phone type="button" field=(guest.rows(|g| g.phones).add())
                    phx-click=(change()) { "Add a phone" }
                button.up type="button" field=(guest.up()) phx-click=(change()) { "Up" }
                button.drop type="button" field=(guest.remove()) phx-click=(change()) { "Drop" }
                button.take type="button" phx-click=(Event::RemoveGuest { key: guest.key() }) {
                    "Remove"
                }
            }
        }
        p.error errors=(guests) {}
        button field=(guests.add()) { "Add" }
    }
}

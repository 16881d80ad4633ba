//! What a form makes of what was sent.

use belvedere::Form;
use belvedere::form::Errors;

use super::{Day, Guest, LiveForm, Meal, Trip, error, sent};
use crate::forms::trip::{Home, Phone, Seat, Stop};

/// All that a right form sends, but for what is given.
fn right(name: &str, age: &str) -> String {
    format!(
        "trip[name]={name}&trip[age]={age}&trip[meal]=no_meat&trip[leaves]=2026-12-01\
         &trip[returns]=&trip[notes]=&trip[home][city]=Bonn&trip[home][zip]="
    )
}

fn trip() -> Trip {
    Trip {
        name: "North".into(),
        age: 30,
        meal: Meal::NoMeat,
        seat: Some(Seat::Window),
        insured: true,
        stops: vec![Stop::Rome, Stop::Bonn],
        leaves: Day(2026, 12, 1),
        returns: None,
        notes: "\nfirst".into(),
        home: Home { city: "Bonn".into(), zip: Some(53111) },
        guests: vec![Guest {
            email: "ann@ex.test".into(),
            vip: true,
            phones: vec![Phone { number: 7 }],
        }],
    }
}

#[test]
fn what_is_right_is_the_value() {
    let mut form = LiveForm::<Trip>::new("trip");
    let more = "&trip[seat]=window&trip[insured]=true&trip[stops][]=rome&trip[stops][]=bonn\
                &trip[home][zip]=53111&trip[guests][0][email]=ann@ex.test&trip[guests][0][vip]=on\
                &trip[guests][0][phones][4][number]=7&trip[notes]=%0Afirst";
    let value = form.submit(sent(&format!("{}{more}", right("North", " 30 "))));
    assert_eq!(value, Some(trip()));
    assert_eq!(form.value(), Some(&trip()), "it stays");
    assert_eq!(form.field(|f| f.age).value(), " 30 ", "as it was typed");
}

#[test]
fn a_value_fills_the_form_from_which_it_comes() {
    let mut form = LiveForm::filled("trip", &trip());
    assert_eq!(form.value(), Some(&trip()));
    assert!(!form.is_changed());
    assert_eq!(form.field(|f| f.leaves).value(), "2026-12-01");
    assert_eq!(form.field(|f| f.returns).value(), "");
    assert!(form.field(|f| f.stops).holds("bonn") && !form.field(|f| f.stops).holds("oslo"));
    let guest = form.rows(|f| f.guests).iter().next().unwrap();
    assert_eq!(guest.field(|g| g.email).value(), "ann@ex.test");
    form.set_text(|f| f.name, "South");
    assert!(form.is_changed());
    form.saved();
    assert!(!form.is_changed());
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_the_text_stays() {
    let mut form = LiveForm::<Trip>::new("trip");
    let data = "trip[name]=N&trip[age]=12a&trip[meal]=fish&trip[leaves]=soon&trip[notes]=\
                &trip[home][city]=B&trip[home][zip]=x&trip[returns]=&trip[guests][2][email]=ann";
    assert_eq!(form.submit(sent(data)), None);
    assert_eq!(form.field(|f| f.age).value(), "12a");
    assert_eq!(error(&form, |f| f.age), "is not a whole number");
    assert_eq!(error(&form, |f| f.name), "length is lower than 2");
    assert_eq!(error(&form, |f| f.meal), "cannot be read");
    assert_eq!(error(&form, |f| f.leaves), "cannot be taken: no date");
    assert_eq!(error(&form, |f| f.home.city), "length is lower than 3");
    assert_eq!(error(&form, |f| f.home.zip), "is not a whole number");
    let guest = form.rows(|f| f.guests).iter().next().unwrap();
    assert_eq!(guest.field(|g| g.email).error().to_string(), "does not contain \"@\"");
    assert_eq!(error(&form, |f| f.returns), "", "a blank stands for when one leaves");
    assert_eq!(form.error().to_string(), "");
}

#[derive(Form)]
#[form(check = in_order(first, last), check = not_alone)]
struct Stay {
    first: u32,
    last: u32,
    n_guests: u8,
}

fn in_order(stay: &Stay, errors: &mut Errors<'_, Stay>) {
    if stay.first > stay.last {
        errors.add(|f| f.first, "is after the last");
        errors.add_to_form("Look at the nights.");
    }
}

fn not_alone(stay: &Stay, errors: &mut Errors<'_, Stay>) {
    if stay.n_guests < 2 {
        errors.add(|f| f.n_guests, "is too few");
    }
}

#[test]
fn a_check_waits_for_what_it_looks_at() {
    let mut form = LiveForm::<Stay>::new("stay");
    form.submit(sent("stay[first]=5&stay[last]=x&stay[n_guests]=1"));
    assert_eq!(error(&form, |f| f.first), "", "nobody knows the last night");
    assert_eq!(error(&form, |f| f.n_guests), "", "of a check that looks at everything");
    form.submit(sent("stay[first]=5&stay[last]=3&stay[n_guests]=x"));
    assert_eq!(error(&form, |f| f.first), "is after the last", "the guests do not matter");
    assert_eq!(form.error().to_string(), "Look at the nights.");
    form.submit(sent("stay[first]=3&stay[last]=5&stay[n_guests]=1"));
    assert_eq!(error(&form, |f| f.n_guests), "is too few");
}

#[test]
fn a_form_of_each_row_has_a_name_of_its_own() {
    let mut forms: Vec<_> = [7, 8].map(|id| LiveForm::<Stay>::new(format!("stay[{id}]"))).into();
    forms[1].change(sent("_target[]=stay&_target[]=8&_target[]=first&stay[8][first]=5"));
    forms[0].change(sent("stay[8][first]=6"));
    assert_eq!(forms[0].field(|f| f.first).value(), "");
    let first = forms[1].field(|f| f.first);
    assert_eq!((first.value(), first.is_used()), ("5", true));
    assert_eq!(first.name().to_string(), "stay[8][first]");
    assert_eq!(first.id().to_string(), "stay_8_first");
    assert_eq!(forms[1].id().to_string(), "stay_8--form");
}

#[test]
fn an_error_shows_once_its_input_was_used() {
    let mut form = LiveForm::<Trip>::new("trip");
    let data = "_target[]=&trip[_unused_name]=&trip[name]=&trip[age]=12a&trip[home][_unused_city]=\
                &trip[home][city]=";
    form.change(sent(data));
    assert_eq!(error(&form, |f| f.name), "");
    assert!(!form.field(|f| f.home.city).is_wrong());
    assert_eq!(error(&form, |f| f.age), "is not a whole number");
    assert_eq!(error(&form, |f| f.meal), "", "it was not sent at all");
    form.submit(sent(data));
    assert_eq!(error(&form, |f| f.name), "length is lower than 2");
    assert_eq!(error(&form, |f| f.meal), "is missing");
}

#[test]
fn boxes_that_are_not_ticked_send_an_empty_text() {
    let mut form = LiveForm::filled("trip", &trip());
    let more = "&trip[insured]=&trip[stops][]=&trip[stops][]=oslo";
    form.change(sent(&format!("{}{more}", right("North", "30"))));
    assert!(!form.field(|f| f.insured).holds("true"));
    assert_eq!(form.field(|f| f.stops).values(), ["oslo"]);
    assert_eq!(form.field(|f| f.seat).value(), "window", "a choice cannot be taken back");
}

#[test]
fn what_is_not_in_the_page_stays() {
    let mut form = LiveForm::filled("trip", &trip());
    form.change(sent("trip[name]=North&trip[guests][0][email]=a@b"));
    assert!(form.submit(sent("trip[name]=North")).is_some_and(|trip| trip.insured));
    assert_eq!(form.field(|f| f.stops).values(), ["rome", "bonn"]);
    form.change(sent("trip[insured]=&trip[stops][]="));
    assert!(!form.field(|f| f.insured).holds("true"));
    assert!(form.field(|f| f.stops).values().is_empty());
}

#[test]
fn an_input_with_an_event_of_its_own_changes_nothing_else() {
    let mut form = LiveForm::filled("trip", &trip());
    let data: belvedere::FormData<Trip> = serde_json::from_value(serde_json::json!({
        "trip": {"home": {"city": "Oslo"}}, "_target": ["trip", "home", "city"],
    }))
    .unwrap();
    form.change(data);
    assert_eq!(form.field(|f| f.home.city).value(), "Oslo");
    assert!(form.field(|f| f.insured).holds("true"));
    let unticked: belvedere::FormData<Trip> =
        serde_json::from_value(serde_json::json!({ "_target": ["trip", "insured"] })).unwrap();
    form.change(unticked);
    assert!(!form.field(|f| f.insured).holds("true"));
    assert!(form.field(|f| f.insured).is_used());
    assert_eq!(form.field(|f| f.stops).values(), ["rome", "bonn"]);
}

#[test]
fn the_whole_and_a_list_have_errors_of_their_own() {
    let mut form = LiveForm::<Trip>::new("trip");
    let guests: String = (0..4).map(|n| format!("&trip[guests][{n}][email]=a@b")).collect();
    let data = right("North", "30").replace("returns]=", "returns]=2026-11-01") + &guests;
    form.change(sent(&data));
    assert_eq!(form.error().to_string(), "", "nothing was sent yet");
    form.submit(sent(&data));
    assert_eq!(form.error().to_string(), "Please look at the dates.");
    assert_eq!(error(&form, |f| f.returns), "is before you leave");
    assert_eq!(form.rows(|f| f.guests).error().to_string(), "length is greater than 3");
}

#[test]
fn a_constraint_of_the_database_speaks_at_its_field_until_the_text_changes() {
    let mut form = LiveForm::<Trip>::new("trip");
    assert!(form.submit(sent(&right("North", "30"))).is_some());
    assert!(form.refused_by("trips_name_key"));
    assert!(!form.refused_by("another_key"));
    assert_eq!(error(&form, |f| f.name), "is taken");
    form.change(sent(&right("North", "31")));
    assert_eq!(error(&form, |f| f.name), "is taken", "another input changed");
    form.change(sent(&right("Nort", "31")));
    assert_eq!(error(&form, |f| f.name), "");
}

#[test]
fn a_form_that_was_reset_is_as_if_nobody_had_been_in_it() {
    let mut form = LiveForm::<Trip>::new("trip");
    assert!(form.submit(sent("trip[name]=N&trip[age]=12a&trip[meal]=")).is_none());
    assert_eq!(error(&form, |f| f.meal), "is empty");
    // As the client says it: what resets has no name, and of a choice that is not made nothing comes.
    let reset =
        "trip[_unused_name]=&trip[name]=&trip[_unused_age]=&trip[age]=&trip[_unused_home][city]=";
    form.change(sent(reset));
    assert_eq!(
        [error(&form, |f| f.name), error(&form, |f| f.age), error(&form, |f| f.meal)],
        ["", "", ""]
    );

    let typed = "trip[name]=N&trip[_unused_age]=&trip[age]=&_target[]=trip&_target[]=name";
    assert!(form.submit(sent("trip[name]=N&trip[age]=12a&trip[meal]=")).is_none());
    form.change(sent(typed));
    assert_eq!(
        error(&form, |f| f.meal),
        "is empty",
        "one input was changed, and nothing was reset"
    );
}

#[test]
fn nothing_that_was_typed_is_in_a_log() {
    let mut form = LiveForm::<Trip>::new("trip");
    let data = sent(&right("secret", "30"));
    assert!(!format!("{data:?}").contains("secret"));
    form.change(data);
    assert!(!format!("{form:?} {:?}", form.field(|f| f.name)).contains("secret"));
}

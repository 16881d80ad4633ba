//! What the attributes of an element are, from one expression.

use belvedere::template::to_html;
use belvedere::{Form, LiveForm, live};

use super::{Meal, Trip, sent};
use belvedere::form::{Choice, Errors};

#[test]
fn an_input_has_name_id_value_and_what_is_wrong() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.change(sent("trip[home][city]=a%22b"));
    let city = form.field(|f| f.home.city);
    assert_eq!(
        to_html(&live! {
            label field=(city) { "City" }
            input.wide type="text" field=(city) required;
            small errors=(city) {}
        }),
        "<label for=\"trip_home_city\">City</label>\
         <input class=\"wide\" id=\"trip_home_city\" type=\"text\" name=\"trip[home][city]\" \
         aria-invalid=\"false\" aria-describedby=\"trip_home_city--error\" value=\"a&quot;b\" required>\
         <small id=\"trip_home_city--error\" aria-live=\"polite\"></small>"
    );
    form.submit(sent("trip[home][city]=ab"));
    let city = form.field(|f| f.home.city);
    assert_eq!(
        to_html(&live! { input #own field=(city) aria-describedby="hint"; b errors=(city) {} }),
        "<input id=\"own\" name=\"trip[home][city]\" aria-invalid=\"true\" value=\"ab\" \
         aria-describedby=\"hint\"><b id=\"trip_home_city--error\" aria-live=\"polite\">length is lower than 3</b>"
    );
}

#[test]
fn boxes_and_radio_buttons_are_ticked() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.change(sent("trip[insured]=on&trip[seat]=window&trip[stops][]=rome"));
    let form = &form;
    let (seat, stops) = (form.field(|f| f.seat), form.field(|f| f.stops));
    assert_eq!(
        to_html(&live! { input type="checkbox" field=(form.field(|f| f.insured)); }),
        "<input type=\"hidden\" name=\"trip[insured]\" value=\"\">\
         <input id=\"trip_insured\" type=\"checkbox\" name=\"trip[insured]\" aria-invalid=\"false\" \
         aria-describedby=\"trip_insured--error\" value=\"true\" checked>"
    );
    let html = to_html(&live! {
        input type="radio" value="aisle" field=(seat);
        input type="radio" value="window" field=(seat);
        input type="checkbox" value=("oslo") field=(stops);
        input type="checkbox" value=("rome") field=(stops);
    });
    let inputs = html.split_inclusive('>').filter(|input| !input.contains("\"hidden\""));
    let inputs: Vec<_> = inputs.collect();
    assert!(inputs[0].contains("id=\"trip_seat-aisle\"") && !inputs[0].contains("checked"));
    assert!(inputs[1].contains("id=\"trip_seat-window\"") && inputs[1].ends_with(" checked>"));
    assert!(inputs[2].contains("name=\"trip[stops][]\"") && !inputs[2].contains("checked"));
    assert!(inputs[3].contains("id=\"trip_stops-rome\"") && inputs[3].ends_with(" checked>"));
}

#[test]
fn a_box_that_is_disabled_sends_nothing_by_its_companion() {
    let form = LiveForm::<Trip>::new("trip");
    let is_off = true;
    let html = to_html(&live! {
        select multiple disabled[is_off] form="other" field=(form.field(|f| f.stops)) {}
    });
    let hidden =
        "<input type=\"hidden\" disabled form=\"other\" name=\"trip[stops][]\" value=\"\">";
    assert!(html.starts_with(hidden), "{html}");
}

#[test]
fn options_are_chosen_wherever_they_stand() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.change(sent("trip[meal]=no_meat"));
    let form = &form;
    let html = to_html(&live! {
        select field=(form.field(|f| f.meal)) {
            option value="" { "Choose" }
            optgroup label="All" {
                @for meal in Meal::ALL {
                    @if true { option value=(meal.value()) { (meal.value()) } }
                }
            }
            option value="no_meat" selected[false] { "By hand" }
        }
    });
    assert!(html.contains("<option value=\"no_meat\" selected>no_meat</option>"), "{html}");
    assert_eq!(html.matches("selected").count(), 1, "{html}");
}

#[test]
fn a_text_area_keeps_its_first_line_break_and_a_password_its_text() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.change(sent("trip[notes]=%0Ax"));
    let notes = form.field(|f| f.notes);
    let html = to_html(&live! { textarea field=(notes) {} input type="hidden" field=(notes); });
    assert!(html.starts_with("<textarea id=\"trip_notes\" name=\"trip[notes]\""), "{html}");
    assert!(html.contains(">\n\nx</textarea>"), "{html}");
    let hidden = "<input id=\"trip_notes\" type=\"hidden\" name=\"trip[notes]\" value=\"\nx\">";
    assert!(html.ends_with(hidden), "{html}");
    form.change(sent("trip[name]=s3cret"));
    let html = to_html(&live! { input type="password" field=(form.field(|f| f.name)); });
    assert!(html.contains("type=\"password\"") && html.ends_with("value=\"s3cret\">"), "{html}");
}

#[test]
fn no_two_elements_of_a_form_have_one_id() {
    let mut form = LiveForm::<Log>::new("log");
    form.submit(sent("log[level]=x&log[lines][0][text]=y"));
    let form = &form;
    let lines = form.rows(|f| f.lines);
    let html = to_html(&live! {
        form field=(form) {
            input field=(form.field(|f| f.form));
            input field=(form.field(|f| f.refused_1));
            input field=(form.field(|f| f.level_error));
            @for level in Level::ALL {
                input type="radio" value=(level.value()) field=(form.field(|f| f.level));
            }
            p errors=(form.field(|f| f.level)) {}
            p errors=(form.field(|f| f.level_error)) {}
            @for line in lines {
                input type="checkbox" field=(line.remove());
                input type="checkbox" field=(line.up());
            }
            p errors=(lines) {}
            p errors=(form) {}
        }
    });
    let ids = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut ids: Vec<_> = ids.collect();
    let n_ids = ids.len();
    assert_eq!(n_ids, 13, "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), n_ids, "{html}");
}

#[derive(Form)]
struct Log {
    form: String,
    refused_1: String,
    level_error: String,
    level: Level,
    lines: Vec<Line>,
}

#[derive(Form)]
struct Line {
    text: String,
}

#[derive(Form)]
enum Level {
    Error,
    Warn,
}

#[test]
fn a_form_says_which_rows_it_has_and_where_the_focus_goes() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.change(sent("trip[guests][3][email]=x"));
    let shown = |form: &LiveForm<Trip>| to_html(&live! { form field=(form) { "…" } });
    let html = shown(&form);
    assert_eq!(
        html,
        "<form id=\"trip--form\"><input hidden name=\"trip[_form]\" value=\"1\" readonly \
         tabindex=\"-1\" aria-hidden=\"true\" autocomplete=\"off\" phx-no-unused-field>\
         <button hidden tabindex=\"-1\" aria-hidden=\"true\" data-row-edit></button>…\
         <input type=\"hidden\" name=\"trip[_rows_guests][]\" value=\"v0\">\
         <input type=\"hidden\" name=\"trip[_rows_guests][]\" value=\"3\">\
         <input type=\"hidden\" name=\"trip[guests][3][_rows_phones][]\" value=\"v0\"></form>"
    );
    form.submit(sent("trip[name]=Ann&trip[age]=12a"));
    let html = shown(&form);
    assert!(html.contains("id=\"trip--refused-1\"") && html.contains("#trip_age:not("), "{html}");
    form.submit(sent("trip[name]=Ann&trip[age]=12&trip[meal]=x"));
    let html = shown(&form);
    assert!(html.contains("id=\"trip--refused-2\"") && html.contains("#trip_meal:not("), "{html}");
}

#[test]
fn the_focus_moves_once_for_each_time_that_the_form_is_sent() {
    let mut form = LiveForm::<Trip>::new("trip");
    let focus = |form: &LiveForm<Trip>| {
        let html = to_html(&form.inside());
        let (_, focus) = html.split_once("<i ")?;
        Some(focus.to_owned())
    };
    form.submit(sent("trip[name]=Ann&trip[age]=12a"));
    let first = focus(&form).unwrap();
    assert!(first.contains("trip--refused-1") && first.contains("#trip_age"), "{first}");
    for data in ["trip[name]=A&trip[age]=12a", "trip[age]=12", "trip[age]=12b"] {
        form.change(sent(data));
        assert_eq!(focus(&form), None, "somebody types");
    }
    form.add_error(|f| f.name, "is taken");
    assert_eq!(focus(&form), None, "nothing was sent since");
    form.submit(sent("trip[name]=Ann&trip[age]=12a"));
    form.add_error(|f| f.name, "is taken");
    form.add_error(|f| f.home.city, "is far away");
    let second = focus(&form).unwrap();
    assert!(second.contains("trip--refused-2") && second.contains("#trip_name"), "{second}");
}

#[test]
fn buttons_ask_for_rows() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.add_row(|f| f.guests);
    let guests = form.rows(|f| f.guests);
    let guest = guests.iter().next().unwrap();
    assert_eq!(
        to_html(&live! {
            button field=(guests.add()) { "+" }
            button field=(guest.rows(|g| g.phones).add()) { "+" }
            button type="button" field=(guest.remove()) { "-" }
        }),
        "<button name=\"trip[_add_guests][]\" value=\"1\" formnovalidate data-row-edit>+</button>\
         <button name=\"trip[guests][0][_add_phones][]\" value=\"1\" formnovalidate data-row-edit>\
         +</button>\
         <button type=\"button\" name=\"trip[_drop_guests][]\" value=\"0\">-</button>"
    );
}

#[test]
fn boxes_and_hidden_inputs_ask_for_rows() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.add_row(|f| f.guests);
    let guests = form.rows(|f| f.guests);
    let guest = guests.iter().next().unwrap();
    assert_eq!(
        to_html(&live! {
            input type="checkbox" field=(guest.remove());
            input type="hidden" field=(guest.order());
        }),
        "<input type=\"hidden\" name=\"trip[_drop_guests][]\" value=\"\">\
         <input id=\"trip__drop_guests--0\" type=\"checkbox\" name=\"trip[_drop_guests][]\" \
         aria-invalid=\"false\" aria-describedby=\"trip_guests--error\" value=\"0\">\
         <input id=\"trip__rows_guests--0\" type=\"hidden\" name=\"trip[_rows_guests][]\" value=\"0\">"
    );
}

#[test]
fn the_focus_goes_to_what_adds_a_row_where_rows_are_missing() {
    let mut form = LiveForm::<Crew>::new("crew");
    form.submit(sent("crew[captain]=Ann"));
    let html = to_html(&form.inside());
    assert!(html.contains("crew[_add_hands][]"), "{html}");
    form.submit(sent("crew[captain]=&crew[hands][0][name]="));
    let html = to_html(&form.inside());
    assert!(html.contains("crew[captain]"), "{html}");
}

#[derive(Form)]
#[form(check = hands)]
struct Crew {
    captain: String,
    hands: Vec<Hand>,
}

#[derive(Form)]
struct Hand {
    name: String,
}

fn hands(crew: &Crew, errors: &mut Errors<'_, Crew>) {
    if crew.captain.is_empty() {
        errors.add(|f| f.captain, "is nobody");
    }
    if crew.hands.is_empty() {
        errors.add_to_rows(|f| f.hands, "are missing");
    }
}

#[derive(Form)]
struct Keyword {
    r#type: String,
}

#[test]
fn a_field_is_called_as_in_rust() {
    let form = LiveForm::<Keyword>::new("k");
    assert_eq!(form.field(|f| f.r#type).name().to_string(), "k[type]");
}

//! Rows that are added, removed and moved, here and by the browser.

use super::{Guest, LiveForm, Trip, sent};

fn emails(form: &LiveForm<Trip>) -> Vec<String> {
    let rows = form.rows(|f| f.guests);
    rows.iter().map(|row| row.field(|g| g.email).value().to_owned()).collect()
}

fn keys(form: &LiveForm<Trip>) -> Vec<u32> {
    form.rows(|f| f.guests).iter().map(|row| row.key()).collect()
}

/// A form with three guests, as a browser has sent it.
fn three() -> LiveForm<Trip> {
    let mut form = LiveForm::new("trip");
    form.change(sent(&page(&[0, 1, 2], 0)));
    assert_eq!(emails(&form), ["g0", "g1", "g2"]);
    form
}

/// What a page sends that shows these guests in this order, after so many changes.
fn page(keys: &[u32], version: u32) -> String {
    let mut data = String::new();
    for key in keys {
        data += &format!("trip[guests][{key}][email]=g{key}&");
    }
    data += &format!("trip[_rows_guests][]=v{version}");
    for key in keys {
        data += &format!("&trip[_rows_guests][]={key}");
    }
    data
}

#[test]
fn buttons_of_the_form_add_remove_and_move() {
    let mut form = three();
    form.change(sent(&(page(&[0, 1, 2], 0) + "&trip[_up_guests][]=2")));
    assert_eq!(emails(&form), ["g0", "g2", "g1"]);
    form.change(sent(&(page(&[0, 2, 1], 1) + "&trip[_down_guests][]=0")));
    assert_eq!(emails(&form), ["g2", "g0", "g1"]);
    form.change(sent(&(page(&[2, 0, 1], 2) + "&trip[_drop_guests][]=0")));
    assert_eq!(emails(&form), ["g2", "g1"]);
    form.change(sent(&(page(&[2, 1], 3) + "&trip[_add_guests][]=1")));
    assert_eq!(emails(&form), ["g2", "g1", ""]);
    assert_eq!(keys(&form), [2, 1, 3], "a key is used once");
}

#[test]
fn a_form_that_asks_for_rows_is_not_sent_to_be_saved() {
    let mut form = three();
    assert!(form.submit(sent(&(page(&[0, 1, 2], 0) + "&trip[_add_guests][]=1"))).is_none());
    assert!(!form.field(|f| f.name).is_used(), "nobody has asked for more than a row");
    assert_eq!(keys(&form).len(), 4);
}

#[test]
fn the_view_adds_removes_and_moves() {
    let mut form = three();
    assert_eq!(form.add_row(|f| f.guests), Some(3));
    assert_eq!(form.add_row(|f| f.guests), None, "four are the most");
    assert!(form.move_row(|f| f.guests, 3, 0));
    assert!(form.remove_row(|f| f.guests, 1) && !form.remove_row(|f| f.guests, 1));
    assert_eq!(keys(&form), [3, 0, 2]);
}

#[test]
fn a_page_that_is_behind_undoes_nothing() {
    let mut form = three();
    let added = form.add_row(|f| f.guests);
    form.move_row(|f| f.guests, 2, 0);
    form.remove_row(|f| f.guests, 1);
    assert_eq!(keys(&form), [2, 0, 3]);
    form.change(sent(&page(&[0, 1, 2], 0).replace("=g2", "=typed")));
    assert_eq!(keys(&form), [2, 0, 3], "typed before the answer was there");
    assert_eq!(emails(&form), ["typed", "g0", ""]);
    assert_eq!(added, Some(3));
}

#[test]
fn a_script_may_move_rows_in_the_page() {
    let mut form = three();
    form.change(sent(&page(&[2, 0, 1], 0)));
    assert_eq!(emails(&form), ["g2", "g0", "g1"]);
    form.change(sent(&page(&[2, 1], 0)));
    assert_eq!(emails(&form), ["g2", "g1"], "or take one away");
}

#[test]
fn a_new_server_takes_the_rows_over_that_the_page_has() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.add_row(|f| f.guests);
    form.change(sent(&(page(&[4, 2], 9) + "&trip[guests][4][phones][3][number]=7")));
    assert_eq!(emails(&form), ["g4", "g2"]);
    let guest = form.rows(|f| f.guests).iter().next().unwrap();
    let phone = guest.rows(|g| g.phones).iter().next().unwrap();
    assert_eq!(phone.field(|p| p.number).value(), "7");
    assert_eq!(phone.field(|p| p.number).name().to_string(), "trip[guests][4][phones][3][number]");
}

#[test]
fn rows_beyond_the_bound_are_told() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.change(sent(&page(&[0, 1, 2, 3, 4, 5], 0)));
    assert_eq!(emails(&form).len(), 4);
    assert!(form.rows(|f| f.guests).error().to_string().contains("has too many rows: at most 4"));
    let value = form.value().map(|trip| trip.guests.len());
    assert_eq!(value, None::<usize>);
}

#[test]
fn a_plain_page_needs_no_marks() {
    let mut form = LiveForm::<Trip>::new("trip");
    form.submit(sent("trip[guests][1][email]=b&trip[guests][0][email]=a"));
    assert_eq!(emails(&form), ["a", "b"]);
    let guests = form.rows(|f| f.guests);
    assert!(
        guests
            .iter()
            .all(|row| row.field(|g: <Guest as belvedere::Form>::Fields| g.email).is_used())
    );
}

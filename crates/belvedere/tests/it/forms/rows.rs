//! Rows that are added, removed and moved, here and by the browser.

use belvedere::Form;
use belvedere::form::Row;

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
    let asks = "&trip[name]=N&trip[_add_guests][]=1";
    assert!(form.submit(sent(&(page(&[0, 1, 2], 0) + asks))).is_none());
    assert!(!form.field(|f| f.name).is_used(), "nobody has asked for more than a row");
    assert_eq!(form.field(|f| f.name).value(), "N");
    assert_eq!(keys(&form).len(), 4);
    assert!(form.submit(sent(&(page(&[0, 1, 2, 3], 1) + asks))).is_none());
    let too_many = form.rows(|f| f.guests).error().to_string();
    assert!(too_many.contains("at most 4"), "{too_many}");
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

/// What is right however many rows it has, but for the bound.
#[derive(Form)]
struct Bag {
    #[form(max_rows = 2)]
    items: Vec<Item>,
}

#[derive(Form)]
struct Item {
    what: String,
}

#[test]
fn rows_beyond_the_bound_are_told_and_not_dropped_unseen() {
    let mut form = LiveForm::<Bag>::new("bag");
    let three = "bag[items][0][what]=a&bag[items][1][what]=b&bag[items][2][what]=c";
    for is_submit in [false, true] {
        if is_submit {
            assert!(form.submit(sent(three)).is_none());
        } else {
            form.change(sent(three));
        }
        assert_eq!(form.rows(|f| f.items).len(), 2);
        assert_eq!(form.rows(|f| f.items).error().to_string(), "has too many rows: at most 2");
        assert!(form.value().is_none());
    }
    assert!(form.submit(sent("bag[items][0][what]=a&bag[items][1][what]=b")).is_some());
    assert_eq!(form.rows(|f| f.items).error().to_string(), "");
}

#[test]
fn a_list_as_long_as_it_may_be_by_default_is_read() {
    #[derive(Form)]
    struct Table {
        rows: Vec<Ten>,
    }
    #[derive(Form)]
    #[rustfmt::skip]
    struct Ten {
        a: String, b: String, c: String, d: String, e: String,
        f: String, g: String, h: String, i: String, j: String,
    }
    let mut data = String::from("t[_rows_rows][]=v0");
    for row in 0..200 {
        data += &format!("&t[_rows_rows][]={row}");
        for key in "abcdefghij".chars() {
            data += &format!("&t[rows][{row}][_unused_{key}]=&t[rows][{row}][{key}]={key}");
        }
    }
    let table = LiveForm::<Table>::new("t").submit(sent(&data)).unwrap();
    assert_eq!(table.rows.len(), 200);
    let Some(Ten { a, b, c, d, e, f, g, h, i, j }) = table.rows.into_iter().last() else { return };
    assert_eq!([a, b, c, d, e, f, g, h, i, j].concat(), "abcdefghij");
}

#[test]
fn asking_for_a_row_where_no_room_is_left_saves_nothing() {
    let mut form = LiveForm::<Bag>::new("bag");
    let two = "bag[items][0][what]=a&bag[items][1][what]=b&";
    for ask in ["bag[_add_items][]=1", "bag[_up_items][]=7", "bag[_drop_items][]=7"] {
        assert!(form.submit(sent(&format!("{two}{ask}"))).is_none(), "{ask}");
        let is_told = ask.contains("add");
        assert_eq!(!form.rows(|f| f.items).error().to_string().is_empty(), is_told, "{ask}");
        assert_eq!(form.rows(|f| f.items).len(), 2);
    }
    assert!(form.submit(sent(two)).is_some());
}

#[test]
fn what_an_author_says_of_a_list_stays_until_its_rows_change() {
    #[derive(Form)]
    struct Sack {
        owner: String,
        #[form(constraint("items_key", "are there twice"))]
        items: Vec<Item>,
    }
    let mut form = LiveForm::<Sack>::new("sack");
    let said = |form: &LiveForm<Sack>| form.rows(|f| f.items).error().to_string();
    assert!(form.submit(sent("sack[owner]=&sack[items][0][what]=a")).is_some());
    assert!(form.refused_by("items_key") && form.refused_by("items_key"));
    assert_eq!(said(&form), "are there twice", "once");
    form.change(sent("sack[owner]=Ann&sack[items][0][what]=a"));
    assert_eq!(said(&form), "are there twice");
    form.change(sent("sack[owner]=Ann&sack[items][0][what]=b"));
    assert_eq!(said(&form), "");
}

#[test]
fn a_constraint_that_a_field_of_a_row_knows_is_said_there_or_at_the_list() {
    #[derive(Form)]
    struct Team {
        members: Vec<Member>,
    }
    #[derive(Form)]
    struct Member {
        #[form(constraint("members_email_key", "is taken"))]
        email: String,
        phones: Vec<Number>,
    }
    #[derive(Form)]
    struct Number {
        #[form(constraint("phones_number_key", "rings elsewhere"))]
        number: u64,
    }
    let said = |form: &LiveForm<Team>| {
        let members = form.rows(|f| f.members);
        let of_row = |row: Row<'_, Member>| {
            let numbers = row.rows(|m| m.phones);
            let numbers = numbers.iter().map(|phone| phone.field(|p| p.number).error().to_string());
            (row.field(|m| m.email).error().to_string(), numbers.collect::<Vec<_>>().join(" "))
        };
        (members.error().to_string(), members.iter().map(of_row).collect::<Vec<_>>())
    };
    let (none, row) =
        (String::new(), |email: &str, number: &str| (email.to_owned(), number.to_owned()));

    let mut form = LiveForm::<Team>::new("team");
    assert!(!form.refused_by("members_email_key"), "there is no row");
    let ann = "team[members][0][email]=ann&team[members][0][phones][0][number]=1";
    assert!(form.submit(sent(ann)).is_some());
    assert!(form.refused_by("members_email_key") && form.refused_by("phones_number_key"));
    assert!(!form.refused_by("another_key"));
    assert_eq!(said(&form), (none.clone(), vec![row("is taken", "rings elsewhere")]));

    let both = format!("{ann}&team[members][1][email]=bob");
    assert!(form.submit(sent(&both)).is_some());
    assert!(form.refused_by("phones_number_key"));
    assert_eq!(said(&form), ("rings elsewhere".into(), vec![row("", ""), row("", "")]));

    assert!(form.submit(sent(&both)).is_some());
    assert!(form.refused_in_row(|f| f.members, 1, "members_email_key"));
    assert!(!form.refused_in_row(|f| f.members, 1, "another_key"));
    assert!(!form.refused_in_row(|f| f.members, 2, "members_email_key"), "there is no third");
    assert_eq!(said(&form), (none.clone(), vec![row("", ""), row("is taken", "")]));
    form.change(sent(&both.replace("bob", "rob")));
    assert_eq!(said(&form), (none, vec![row("", ""), row("", "")]));
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

//! What no browser sends: each has its answer, and no view ends.

use belvedere::{FormData, LiveForm};
use proptest::prelude::*;
use serde_json::json;

use super::{Trip, app, error, sent};

#[test]
fn other_shapes_than_texts_are_wrong_and_no_more() {
    let mut form = LiveForm::<Trip>::new("trip");
    let data = "trip[name][x]=1&trip[age][]=1&trip[insured][a][b]=1&trip[stops]=rome\
                &trip[stops][]=oslo&trip[home]=Bonn&trip[guests]=none&trip[guests][x]=1\
                &trip[guests][1]=1&trip[_rows_guests]=7&trip[more]=1&other=1&=&%5B%5D=1&trip[=";
    assert!(form.submit(sent(data)).is_none());
    assert_eq!(error(&form, |f| f.name), "cannot be read");
    assert_eq!(error(&form, |f| f.age), "cannot be read");
    assert_eq!(error(&form, |f| f.insured), "cannot be read");
    assert_eq!(error(&form, |f| f.home.city), "is missing");
    for value in [json!([]), json!(null), json!("x"), json!({"guests": [[1], null, {}]})] {
        let data = json!({"trip": value, "_target": ["trip", 7, null], "x": [{}]});
        let data: FormData<Trip> = serde_json::from_value(data).unwrap();
        assert!(form.submit(data).is_none());
    }
}

#[test]
fn keys_at_the_end_of_their_range_end_nothing() {
    let mut form = LiveForm::<Trip>::new("trip");
    let last = u32::MAX - 1;
    form.change(sent(&format!(
        "trip[guests][{last}][email]=a&trip[guests][{}][email]=b&trip[guests][-1][email]=c\
         &trip[_rows_guests][]=v{}",
        u32::MAX,
        u32::MAX
    )));
    assert_eq!(form.rows(|f| f.guests).len(), 1);
    form.add_row(|f| f.guests);
    form.move_row(|f| f.guests, last, usize::MAX);
    form.remove_row(|f| f.guests, last);
    assert!(form.add_row(|f| f.guests).is_none(), "there is no key left");
}

#[tokio::test]
async fn too_much_is_said_on_the_page_and_the_view_lives() {
    let mut trip = app().get("/trip").await.join().await;
    let many: Vec<_> = (0..10_000).map(|n| (format!("f{n}"), "x".to_owned())).collect();
    let deep = vec![(format!("trip{}", "[a]".repeat(64)), "x".to_owned())];
    let rows: Vec<_> =
        (0..2_000).map(|n| (format!("trip[guests][{n}][email]"), "x".to_owned())).collect();
    for fields in [many, deep, rows] {
        let fields: Vec<_> = fields.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        trip.change("form", "trip[name]", &fields).await;
        assert!(trip.is_joined());
    }
    let value = json!("trip%5Bname%5D=%FF%FEok&trip%5Bage%5D=%00&%FF=1");
    trip.send_event("form", "validate", value, Some(json!({"_target": "trip[name]"}))).await;
    assert_eq!(trip.attribute("#trip_name", "value").as_deref(), Some("\u{fffd}\u{fffd}ok"));
    assert!(trip.is_joined());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_taken(data in "(trip|\\[(name|guests|home|stops|_rows_guests|_unused_age|1|a|)\\]|[=&%a0]){0,30}") {
        let mut form = LiveForm::<Trip>::new("trip");
        form.change(sent(&data));
        form.submit(sent(&data));
    }
}

//! A private enum in a function, with private payloads, and one without any event.
#![deny(warnings)]

use belvedere::LiveEvent;

#[test]
fn enums_may_be_private_and_empty() {
    #[derive(serde::Deserialize)]
    struct Form {
        name: String,
    }

    #[derive(LiveEvent)]
    enum Event {
        Save(Form),
    }

    #[derive(LiveEvent)]
    enum Never {}

    let Event::Save(form) = Event::Save(Form { name: "Ann".to_owned() });
    assert_eq!(form.name, "Ann");
    assert!(Never::NAMES.is_empty());
}

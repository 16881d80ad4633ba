//! Every kind of variant, in the template of a crate that denies warnings.
#![deny(warnings, missing_docs)]

use belvedere::LiveEvent;
use belvedere::event::EventName;

/// Events of a page.
#[derive(LiveEvent, Debug)]
pub enum Event {
    /// No payload.
    Refresh,
    /// Named fields.
    Delete {
        /// Which.
        id: UserId,
        /// A keyword as a field.
        r#type: Option<String>,
    },
    /// Named, but none.
    Nothing {},
    /// A form.
    Save(UserForm),
    /// A keyword as a variant.
    r#Move,
}

/// An id that is a text outside.
#[derive(serde::Serialize, serde::Deserialize, Debug)]
pub struct UserId(u64);

/// A form, only ever read.
#[derive(serde::Deserialize, Debug)]
pub struct UserForm {
    /// A field.
    pub name: String,
}

#[test]
fn every_shape_of_a_variant_has_its_name_and_payload() {
    const NAME: EventName = Event::SAVE;
    assert_eq!(NAME.as_str(), "save");
    assert_eq!(Event::NAMES, ["refresh", "delete", "nothing", "save", "move"]);
    let page = maud::html! {
        button phx-click=(Event::Refresh) phx-blur=(Event::Move) {}
        button phx-click=(Event::Delete { id: UserId(7), r#type: None }) {}
        button phx-click=(Event::Nothing {}) {}
        form phx-submit=(Event::SAVE) phx-change=(Event::Save(UserForm { name: String::new() })) {}
    };
    assert!(page.0.contains("{&quot;id&quot;:7,&quot;type&quot;:null}"));
    assert!(page.0.contains("phx-click=\"nothing\""));
}

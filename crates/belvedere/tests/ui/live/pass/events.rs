//! Events written out in a template, whatever they are of.
#![deny(warnings)]

use belvedere::{LiveEvent, Render, live};

mod inner {
    #[derive(belvedere::LiveEvent)]
    pub(super) enum Event {
        One,
        Move { to: u8 },
    }
}

#[derive(LiveEvent)]
enum Single {
    Only { id: u64, text: String },
}

struct Item {
    id: u64,
    text: String,
}

fn page<'a, T: Into<u64> + Copy + 'a>(items: &'a [Item], id: T) -> impl Render + use<'a, T> {
    #[derive(LiveEvent)]
    enum Event {
        Near { at: Option<i64> },
    }
    live! {
        b phx-click=(inner::Event::One) phx-blur=(inner::Event::Move { to: 1 }) {}
        b phx-click=(Event::Near { at: None }) phx-blur=(Event::Near { at: Some(-1) }) {}
        b phx-click=(Single::Only { id: id.into(), text: "a".into() }) {}
        @for item in items {
            @let Item { id, text } = item;
            b phx-click=(Single::Only { id: *id, text: item.text }) { (text) }
            b phx-keyup=(Single::Only { id: item.id, text: _ }) {}
        }
    }
}

#[test]
fn events_stand_in_generic_templates() {
    let items = [Item { id: 1, text: "a".into() }];
    let html = belvedere::template::to_html(&page(&items, 2_u8));
    assert_eq!(html.matches("&quot;text&quot;:&quot;a&quot;").count(), 2, "{html}");
    let read = |event| match event {
        Single::Only { id, text } => (id, text),
    };
    assert_eq!(read(Single::Only { id: 1, text: "b".into() }), (1, "b".into()));
    let inner::Event::Move { to } = (inner::Event::Move { to: 3 }) else { return };
    assert_eq!(to, 3);
}

//! Commands where an event may stand, and where only they may.
#![deny(warnings)]

use belvedere::js::{Target, Transition};
use belvedere::{Js, LiveEvent, Render, live};

#[derive(LiveEvent)]
enum Event {
    Gone { id: u32 },
}

fn row(id: u32, mounted: Option<Js>) -> impl Render {
    let encoded = String::from("[]");
    live! {
        li
            phx-click=(Js::new().push(Event::Gone { id }))
            phx-remove=(Js::new().hide_with(Target::This, Transition::new("out")))
            phx-mounted=[&mounted]
            phx-connected=(encoded)
            phx-disconnected={ "[" "]" }
        { (id) }
    }
}

#[test]
fn commands_stand_where_an_event_may() {
    let html = belvedere::template::to_html(&row(7, Some(Js::new().focus("#name"))));
    assert!(
        html.contains("phx-mounted=\"[[&quot;focus&quot;,{&quot;to&quot;:&quot;#name&quot;}]]\"")
    );
    assert!(html.contains("&quot;value&quot;:{&quot;id&quot;:7}}]]\""));
}

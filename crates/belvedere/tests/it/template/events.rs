//! Events that are written out in an attribute: their names are text of the template, and each field is a
//! hole, with the same HTML as by maud.

use std::borrow::Cow;

use belvedere::{Js, LiveEvent, live, template::to_html};
use serde::{Deserialize, Serialize, Serializer};

use super::same;
use crate::diff::{Client, diffs};

const HOSTILE: &str = "</b>\"'\\&\n\u{e000}\u{1}é";

#[derive(LiveEvent)]
enum Event {
    Refresh,
    Nothing {},
    Delete {
        id: u32,
    },
    Rename {
        id: Option<u32>,
        name: String,
        r#type: Kind,
        tags: Vec<String>,
    },
    Label {
        label: Cow<'static, str>,
        letter: char,
        boxed: Box<str>,
        named: Name,
    },
    r#Move {
        to: i64,
    },
    Broken {
        broken: Broken,
        id: u32,
    },
    Place {
        #[live_event(name = "offset_x")]
        x: i32,
        shift_key: bool,
        key: Option<String>,
    },
    Show {
        text: Cow<'static, str>,
    },
    Save(()),
}

impl Event {
    const HOME: Self = Self::Move { to: 0 };
    const MARKED: Self = Self::Show { text: Cow::Borrowed("\u{e000}0\u{e001}<\u{e000}1\u{e002}") };
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Kind {
    Admin,
}

#[derive(Clone, Serialize, Deserialize)]
struct Name(String);

#[derive(Clone, Copy, Deserialize)]
struct Broken;

impl Serialize for Broken {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("broken on purpose"))
    }
}

#[test]
fn what_is_written_out_is_what_maud_prints() {
    let id = 7;
    same! { button phx-click=(Event::Refresh) phx-blur=(Event::Nothing {}) {} }
    same! { form phx-submit=(Event::SAVE) phx-change=(Event::HOME) {} }
    same! { button phx-click=(Event::Delete { id }) phx-focus=(Event::r#Move { to: -1 }) {} }
    let (name, tags) = (&HOSTILE.to_owned(), &vec![HOSTILE.to_owned()]);
    same! {
        b phx-keyup=(Event::Rename {
            id: Some(1), name: name.clone(), r#type: Kind::Admin, tags: tags.clone(),
        }) {}
    }
    same! {
        b phx-keydown=(Event::Label {
            label: HOSTILE.into(), letter: '"', boxed: "".into(), named: Name(HOSTILE.into()),
        }) {}
    }
    for id in 0..3 {
        same! { (id) b phx-click=@if id > 1 { (Event::Refresh) } @else { (Event::Delete { id }) } {} }
    }
}

#[test]
fn names_are_text_and_fields_are_holes() {
    let row = |id: u32, name: &str| {
        let name = name.to_owned();
        live! {
            b phx-click=(Event::Refresh) phx-submit=(Event::SAVE)
                phx-focus=(Event::Rename { name: name, id: Some(id), r#type: Kind::Admin, tags: vec![] }) {}
        }
    };
    let sent = Client::new().render(&row(7, "Ada"));
    assert!(sent.contains(r#""0":"Ada","1":"7","2":"&quot;Admin&quot;","3":"[]""#), "{sent}");
    diffs! {
        row(7, "A\"") => Client::new().render(&row(7, "A\"")),
        row(7, "B&") => r#"{"0":"B&amp;"}"#,
        row(8, "B&") => r#"{"1":"8"}"#,
    }
}

#[test]
fn a_field_is_borrowed() {
    let (name, label) = (String::from("Ada"), String::from("list"));
    let template = live! {
        b phx-click=(Event::Rename { name: name, id: None, r#type: Kind::Admin, tags: vec![label.clone()] }) {
            (name) (label)
        }
    };
    let html = to_html(&template);
    assert_eq!(html, to_html(&template));
    assert!(html.contains("&quot;name&quot;:&quot;Ada&quot;"), "{html}");
}

#[test]
fn the_browser_brings_what_the_template_leaves_open() {
    let id = Some(3);
    let html = to_html(&live! {
        i phx-keyup=(Event::Rename { id, name: _, r#type: Kind::Admin, tags: _ }) {}
        b phx-click=(Event::Delete { id: _ }) {}
    });
    assert_eq!(
        html.replace("&quot;", "'"),
        "<i phx-keyup=\"[['push',{'event':'rename','value':{'id':3,'type':'Admin'}}]]\"></i>\
         <b phx-click=\"delete\"></b>"
    );
}

#[test]
fn an_event_among_commands_leaves_fields_open_too() {
    let name = String::from("A&B");
    let open = |id: u32| Some(Js::new().push(Event::Delete { id }));
    let template = live! {
        b phx-click=(Js::new().hide("#a").push(Event::Rename { name: name, id: _, r#type: _, tags: _ })) {}
        b phx-mounted=(Js::new().push(Event::Delete { id: _ }).show("#b")) phx-click=[open(1)] {}
        b data-event=(Event::Label { letter: 'x', label: _, boxed: _, named: _ }) {}
        (name)
        i title=(match Some(Event::Nothing {}) { Some(Event::Delete { id: _ }) => "no", _ => "yes" }) {}
    };
    let html = to_html(&template).replace("&quot;", "'");
    assert_eq!(
        html,
        "<b phx-click=\"[['hide',{'to':'#a'}],['push',{'event':'rename','value':{'name':'A&amp;B'}}]]\"></b>\
         <b phx-mounted=\"[['push',{'event':'delete'}],['show',{'to':'#b'}]]\" \
         phx-click=\"[['push',{'event':'delete','value':{'id':1}}]]\"></b>\
         <b data-event=\"[['push',{'event':'label','value':{'letter':'x'}}]]\"></b>A&amp;B<i title=\"yes\"></i>"
    );
}

#[test]
fn an_event_asks_for_what_the_browser_has_to_measure() {
    let html = to_html(&live! {
        i phx-click=(Event::Place { x: _, shift_key: _, key: _ }) {}
        i phx-click=(Event::Place { x: _, shift_key: true, key: _ }) {}
        i phx-click=(Event::Place { x: 1, shift_key: true, key: _ }) {}
        i phx-click=(Js::new().hide("#a").push(Event::Place { x: 1, shift_key: _, key: _ })) {}
        i data-event=(Event::Place { x: _, shift_key: _, key: _ }) {}
    });
    assert_eq!(
        html.replace("&quot;", "'").replace("<i ", "\n<i "),
        "\n<i phx-click=\"[['push',{'event':'place','brings':'offset_x shift_key'}]]\"></i>\
         \n<i phx-click=\"[['push',{'event':'place','brings':'offset_x','value':{'shift_key':true}}]]\"></i>\
         \n<i phx-click=\"[['push',{'event':'place','value':{'offset_x':1,'shift_key':true}}]]\"></i>\
         \n<i phx-click=\"[['hide',{'to':'#a'}],\
         ['push',{'event':'place','brings':'shift_key','value':{'offset_x':1}}]]\"></i>\
         \n<i data-event=\"[['push',{'event':'place','brings':'offset_x shift_key'}]]\"></i>"
    );
}

#[test]
fn an_event_leaves_fields_open_wherever_it_stands_in_a_value() {
    let buttons = |event: &Event| {
        fn button(click: impl belvedere::event::PushEvent) -> impl belvedere::Render {
            live! { u phx-click=(Js::new().push(&click)) {} }
        }
        let name = String::from("A&B");
        let on = true;
        let template = live! {
            b phx-click=@if on { (Event::Delete { id: _ }) } @else { (Event::Refresh) } {}
            b phx-click=@match event {
                Event::Delete { id: _ } => (Event::Show { text: _ }), _ => (Event::Refresh)
            } {}
            b phx-click={ (Event::Label { letter: 'x', label: _, boxed: _, named: _ }) } {}
            b phx-click=[on.then(|| Event::Rename { name: name, id: _, r#type: _, tags: _ })] {}
            b phx-click=[Some(Event::Label { letter: 'x', label: _, boxed: _, named: _ })] {}
            b phx-click=(if on {
                Js::new().push(Event::Delete { id: _ })
            } else {
                Js::new()
            }) {}
            (button(Event::Rename { name: name, id: _, r#type: _, tags: _ }))
        };
        to_html(&template).replace("&quot;", "'")
    };
    let rename = "[['push',{'event':'rename','value':{'name':'A&amp;B'}}]]";
    let label = "[['push',{'event':'label','value':{'letter':'x'}}]]";
    let delete = "[['push',{'event':'delete'}]]";
    let expected = ["delete", "show", label, rename, label, delete];
    let expected: String = expected.map(|click| format!("<b phx-click=\"{click}\"></b>")).concat();
    let html = buttons(&Event::Delete { id: 1 });
    assert_eq!(html, format!("{expected}<u phx-click=\"{rename}\"></u>"));
}

#[test]
fn a_constants_text_is_never_taken_for_a_mark() {
    let html = to_html(&live! { b title=("a") phx-click=(Event::MARKED) { ("b") } });
    let spelled = html.replace("&#xE000;", "\u{e000}");
    let plain = maud::html! { b title=("a") phx-click=(Event::MARKED) { ("b") } };
    assert_eq!(spelled, plain.into_string());
}

#[test]
fn a_field_that_cannot_be_written_is_null() {
    let html = to_html(&live! { b phx-click=(Event::Broken { broken: Broken, id: 1 }) {} });
    assert!(html.contains("{&quot;broken&quot;:null,&quot;id&quot;:1}"), "{html}");
}

#[test]
fn what_is_not_recognised_is_one_hole() {
    use Event::{Delete, Refresh};
    struct Page<T>(T);
    trait Named {
        const CLOSE: &'static str;
    }
    impl<T: Named> Page<T> {
        fn html(&self) -> String {
            let _ = &self.0;
            to_html(
                &live! { b phx-click=(T::CLOSE) phx-blur=(Refresh) phx-focus=(Delete { id: 1 }) {} },
            )
        }
    }
    struct Door;
    impl Named for Door {
        const CLOSE: &'static str = "close";
    }
    let html = Page(Door).html();
    assert!(html.contains("phx-click=\"close\" phx-blur=\"refresh\""), "{html}");
    assert!(html.contains("{&quot;id&quot;:1}"), "{html}");
    same! { b phx-click={ (Event::Refresh) "!" } title=(Event::Delete { id: 2 }) {} }
}

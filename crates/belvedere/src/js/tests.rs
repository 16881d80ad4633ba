use std::time::Duration;

use maud::{Render, html};

use super::*;
use crate::component::ComponentId;
use crate::event::{EventName, LiveEvent};
use crate::template::to_html;

#[derive(LiveEvent)]
enum Event {
    Close,
    Rename { id: u32, name: String },
    Broken { broken: Broken },
    Save(Form),
}

#[derive(serde::Deserialize)]
struct Form;

#[derive(serde::Deserialize)]
struct Broken;

impl serde::Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("broken on purpose"))
    }
}

const FADE: Transition<'_> = Transition::new("fade quick").start("clear").end("solid");

/// What the browser sees in the attribute.
fn unescaped(js: &Js) -> String {
    let html = js.render().0;
    html.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[track_caller]
fn check(js: &Js, expected: &str) {
    assert_eq!(unescaped(js), expected);
    serde_json::from_str::<serde_json::Value>(expected).expect("what the browser reads is JSON");
}

#[test]
fn no_commands_are_an_empty_list() {
    check(&Js::new(), "[]");
}

#[test]
fn commands_run_in_the_order_in_which_they_were_given() {
    let js = Js::new().hide("#menu").push(Event::Close).focus(Target::This);
    check(&js, r##"[["hide",{"to":"#menu"}],["push",{"event":"close"}],["focus",{}]]"##);
}

#[test]
fn each_target_has_its_form() {
    let js = Js::new().focus(Target::This).focus("#a").focus(&String::from("#b"));
    let js = js.focus(Target::Inner(".c")).focus(Target::Closest("li"));
    check(
        &js,
        r##"[["focus",{}],["focus",{"to":"#a"}],["focus",{"to":"#b"}],["focus",{"to":{"inner":".c"}}],["focus",{"to":{"closest":"li"}}]]"##,
    );
}

#[test]
fn an_event_is_pushed_with_its_payload() {
    let rename = Event::Rename { id: 7, name: "Ada".into() };
    check(
        &Js::new().push(&rename).push(Event::SAVE),
        r#"[["push",{"event":"rename","value":{"id":7,"name":"Ada"}}],["push",{"event":"save"}]]"#,
    );
    check(&Js::new().push(Event::Save(Form)), r#"[["push",{"event":"save"}]]"#);
    check(&Js::new().push(EventName::new("save")), r#"[["push",{"event":"save"}]]"#);
}

#[test]
fn a_payload_that_cannot_be_serialised_is_left_out() {
    let options = Push { page_loading: true, ..Push::default() };
    check(
        &Js::new().push_with(Event::Broken { broken: Broken }, options).pop_focus(),
        r#"[["push",{"event":"broken","page_loading":true}],["pop_focus",{}]]"#,
    );
}

#[test]
fn a_push_has_options() {
    let all =
        Push { target: Some(ComponentId(3).into()), loading: Some("#form"), page_loading: true };
    check(
        &Js::new().push_with(Event::Close, all),
        r##"[["push",{"event":"close","target":3,"loading":"#form","page_loading":true}]]"##,
    );
    let query = Push { target: Some("#card".into()), ..Push::default() };
    check(
        &Js::new().push_with(Event::Rename { id: 1, name: String::new() }, query),
        r##"[["push",{"event":"rename","value":{"id":1,"name":""},"target":"#card"}]]"##,
    );
}

#[test]
fn things_are_shown_and_hidden() {
    check(&Js::new().show("#a").hide("#a"), r##"[["show",{"to":"#a"}],["hide",{"to":"#a"}]]"##);
    check(
        &Js::new().show_with("#a", FADE),
        r##"[["show",{"transition":[["fade","quick"],["clear"],["solid"]],"to":"#a"}]]"##,
    );
    let flex = Show { display: Some("flex"), ..Show::default() };
    check(&Js::new().show_with("#a", flex), r##"[["show",{"display":"flex","to":"#a"}]]"##);
    let quick = Transition::new("out").time(Duration::from_millis(150)).without_waiting();
    check(
        &Js::new().hide_with(Target::This, quick),
        r#"[["hide",{"transition":[["out"],[],[]],"time":150,"blocking":false}]]"#,
    );
}

#[test]
fn a_toggle_has_a_transition_for_each_direction_and_one_time() {
    check(&Js::new().toggle("#a"), r##"[["toggle",{"to":"#a"}]]"##);
    let ins = FADE.time(Duration::from_millis(300)).without_waiting();
    let outs = Transition::new("out").time(Duration::from_millis(100));
    let toggle = Toggle { display: Some("grid"), ins: Some(ins), outs: Some(outs) };
    check(
        &Js::new().toggle_with("#a", toggle),
        r##"[["toggle",{"display":"grid","ins":[["fade","quick"],["clear"],["solid"]],"outs":[["out"],[],[]],"time":300,"to":"#a"}]]"##,
    );
    let toggle = Toggle { ins: Some(ins), ..Toggle::default() };
    check(
        &Js::new().toggle_with("#a", toggle),
        r##"[["toggle",{"ins":[["fade","quick"],["clear"],["solid"]],"time":300,"blocking":false,"to":"#a"}]]"##,
    );
}

#[test]
fn classes_come_and_go() {
    check(
        &Js::new().add_class("a b", "#x").remove_class("a", "#x").toggle_class("b", "#x"),
        r##"[["add_class",{"names":["a","b"],"to":"#x"}],["remove_class",{"names":["a"],"to":"#x"}],["toggle_class",{"names":["b"],"to":"#x"}]]"##,
    );
    let out = Transition::new("out");
    let js = Js::new().add_class_with("a", Target::This, out);
    let js = js.remove_class_with("a", Target::This, out);
    let js = js.toggle_class_with("a", Target::This, out).transition(out, Target::This);
    check(
        &js,
        r#"[["add_class",{"names":["a"],"transition":[["out"],[],[]]}],["remove_class",{"names":["a"],"transition":[["out"],[],[]]}],["toggle_class",{"names":["a"],"transition":[["out"],[],[]]}],["transition",{"transition":[["out"],[],[]]}]]"#,
    );
}

#[test]
fn attributes_are_set_removed_and_ignored() {
    check(
        &Js::new().set_attr("title", "Hi", "#x").remove_attr("title", "#x"),
        r##"[["set_attr",{"attr":["title","Hi"],"to":"#x"}],["remove_attr",{"attr":"title","to":"#x"}]]"##,
    );
    let js = Js::new().toggle_attr("hidden", "", Target::This);
    check(
        &js.switch_attr("aria-expanded", ["true", "false"], Target::This),
        r#"[["toggle_attr",{"attr":["hidden",""]}],["toggle_attr",{"attr":["aria-expanded","true","false"]}]]"#,
    );
    check(
        &Js::new().ignore_attrs(&["open", "data-*"], Target::This),
        r#"[["ignore_attrs",{"attrs":["open","data-*"]}]]"#,
    );
}

#[test]
fn scripts_are_told_and_attributes_are_run() {
    check(
        &Js::new().dispatch("app:copy", "#x").exec("data-cancel", Target::Closest("dialog")),
        r##"[["dispatch",{"event":"app:copy","to":"#x"}],["exec",{"attr":"data-cancel","to":{"closest":"dialog"}}]]"##,
    );
    let dispatch = Dispatch {
        detail: vec![("n", 7.into()), ("t", "x".into())],
        bubbles: false,
        blocking: true,
    };
    check(
        &Js::new().dispatch_with("app:copy", Target::This, dispatch),
        r#"[["dispatch",{"event":"app:copy","detail":{"n":7,"t":"x"},"bubbles":false,"blocking":true}]]"#,
    );
}

#[test]
fn the_focus_is_moved_and_remembered() {
    let js = Js::new().push_focus(Target::This).focus_first("#x").focus("#y").pop_focus();
    check(
        &js,
        r##"[["push_focus",{}],["focus_first",{"to":"#x"}],["focus",{"to":"#y"}],["pop_focus",{}]]"##,
    );
}

fn to(path: &str) -> LocalPath {
    LocalPath::new(path).unwrap()
}

#[test]
fn the_browser_goes_to_other_urls_and_other_views() {
    let js = Js::new().patch(&to("/users?page=2")).patch_with(&to("/users"), History::Replace);
    check(
        &js,
        r#"[["patch",{"href":"/users?page=2"}],["patch",{"href":"/users","replace":true}]]"#,
    );
    let js = Js::new().navigate(&to("/")).navigate_with(&to("/counter"), History::Replace);
    check(&js, r#"[["navigate",{"href":"/"}],["navigate",{"href":"/counter","replace":true}]]"#);
}

#[test]
fn hostile_text_leaves_neither_its_string_nor_its_attribute() {
    let hostile = "\"></b><script>alert('&')</script>\\\"]]\u{2028}";
    let js = Js::new()
        .push(Event::Rename { id: 1, name: hostile.into() })
        .set_attr(hostile, hostile, hostile)
        .add_class_with("a", Target::Inner(hostile), Transition::new(hostile))
        .dispatch_with(
            hostile,
            Target::Closest(hostile),
            Dispatch { detail: vec![(hostile, hostile.into())], ..Dispatch::default() },
        );
    let expected = html!(b phx-click=(js) {}).0;
    let commands: serde_json::Value = serde_json::from_str(&unescaped(&js)).expect("JSON");
    let page = to_html(&crate::live! { b phx-click=(js) {} });
    assert_eq!(page, expected);
    let value = page.strip_prefix("<b phx-click=\"").and_then(|page| page.strip_suffix("\"></b>"));
    assert!(!value.expect("one attribute").contains(['"', '<', '>']), "{page}");
    assert_eq!(commands[0][1]["value"]["name"], hostile);
    assert_eq!(commands[1][1], serde_json::json!({"attr": [hostile, hostile], "to": hostile}));
    assert_eq!(commands[2][1]["to"]["inner"], hostile);
    assert_eq!(commands[3][1]["detail"][hostile], hostile);
}

use super::*;
use crate::navigation::History;
use crate::wire::response::{
    JoinRefusal, Navigation, write_cids, write_joined, write_link_redirect,
};
use crate::wire::{ClientMessage, Frame, Payload};

/// Frames between the official client and the reference server: `client <frame>`, `server <frame>`.
const REFERENCE: &str = include_str!("reference_frames.txt");

fn address() -> Address {
    Address::new(Some("4"), "lv:phx-XXXXXXXXXXXXXXXX")
}

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

fn frames(side: &str) -> impl Iterator<Item = &'static str> {
    REFERENCE.lines().filter_map(move |line| line.strip_prefix(side)?.strip_prefix(' '))
}

/// Writes a frame of the reference server anew from its parts.
fn rewrite(text: &str) -> String {
    let frame = Frame::from_text(text).unwrap();
    let Payload::Json(payload) = frame.payload else { panic!("a text frame") };
    let address = Address::new(frame.join_ref.as_deref(), &frame.topic);
    written(|out| match &*frame.event {
        keys::REPLY => {
            let (status, head) = match payload.starts_with(r#"{"status":"ok""#) {
                true => (Status::Ok, r#"{"status":"ok","response":"#),
                false => (Status::Error, r#"{"status":"error","response":"#),
            };
            let response = payload.strip_prefix(head).and_then(|rest| rest.strip_suffix('}'));
            let response = response.expect("a reply has a status, then a response");
            write_reply(out, &address, frame.message_ref.as_deref(), status, |out| {
                out.push_str(response);
            });
        }
        keys::CLOSE => write_close(out, &address),
        event => write_push(out, &address, event, |out| out.push_str(payload)),
    })
}

#[test]
fn frames_of_the_reference_server_are_written_byte_for_byte() {
    assert!(frames("server").count() > 40);
    for frame in frames("server") {
        assert_eq!(rewrite(frame), frame);
    }
}

#[test]
fn frames_of_the_official_client_are_all_understood() {
    assert!(frames("client").count() > 30);
    for frame in frames("client") {
        let parsed = Frame::from_text(frame).unwrap();
        let message = parsed.message().unwrap();
        assert!(!matches!(message, ClientMessage::Unknown(_)), "{frame}");
    }
}

#[test]
fn the_reply_to_a_counter_click_has_93_bytes() {
    let reply = written(|out| {
        write_reply(out, &address(), Some("5"), Status::Ok, |out| {
            out.push_str(r#"{"diff":{"0":"1"}}"#);
        });
    });
    assert_eq!(reply.len(), 93);
    assert!(frames("server").any(|frame| frame == reply));
}

#[test]
fn a_granted_join_begins_with_version_and_tree() {
    let write = |patched: Option<&Navigation<'_>>| {
        written(|out| {
            write_joined(out, "1.2.12", patched, None, |out| out.push_str(r#"{"s":[""]}"#))
        })
    };
    let plain = r#"{"liveview_version":"1.2.12","rendered":{"s":[""]}}"#;
    assert_eq!(write(None), plain);
    let patched = Navigation::Patch { to: "/users?page=1", kind: History::Replace };
    assert_eq!(
        write(Some(&patched)),
        format!(
            r#"{},"live_patch":{{"kind":"replace","to":"/users?page=1"}}}}"#,
            plain.strip_suffix('}').unwrap()
        )
    );
}

#[test]
fn refusals_of_a_join_are_those_of_the_reference_server() {
    for refusal in [JoinRefusal::Stale, JoinRefusal::Unauthorized] {
        let reply = written(|out| {
            write_reply(out, &address(), Some("4"), Status::Error, |out| refusal.write(out));
        });
        assert!(frames("server").any(|frame| frame == reply), "{reply}");
    }
    let reload = JoinRefusal::Reload { status: 404, token: "T" };
    assert_eq!(written(|out| reload.write(out)), r#"{"reason":"reload","status":404,"token":"T"}"#);
    let redirect = Navigation::Redirect { to: "/login", flash: Some("F") };
    assert_eq!(
        written(|out| JoinRefusal::Navigate(redirect).write(out)),
        r#"{"redirect":{"to":"/login","flash":"F"}}"#
    );
    let crashed = written(|out| JoinRefusal::Crashed.write(out));
    assert_eq!(crashed, r#"{"reason":"join crashed"}"#);
}

#[test]
fn navigation_is_that_of_the_reference_server() {
    let patch = Navigation::Patch { to: "/samples/two?q=1", kind: History::Push };
    let push = written(|out| write_push(out, &address(), patch.key(), |out| patch.write(out)));
    assert!(frames("server").any(|frame| frame == push), "{push}");

    let navigate = Navigation::Navigate { to: "/counter", kind: History::Push, flash: None };
    let reply = written(|out| {
        write_reply(out, &address(), Some("5"), Status::Ok, |out| {
            out.push('{');
            navigate.write_member(out);
            out.push('}');
        });
    });
    assert!(frames("server").any(|frame| frame == reply), "{reply}");
}

#[test]
fn small_responses_are_written() {
    assert_eq!(written(|out| write_cids(out, &[])), r#"{"cids":[]}"#);
    assert_eq!(written(|out| write_cids(out, &[3, 14])), r#"{"cids":[3,14]}"#);
    assert_eq!(written(write_link_redirect), r#"{"link_redirect":true}"#);
}

#[test]
fn a_heartbeat_is_answered_without_a_join_ref() {
    let reply = written(|out| write_heartbeat_reply(out, Some("7")));
    assert!(frames("server").any(|frame| frame == reply));
}

#[test]
fn a_crash_repeats_the_join_ref() {
    assert_eq!(
        written(|out| write_error(out, &address())),
        r#"["4","4","lv:phx-XXXXXXXXXXXXXXXX","phx_error",{"reason":"channel_crash"}]"#
    );
}

#[test]
fn hostile_refs_and_topics_cannot_leave_their_strings() {
    let address = Address::new(Some("\"]"), "lv:\\\"\n");
    let reply = written(|out| {
        write_reply(out, &address, Some("\u{1}"), Status::Ok, |out| out.push_str("{}"));
    });
    let frame = Frame::from_text(&reply).unwrap();
    assert_eq!(frame.join_ref.as_deref(), Some("\"]"));
    assert_eq!(frame.message_ref.as_deref(), Some("\u{1}"));
    assert_eq!(frame.topic, "lv:\\\"\n");
}

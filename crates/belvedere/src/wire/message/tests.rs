use std::error::Error as _;

use proptest::prelude::*;

use super::*;

/// A frame of topic `lv:x` with this event and payload.
fn text(event: &str, payload: &str) -> String {
    format!(r#"["4","8","lv:x","{event}",{payload}]"#)
}

fn check(text: &str, assert: impl FnOnce(ClientMessage<'_>)) {
    assert(Frame::from_text(text).unwrap().message().unwrap());
}

fn refused(event: &str, payload: &str) -> String {
    let text = text(event, payload);
    let error = Frame::from_text(&text).unwrap().message().expect_err("the payload is malformed");
    assert!(matches!(error, MessageError::Payload { .. }));
    error.source().unwrap().to_string()
}

#[test]
fn what_the_client_writes_needs_no_serde() {
    let click = r#"{"type":"click","event":"inc","value":{"value":"","id":"7"},"cid":2}"#;
    assert!(plain::event(click).is_some_and(|event| event.cid == Some(2)));
    let form = r#"{"type":"form","event":"validate","value":"a=1","meta":{"_target":"a"},"uploads":{},"cid":1}"#;
    assert!(plain::event(form).is_some_and(|event| event.kind == EventKind::Form));
}

#[test]
fn an_event_that_breaks_off_or_goes_on_is_left_to_serde() {
    let whole = r#"{"type":"click","event":"inc","value":{"id":"7"}}"#;
    assert!(plain::event(whole).is_some());
    for at in 0..whole.len() {
        assert!(plain::event(&whole[..at]).is_none(), "{}", &whole[..at]);
    }
    for json in
        [r#"{"event":"inc","#, r#"{"event":"inc",}"#, r#"{"event":"inc"}}"#, r#"{"event":"inc"} "#]
    {
        assert!(plain::event(json).is_none(), "{json}");
    }
}

#[test]
fn a_heartbeat_counts_on_its_own_topic_only() {
    check(r#"[null,"9","phoenix","heartbeat",{}]"#, |message| {
        assert!(matches!(message, ClientMessage::Heartbeat));
    });
    check(&text("heartbeat", "{}"), |message| {
        assert!(matches!(message, ClientMessage::Unknown(name) if name == "heartbeat"));
    });
}

#[test]
fn a_join_carries_tokens_and_reserved_params() {
    let payload = r#"{"url":"https://ex.test/users?page=2",
        "params":{"_csrf_token":"c","_track_static":["a.css","b\u0020.js"],"_mounts":2,
        "_mount_attempts":"3","_live_referer":"https://ex.test/","mine":{"deep":[1]}},
        "session":"S","static":"T","flash":"F","sticky":false}"#;
    check(&text("phx_join", payload), |message| {
        let ClientMessage::Join(join) = message else { panic!("a join") };
        assert_eq!(join.url.as_deref(), Some("https://ex.test/users?page=2"));
        assert_eq!(join.redirect, None);
        assert_eq!(join.session, "S");
        assert_eq!(join.static_token.as_deref(), Some("T"));
        assert_eq!(join.flash.as_deref(), Some("F"));
        assert!(!join.sticky);
        assert_eq!(join.params.csrf_token.as_deref(), Some("c"));
        assert_eq!((join.params.mounts, join.params.mount_attempts), (2, 3));
        assert_eq!(join.params.live_referer.as_deref(), Some("https://ex.test/"));
        assert_eq!(join.params.track_static, ["a.css", "b .js"]);
        assert_eq!(join.params.own, OwnParams::Object(r#"{"mine":{"deep":[1]}}"#.into()));
    });
}

#[test]
fn texts_of_a_join_borrow_from_the_frame() {
    check(&text("phx_join", r#"{"session":"S","static":"T","params":{}}"#), |message| {
        let ClientMessage::Join(join) = message else { panic!("a join") };
        assert!(matches!(join.session, Cow::Borrowed(_)));
        assert!(matches!(join.static_token, Some(Cow::Borrowed(_))));
    });
}

#[test]
fn a_join_needs_only_its_session() {
    check(&text("phx_join", r#"{"session":"","static":null,"url":null}"#), |message| {
        let ClientMessage::Join(join) = message else { panic!("a join") };
        assert_eq!((join.url, join.static_token, join.params.mounts), (None, None, 0));
    });
    assert!(refused("phx_join", r#"{"static":null}"#).contains("missing field `session`"));
    assert!(refused("phx_join", r#"{"session":7}"#).contains("expected a string"));
    assert!(refused("phx_join", "null").contains("null"));
}

#[test]
fn a_count_that_is_none_reads_as_zero() {
    for (count, expected) in [
        ("-1", 0),
        ("1.5", 0),
        ("null", 0),
        ("true", 0),
        (r#""x""#, 0),
        ("[1,[2]]", 0),
        (r#"{"a":1}"#, 0),
        ("99999999999", u32::MAX),
        (r#""12""#, 12),
    ] {
        let payload = format!(r#"{{"session":"S","params":{{"_mounts":{count}}}}}"#);
        check(&text("phx_join", &payload), |message| {
            let ClientMessage::Join(join) = message else { panic!("a join") };
            assert_eq!(join.params.mounts, expected, "{count}");
        });
    }
}

#[test]
fn tokens_are_not_shown_by_debug() {
    let payload = r#"{"session":"S3CRET","static":"S3CRET","flash":"S3CRET",
        "params":{"_csrf_token":"S3CRET"}}"#;
    check(&text("phx_join", payload), |message| {
        assert!(!format!("{message:?}").contains("S3CRET"));
    });
}

#[test]
fn a_click_leaves_its_value_raw() {
    let payload = r#"{"type":"click","event":"save","value":{"id":"7"},"cid":2}"#;
    check(&text("event", payload), |message| {
        let ClientMessage::Event(event) = message else { panic!("an event") };
        assert_eq!(event.kind, EventKind::Other);
        assert_eq!(event.event, "save");
        assert_eq!(event.value.json(), r#"{"id":"7"}"#);
        assert_eq!(event.cid, Some(2));
        assert!(event.meta.is_none() && event.uploads.is_none());
    });
}

#[test]
fn a_form_event_has_meta_and_uploads() {
    let payload = r#"{"type":"form","event":"validate","value":"a=b","meta":{"_target":"a"},
        "uploads":{"phx-U1":[]}}"#;
    check(&text("event", payload), |message| {
        let ClientMessage::Event(event) = message else { panic!("an event") };
        assert_eq!(event.kind, EventKind::Form);
        assert_eq!(event.meta.unwrap().json(), r#"{"_target":"a"}"#);
        assert_eq!(event.uploads.unwrap().json(), r#"{"phx-U1":[]}"#);
    });
}

#[test]
fn a_type_outside_the_known_set_is_accepted() {
    for kind in ["null", r#""js""#, r#""made up""#] {
        let payload = format!(r#"{{"type":{kind},"event":"e","value":{{}},"cid":null}}"#);
        check(&text("event", &payload), |message| {
            let ClientMessage::Event(event) = message else { panic!("an event") };
            assert_eq!((event.kind, event.cid), (EventKind::Other, None));
        });
    }
    check(&text("event", r#"{"event":"e"}"#), |message| {
        let ClientMessage::Event(event) = message else { panic!("an event") };
        assert_eq!(event.value.json(), "null");
    });
}

#[test]
fn a_malformed_event_names_its_field() {
    assert!(refused("event", r#"{"type":"click"}"#).contains("missing field `event`"));
    assert!(refused("event", r#"{"event":"e","cid":-1}"#).contains("-1"));
    assert!(refused("event", r#"{"event":"e","cid":"2"}"#).contains("u64"));
}

#[test]
fn what_is_said_of_uploads_is_read() {
    let file = r#"{"last_modified":1700000000000,"name":"a.png","relative_path":"","size":120345,
        "type":"image/png","ref":"0","meta":{"width":80}}"#;
    let request = format!(r#"{{"ref":"phx-U1","entries":[{file}],"cid":2}}"#);
    check(&text("allow_upload", &request), |message| {
        let ClientMessage::AllowUpload(asked) = message else { panic!("{message:?}") };
        assert_eq!((&*asked.upload, asked.cid), ("phx-U1", Some(2)));
        let [file] = asked.entries.as_slice() else { panic!("{asked:?}") };
        assert_eq!((file.entry, &*file.name, file.size), (0, "a.png", 120_345));
        assert_eq!(file.meta.as_ref().unwrap().get(), r#"{"width":80}"#);
    });
    for (progress, reported) in [
        ("38", Reported::Percent(38)),
        ("100", Reported::Percent(100)),
        (r#"{"error":{"reason":"x"}}"#, Reported::Failed),
    ] {
        let payload =
            format!(r#"{{"event":null,"ref":"phx-U1","entry_ref":"7","progress":{progress}}}"#);
        check(&text("progress", &payload), |message| {
            let ClientMessage::Progress(progress) = message else { panic!("{message:?}") };
            assert_eq!((progress.entry, progress.reported), (7, reported));
        });
    }
    assert!(
        refused("progress", r#"{"ref":"a","entry_ref":"0","progress":101}"#).contains("neither")
    );
    assert!(
        refused("progress", r#"{"ref":"a","entry_ref":"x","progress":1}"#).contains("no number")
    );
    assert!(refused("allow_upload", r#"{"ref":"a"}"#).contains("entries"));
}

#[test]
fn the_other_messages_are_read() {
    check(&text("phx_leave", "[1]"), |message| assert!(matches!(message, ClientMessage::Leave)));
    check(&text("live_patch", r#"{"url":"https://ex.test/"}"#), |message| {
        assert!(matches!(message, ClientMessage::LivePatch { url } if url == "https://ex.test/"));
    });
    check(&text("cids_will_destroy", r#"{"cids":[3,4]}"#), |message| {
        assert!(matches!(message, ClientMessage::CidsWillDestroy(cids) if cids == [3, 4]));
    });
    check(&text("cids_destroyed", r#"{"cids":[]}"#), |message| {
        assert!(matches!(message, ClientMessage::CidsDestroyed(cids) if cids.is_empty()));
    });
    check(&text("made_up", "7"), |message| {
        assert!(matches!(message, ClientMessage::Unknown(name) if name == "made_up"));
    });
    assert!(refused("live_patch", "{}").contains("missing field `url`"));
    assert!(refused("cids_destroyed", r#"{"cids":["3"]}"#).contains("u64"));
}

#[test]
fn a_binary_payload_is_refused_where_json_belongs() {
    let bytes = b"\0\x01\x01\x04\x0512lv:xevent{}";
    let frame = Frame::from_binary(bytes).unwrap();
    assert!(matches!(frame.message(), Err(MessageError::Binary { event: "event" })));
}

const MEMBERS: [&str; 6] = ["type", "event", "value", "meta", "uploads", "cid"];

/// A member of this name, or of a name that is none of an event's.
fn member(name: &'static str) -> impl Strategy<Value = String> {
    let strings = ["\"form\"", "\"click\"", "\"é]\"", "\"a\\n\"", "null"];
    let numbers = ["1", "-1", "2.0", "null"];
    let others = ["true", "{}", "[]", " {\"a\": [\"}\"]} ", "{\"b\":{\"c\":[1,2]}}"];
    let values = match name {
        "type" | "event" => strings.to_vec(),
        "cid" => numbers.to_vec(),
        _ => [&strings[..], &numbers, &others].concat(),
    };
    let value = prop::sample::select(values);
    let name = prop_oneof![30 => Just(name), 1 => Just("x"), 1 => Just("e\\u0076ent")];
    (name, value).prop_map(|(name, value)| format!("\"{name}\":{value}"))
}

proptest! {
    #[test]
    fn an_event_is_read_as_serde_reads_it(
        mut members in MEMBERS.map(member),
        is_there in prop::array::uniform6(prop::bool::weighted(0.9)),
        swapped in prop::option::weighted(0.1, (0..6_usize, 0..6_usize)),
        blank in " {0,1}",
    ) {
        if let Some((one, other)) = swapped {
            members.swap(one, other);
        }
        let members = members.into_iter().zip(is_there);
        let members: Vec<_> = members.filter(|(_, is_there)| *is_there).map(|(member, _)| member).collect();
        let json = format!("{{{}}}", members.join(&format!("{blank},")));
        if let Some(read) = plain::event(&json) {
            let expected: EventPayload<'_> = serde_json::from_str(&json).expect("read by serde as well");
            prop_assert_eq!(format!("{read:?}"), format!("{expected:?}"));
        }
    }

    #[test]
    fn no_payload_panics(
        event in prop::sample::select(vec!["phx_join", "event", "live_patch", "cids_destroyed"]),
        payload in r#"\{("(session|url|event|value|cids|params|type|cid)":[0-9\[\]{}"a-z,]{0,9},?){0,4}\}"#,
    ) {
        let text = text(event, &payload);
        if let Ok(frame) = Frame::from_text(&text) {
            let _ = frame.message();
        }
    }
}

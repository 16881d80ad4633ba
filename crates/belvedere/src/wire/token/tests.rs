use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::envelope::{seal, seal_version};
use super::keys::Purpose;
use super::*;
use crate::navigation::Group;

type Verify = fn(&str, &Keys, SystemTime) -> Result<(), TokenError>;

/// Every kind of token: its name, how it is verified.
const KINDS: [(&str, Verify); 9] = [
    ("session", |text, keys, now| SessionToken::verify(text, keys, now, MAX_COOKIE_AGE).map(drop)),
    ("page", |text, keys, now| PageToken::verify(text, keys, now).map(drop)),
    ("nested", |text, keys, now| PageToken::verify_nested(text, keys, now).map(drop)),
    ("static", |text, keys, now| StaticToken::verify(text, keys, now).map(drop)),
    ("flash", |text, keys, now| FlashToken::verify(text, keys, now).map(drop)),
    ("reload", |text, keys, now| ReloadToken::verify(text, keys, now).map(drop)),
    ("upload", |text, keys, now| UploadToken::verify(text, keys, now).map(drop)),
    ("poll", |text, keys, now| PollToken::verify(text, keys, now).map(drop)),
    ("csrf", |text, keys, _| CsrfToken::verify(text, &session(), keys)),
];

fn keys() -> Keys {
    Keys::derive(&SecretKeyBase::new("0123456789abcdef0123456789abcdef").unwrap(), "")
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn after(seconds: u64) -> SystemTime {
    now() + Duration::from_secs(seconds)
}

const fn session() -> SessionId {
    SessionId::from_bytes([7; 16])
}

fn session_token(value: Option<&str>) -> SessionToken {
    SessionToken { id: session(), value: value.map(Into::into), issued_at: now() }
}

fn page() -> PageToken {
    PageToken {
        view_id: "phx-K1a9".to_owned(),
        instance: "phx-K1a9".to_owned(),
        view_name: "UsersSlow".to_owned(),
        group: Group::default(),
        session_id: session(),
        trace: [3; TRACE_BYTES],
        issued_at: now(),
    }
}

fn flash() -> Vec<(String, String)> {
    vec![("info".to_owned(), "Saved “Ann”".to_owned()), (String::new(), "x".repeat(300))]
}

/// One valid token of each kind, in the order of [`KINDS`].
fn tokens(keys: &Keys) -> [String; 9] {
    [
        session_token(None).sign(keys),
        page().sign(keys),
        page().sign_nested(keys),
        StaticToken { view_id: "phx-K1a9".to_owned(), flash: flash() }.sign(keys, now()),
        FlashToken { flash: flash() }.sign(keys, now()),
        ReloadToken { status: 404, page: Some(ReloadToken::page_of("/users")) }.sign(keys, now()),
        UploadToken { view: 7, grant: 9, upload: "phx-U1".to_owned(), entry: 3 }.sign(keys, now()),
        PollToken { server: 7, poll: [5; 16], batch: 2 }.sign(keys, now()),
        CsrfToken::issue(&session(), keys),
    ]
}

#[test]
fn what_was_signed_is_read_back() {
    let keys = keys();
    let [
        session_cookie,
        page_token,
        nested_token,
        static_token,
        flash_token,
        reload,
        upload,
        poll,
        csrf,
    ] = tokens(&keys);
    let read = SessionToken::verify(&session_cookie, &keys, now(), MAX_COOKIE_AGE).map(|it| it.0);
    assert_eq!(read, Ok(session_token(None)));
    let with_value = session_token(Some("{\"name\":\"Ann\"}"));
    let read =
        SessionToken::verify(&with_value.sign(&keys), &keys, now(), MAX_COOKIE_AGE).map(|it| it.0);
    assert_eq!(read, Ok(with_value));
    assert_eq!(PageToken::verify(&page_token, &keys, now()), Ok(page()));
    assert_eq!(PageToken::verify_nested(&nested_token, &keys, now()), Ok(page()));
    let expected = StaticToken { view_id: "phx-K1a9".to_owned(), flash: flash() };
    assert_eq!(StaticToken::verify(&static_token, &keys, now()), Ok(expected));
    assert_eq!(FlashToken::verify(&flash_token, &keys, now()), Ok(FlashToken { flash: flash() }));
    let read = ReloadToken::verify(&reload, &keys, now()).unwrap();
    assert_eq!((read.status, read.is_for("/users"), read.is_for("/admin")), (404, true, false));
    let of_any = ReloadToken { status: 413, page: None };
    assert_eq!(ReloadToken::verify(&of_any.sign(&keys, now()), &keys, now()), Ok(of_any));
    assert!(of_any.is_for("/admin"));
    let expected = UploadToken { view: 7, grant: 9, upload: "phx-U1".to_owned(), entry: 3 };
    assert_eq!(UploadToken::verify(&upload, &keys, now()), Ok(expected));
    let expected = PollToken { server: 7, poll: [5; 16], batch: 2 };
    assert_eq!(PollToken::verify(&poll, &keys, now()), Ok(expected));
    assert_eq!(CsrfToken::verify(&csrf, &session(), &keys), Ok(()));
}

#[test]
fn tokens_are_short_and_safe_in_attributes_cookies_and_urls() {
    let tokens = tokens(&keys());
    assert_eq!(tokens[0].len(), 50);
    assert_eq!(tokens[1].len(), 111);
    assert_eq!(tokens[5].len(), 42);
    assert_eq!(tokens[8].len(), 43);
    for token in tokens {
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
}

#[test]
fn a_token_of_one_purpose_never_serves_another() {
    let keys = keys();
    for (signed, token) in tokens(&keys).iter().enumerate() {
        for (read, (name, verify)) in KINDS.iter().enumerate() {
            assert_eq!(verify(token, &keys, now()).is_ok(), signed == read, "{signed} as {name}");
        }
    }
}

#[test]
fn a_change_of_any_bit_of_any_byte_is_refused() {
    let keys = keys();
    for (token, (name, verify)) in tokens(&keys).iter().zip(KINDS) {
        let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                let changed = URL_SAFE_NO_PAD.encode(changed);
                assert_eq!(verify(&changed, &keys, now()), Err(TokenError::Signature), "{name}");
            }
        }
    }
}

#[test]
fn a_change_of_any_character_is_refused() {
    let keys = keys();
    for (token, (name, verify)) in tokens(&keys).iter().zip(KINDS) {
        for at in 0..token.len() {
            for other in "AQgwB_-=+/ ".chars() {
                let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                if changed != *token {
                    assert!(verify(&changed, &keys, now()).is_err(), "{name} {at} {other}");
                }
            }
            assert!(verify(&token[..at], &keys, now()).is_err(), "{name} cut at {at}");
        }
        assert!(verify(&format!("{token}A"), &keys, now()).is_err(), "{name}");
    }
}

#[test]
fn another_secret_does_not_verify() {
    let other = Keys::derive(&SecretKeyBase::new(&"x".repeat(32)).unwrap(), "");
    for (token, (name, verify)) in tokens(&keys()).iter().zip(KINDS) {
        assert_eq!(verify(token, &other, now()), Err(TokenError::Signature), "{name}");
    }
}

#[test]
fn an_accepted_secret_is_believed_and_signs_nothing() {
    let [earlier, new] = ["e", "n"].map(|it| SecretKeyBase::new(&it.repeat(32)).unwrap());
    let only_earlier = Keys::derive(&earlier, "");
    let only_new = Keys::derive(&new, "");
    let both = Keys::derive(&new.accepting(earlier), "");
    for (token, (name, verify)) in tokens(&only_earlier).iter().zip(KINDS) {
        assert_eq!(verify(token, &both, now()), Ok(()), "{name}");
        assert_eq!(verify(token, &only_new, now()), Err(TokenError::Signature), "{name}");
    }
    for (token, (name, verify)) in tokens(&both).iter().zip(KINDS) {
        assert_eq!(verify(token, &only_new, now()), Ok(()), "{name}");
        assert_eq!(verify(token, &only_earlier, now()), Err(TokenError::Signature), "{name}");
    }
}

#[test]
fn a_token_lives_to_the_second_of_its_age() {
    let keys = keys();
    let max_ages = [400 * 86_400, 14 * 86_400, 14 * 86_400, 14 * 86_400, 60, 60, 600, 600];
    for ((token, (name, verify)), max_age) in tokens(&keys).iter().zip(KINDS).zip(max_ages) {
        assert_eq!(verify(token, &keys, after(max_age)), Ok(()), "{name}");
        assert_eq!(verify(token, &keys, after(max_age + 1)), Err(TokenError::Expired), "{name}");
    }
}

#[test]
fn a_clock_that_is_set_back_locks_nobody_out_and_gives_nothing_an_endless_life() {
    let keys = keys();
    let before = |seconds| now() - Duration::from_secs(seconds);
    // All but the last, which have no age.
    for (token, (name, verify)) in tokens(&keys).iter().zip(KINDS).take(KINDS.len() - 1) {
        for ahead in [90, 3600, 86_400] {
            assert_eq!(verify(token, &keys, before(ahead)), Ok(()), "{name}, {ahead} s");
        }
        assert_eq!(verify(token, &keys, before(86_401)), Err(TokenError::Expired), "{name}");
    }
}

#[test]
fn the_issue_time_keeps_whole_seconds_and_saturates() {
    let keys = keys();
    let read_back = |issued_at| {
        let token = PageToken { issued_at, ..page() }.sign(&keys);
        PageToken::verify(&token, &keys, issued_at).unwrap().issued_at
    };
    assert_eq!(read_back(now() + Duration::from_millis(900)), now());
    assert_eq!(read_back(UNIX_EPOCH - Duration::from_secs(1)), UNIX_EPOCH);
}

#[test]
fn signature_comes_before_version_and_version_before_age() {
    let keys = keys();
    let long_ago = UNIX_EPOCH;
    let token = seal_version(&keys, Purpose::Flash, long_ago, b"\x00", 9);
    assert_eq!(FlashToken::verify(&token, &keys, now()), Err(TokenError::Version(9)));
    let mut forged = token.clone().into_bytes();
    forged[0] = b'A';
    let forged = String::from_utf8(forged).unwrap();
    assert_eq!(FlashToken::verify(&forged, &keys, now()), Err(TokenError::Signature));
}

#[test]
fn a_signed_payload_of_the_wrong_shape_is_refused() {
    let keys = keys();
    for payload in [
        &b""[..],
        b"\x01",
        b"\x01\x02a",
        b"\x01\x01\xff\x00",
        b"\x00\x00",
        b"\xff\xff\xff\xff\xff\xff\xff",
        b"\xff\xff\xff\xff\x0f",
    ] {
        let token = seal(&keys, Purpose::Flash, now(), payload);
        assert_eq!(FlashToken::verify(&token, &keys, now()), Err(TokenError::Payload));
    }
}

#[test]
fn what_is_too_short_to_be_signed_is_malformed() {
    let keys = keys();
    for (name, verify) in KINDS {
        for text in ["", "A", "AAAA", "????", "ä", "AAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(verify(text, &keys, now()), Err(TokenError::Malformed), "{name} {text}");
        }
    }
}

#[test]
fn csrf_tokens_differ_each_time_and_belong_to_one_session() {
    let keys = keys();
    let (first, second) =
        (CsrfToken::issue(&session(), &keys), CsrfToken::issue(&session(), &keys));
    assert_ne!(first, second);
    let other = SessionId::random();
    assert_eq!(CsrfToken::verify(&first, &other, &keys), Err(TokenError::Signature));
}

#[test]
fn session_ids_are_random_and_secrets_are_not_shown() {
    assert_ne!(SessionId::random(), SessionId::random());
    assert_eq!(format!("{:?}", session()), "SessionId(redacted)");
    assert_eq!(format!("{:?}", keys()), "Keys(redacted)");
    let secret = SecretKeyBase::new(&SecretKeyBase::generate()).unwrap();
    assert_eq!(format!("{secret:?}"), "SecretKeyBase(redacted)");
    assert!(!format!("{:?}", page()).contains("7, 7"));
}

#[test]
fn a_secret_below_32_bytes_is_refused() {
    assert!(SecretKeyBase::new(&"x".repeat(32)).is_ok());
    let error = SecretKeyBase::new(&"x".repeat(31)).expect_err("too short");
    assert_eq!(error, SecretError::TooShort { n_bytes: 31 });
    assert_eq!(error.to_string(), "the secret key base has 31 bytes, at least 32 are needed");
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), like_a_token in "[A-Za-z0-9_-]{0,120}") {
        for (_, verify) in KINDS {
            prop_assert!(verify(&text, &keys(), now()).is_err());
            prop_assert!(verify(&like_a_token, &keys(), now()).is_err());
        }
    }

    #[test]
    fn no_signed_payload_panics(payload in prop::collection::vec(any::<u8>(), 0..80)) {
        let keys = keys();
        let _ = PageToken::verify(&seal(&keys, Purpose::Page, now(), &payload), &keys, now());
        let _ = StaticToken::verify(&seal(&keys, Purpose::Static, now(), &payload), &keys, now());
    }

    #[test]
    fn texts_of_any_length_survive(view_id in "\\PC{0,300}", view_name in any::<String>()) {
        let keys = keys();
        let group = if view_id.len() % 2 == 0 { Group::default() } else { Group::named(&view_name) };
        let token = PageToken { view_id, view_name, group, ..page() };
        prop_assert_eq!(PageToken::verify(&token.sign(&keys), &keys, now()), Ok(token));
    }
}

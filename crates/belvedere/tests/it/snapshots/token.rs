//! A snapshot as it travels.

use std::time::{Duration, SystemTime};

use belvedere::wire::token::{
    Keys, SnapshotComponent, SnapshotHandle, SnapshotOwner, SnapshotToken, TokenError,
};
use belvedere::{SecretKeyBase, SessionId};
use proptest::prelude::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn keys() -> Keys {
    keys_at("")
}

fn token(state: &str) -> SnapshotToken {
    let owner = SnapshotOwner::new(SessionId::from_bytes([7; 16]), "web::Desk", "", "/desk?page=3");
    let build = "0.2.0".to_owned();
    let name = SnapshotComponent::name_of("web::Card", &7);
    let components = vec![SnapshotComponent { name, version: 1, state: "[]".to_owned() }];
    SnapshotToken { owner, build, version: 3, components, state: state.to_owned() }
}

#[test]
fn it_is_believed_for_its_time() {
    let (keys, now) = (keys(), SystemTime::now());
    let sealed = token("7").seal(&keys, now);
    let opened = |after| SnapshotToken::open(&sealed, &keys, now + after, DAY);
    assert_eq!(opened(Duration::ZERO), Ok(token("7")));
    assert_eq!(opened(DAY - Duration::from_secs(1)), Ok(token("7")));
    assert_eq!(opened(DAY + Duration::from_secs(1)), Err(TokenError::Expired));
    let earlier = SnapshotToken::open(&sealed, &keys, now - DAY, DAY);
    assert_eq!(earlier, Ok(token("7")), "the clocks of servers differ");
}

#[test]
fn each_word_of_its_owner_counts() {
    let of = |session: u8, view, place, url| {
        SnapshotOwner::new(SessionId::from_bytes([session; 16]), view, place, url)
    };
    let own = of(1, "Desk", "", "/desk");
    assert_eq!(own.differs(&own), None);
    for (other, word) in [
        (of(2, "Desk", "", "/desk"), "session"),
        (of(1, "Shelf", "", "/desk"), "view"),
        (of(1, "Desk", "left", "/desk"), "place"),
        (of(1, "Desk", "", "/desk?page=2"), "url"),
    ] {
        assert_eq!(own.differs(&other), Some(word));
    }
}

#[test]
fn nothing_of_it_can_be_read_nor_changed() {
    let (keys, now) = (keys(), SystemTime::now());
    let state = "a secret of the visitor";
    let sealed = token(state).seal(&keys, now);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        assert!(SnapshotToken::open(&changed, &keys, now, DAY).is_err(), "letter {at}");
    }
    let other = SecretKeyBase::new(&"t".repeat(64)).expect("64 bytes are enough");
    for other in [Keys::derive(&other, ""), keys_at("/tools")] {
        let opened = SnapshotToken::open(&sealed, &other, now, DAY);
        assert_eq!(opened, Err(TokenError::Signature));
    }
}

#[test]
fn one_of_an_earlier_secret_is_read_and_none_is_written() {
    let [earlier, new] = ["e", "n"].map(|letter| SecretKeyBase::new(&letter.repeat(64)));
    let (earlier, new) = (earlier.expect("long enough"), new.expect("long enough"));
    let both = Keys::derive(&new.clone().accepting(earlier.clone()), "");
    let [earlier, new] = [earlier, new].map(|secret| Keys::derive(&secret, ""));
    let now = SystemTime::now();
    let opened = |sealed: &str, keys: &Keys| SnapshotToken::open(sealed, keys, now, DAY);
    assert_eq!(opened(&token("7").seal(&earlier, now), &both), Ok(token("7")));
    let written = token("7").seal(&both, now);
    assert_eq!(opened(&written, &new), Ok(token("7")));
    assert_eq!(opened(&written, &earlier), Err(TokenError::Signature));
}

#[test]
fn a_handle_is_as_long_as_all_of_them_and_no_snapshot() {
    let (keys, now) = (keys(), SystemTime::now());
    let handle = SnapshotHandle { session_id: SessionId::from_bytes([7; 16]), key: [3; 16] };
    let sealed = handle.seal(&keys, now);
    assert_eq!(sealed.len(), SnapshotHandle::TEXT_BYTES);
    assert_eq!(SnapshotHandle::open(&sealed, &keys), Ok(handle));
    assert_eq!(SnapshotToken::open(&sealed, &keys, now, DAY), Err(TokenError::Version(3)));
    let snapshot = token("").seal(&keys, now);
    assert!(snapshot.len() > SnapshotHandle::TEXT_BYTES);
    assert_eq!(SnapshotHandle::open(&snapshot, &keys), Err(TokenError::Version(4)));
    assert_eq!(SnapshotHandle::open(&sealed, &keys_at("/tools")), Err(TokenError::Signature));
}

/// Of another application at the same secret.
fn keys_at(base_path: &str) -> Keys {
    Keys::derive(&SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes are enough"), base_path)
}

proptest! {
    #[test]
    fn what_is_sealed_is_opened_as_it_was(
        state in ".{0,200}",
        build in ".{0,20}",
        version: u32,
    ) {
        let token = SnapshotToken { build, version, ..token(&state) };
        let now = SystemTime::now();
        let opened = SnapshotToken::open(&token.seal(&keys(), now), &keys(), now, DAY);
        prop_assert_eq!(opened, Ok(token));
    }

    #[test]
    fn no_text_is_taken_for_one(text in "[A-Za-z0-9_-]{0,200}|.{0,100}") {
        prop_assert!(SnapshotToken::open(&text, &keys(), SystemTime::now(), DAY).is_err());
    }
}

//! Signed tokens: what was signed is read back; with a bit changed, cut, of another purpose, of another
//! base path or too old it is refused; what nobody signed is refused, and whatever stands behind a true
//! signature is read or refused.

use std::time::{Duration, SystemTime};

use belvedere::SessionId;
use belvedere::wire::token::{
    BusKey, CsrfToken, FlashToken, Keys, MAX_COOKIE_AGE, PageToken, PollToken, ReloadToken,
    SecretKeyBase, SessionToken, StaticToken, TokenError, UploadToken,
};

use crate::dice::Dice;
use crate::opened::{altered, at, keys, signed};

/// A kind of token.
struct Kind {
    /// In the label of its key.
    purpose: &'static str,
    max_age_seconds: u64,
    /// One of any texts and numbers, which is read back.
    any: fn(&mut Dice<'_>, &Keys, SystemTime) -> String,
    /// What a token says, signed again.
    again: fn(&str, &Keys, SystemTime) -> Result<String, TokenError>,
}

const DAY: u64 = 86_400;

const KINDS: [Kind; 9] = [
    Kind {
        purpose: "session-cookie",
        max_age_seconds: 400 * DAY,
        any: session,
        again: |text, keys, now| {
            SessionToken::verify(text, keys, now, MAX_COOKIE_AGE).map(|(token, _)| token.sign(keys))
        },
    },
    Kind {
        purpose: "page",
        max_age_seconds: 14 * DAY,
        any: |dice, keys, now| {
            let token = page(dice, now);
            let text = token.sign(keys);
            is_read(&token, PageToken::verify(&text, keys, now), text)
        },
        again: |text, keys, now| PageToken::verify(text, keys, now).map(|token| token.sign(keys)),
    },
    Kind {
        purpose: "nested-view",
        max_age_seconds: 14 * DAY,
        any: |dice, keys, now| {
            let token = page(dice, now);
            let text = token.sign_nested(keys);
            is_read(&token, PageToken::verify_nested(&text, keys, now), text)
        },
        again: |text, keys, now| {
            PageToken::verify_nested(text, keys, now).map(|token| token.sign_nested(keys))
        },
    },
    Kind {
        purpose: "layout-view",
        max_age_seconds: 14 * DAY,
        any: |dice, keys, now| {
            let token = page(dice, now);
            let text = token.sign_in_layout(keys);
            is_read(&token, PageToken::verify_in_layout(&text, keys, now), text)
        },
        again: |text, keys, now| {
            PageToken::verify_in_layout(text, keys, now).map(|token| token.sign_in_layout(keys))
        },
    },
    Kind {
        purpose: "static",
        max_age_seconds: 14 * DAY,
        any: |dice, keys, now| {
            let token = StaticToken { view_id: dice.text(255), flash: flash(dice) };
            let text = token.sign(keys, now);
            is_read(&token, StaticToken::verify(&text, keys, now), text)
        },
        again: |text, keys, now| StaticToken::verify(text, keys, now).map(|it| it.sign(keys, now)),
    },
    Kind {
        purpose: "flash",
        max_age_seconds: 60,
        any: |dice, keys, now| {
            let token = FlashToken { flash: flash(dice) };
            let text = token.sign(keys, now);
            is_read(&token, FlashToken::verify(&text, keys, now), text)
        },
        again: |text, keys, now| FlashToken::verify(text, keys, now).map(|it| it.sign(keys, now)),
    },
    Kind {
        purpose: "reload-status",
        max_age_seconds: 60,
        any: |dice, keys, now| {
            let status = u16::from_be_bytes(dice.array());
            let token = ReloadToken { status, page: dice.flag().then(|| dice.array()) };
            let text = token.sign(keys, now);
            is_read(&token, ReloadToken::verify(&text, keys, now), text)
        },
        again: |text, keys, now| ReloadToken::verify(text, keys, now).map(|it| it.sign(keys, now)),
    },
    Kind {
        purpose: "upload",
        max_age_seconds: 600,
        any: |dice, keys, now| {
            let (view, grant, entry) = (dice.number(), dice.number(), dice.number());
            let token = UploadToken { view, grant, upload: dice.text(255), entry };
            let text = token.sign(keys, now);
            is_read(&token, UploadToken::verify(&text, keys, now), text)
        },
        again: |text, keys, now| UploadToken::verify(text, keys, now).map(|it| it.sign(keys, now)),
    },
    Kind {
        purpose: "poll",
        max_age_seconds: 600,
        any: |dice, keys, now| {
            let (server, batch) = (dice.number(), dice.number());
            let token = PollToken { server, poll: dice.array(), batch };
            let text = token.sign(keys, now);
            is_read(&token, PollToken::verify(&text, keys, now), text)
        },
        again: |text, keys, now| PollToken::verify(text, keys, now).map(|it| it.sign(keys, now)),
    },
];

fn session(dice: &mut Dice<'_>, keys: &Keys, now: SystemTime) -> String {
    let id = SessionId::from_bytes(dice.array());
    let value = Some(dice.text(255)).filter(|value| !value.is_empty()).map(Into::into);
    let token = SessionToken { id, value, issued_at: now };
    let text = token.sign(keys);
    let read = SessionToken::verify(&text, keys, now, MAX_COOKIE_AGE);
    is_read(&token, read.map(|(token, _)| token), text)
}

fn page(dice: &mut Dice<'_>, now: SystemTime) -> PageToken {
    let view_id = dice.text(255);
    let instance = if dice.flag() { format!("i{}", dice.text(32)) } else { view_id.clone() };
    PageToken {
        view_id,
        instance,
        view_name: dice.text(255),
        group: Default::default(),
        session_id: SessionId::from_bytes(dice.array()),
        trace: dice.array(),
        issued_at: now,
    }
}

fn flash(dice: &mut Dice<'_>) -> Vec<(String, String)> {
    (0..dice.below(5)).map(|_| (dice.text(32), dice.text(255))).collect()
}

fn is_read<T: PartialEq>(token: &T, read: Result<T, TokenError>, text: String) -> String {
    assert!(read.as_ref() == Ok(token), "not as it was signed: {text}");
    text
}

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let keys = keys("");
    match dice.below(4) {
        0 => nobody_signed(&String::from_utf8_lossy(dice.rest()), &keys),
        1 => whatever_was_signed(&mut dice, &keys),
        2 => of_a_session(&mut dice, &keys),
        _ => {
            let kind = &KINDS[dice.below(KINDS.len())];
            let seconds = u32::from_be_bytes(dice.array());
            let token = (kind.any)(&mut dice, &keys, at(seconds));
            is_refused_otherwise(&mut dice, kind, &token, seconds, &keys);
        }
    }
}

fn nobody_signed(text: &str, keys: &Keys) {
    for kind in &KINDS {
        assert!((kind.again)(text, keys, at(1)).is_err(), "{text} as {}", kind.purpose);
    }
    assert!(CsrfToken::verify(text, &SessionId::from_bytes([7; 16]), keys).is_err());
    assert_eq!(bus().verify(text), None);
}

fn bus() -> BusKey {
    BusKey::derive(&SecretKeyBase::new(&"bus".repeat(16)).expect("48 bytes"))
}

/// A payload that the runtime does not write, or not any more. What can be read of it can be written.
fn whatever_was_signed(dice: &mut Dice<'_>, keys: &Keys) {
    let kind = &KINDS[dice.below(KINDS.len())];
    let version = if dice.below(16) == 15 { dice.byte() } else { 1 };
    let seconds = u32::from_be_bytes(dice.array());
    let token = signed(kind.purpose, version, seconds, dice.rest());
    let read = (kind.again)(&token, keys, at(seconds));
    match read {
        Ok(again) => {
            assert_eq!(version, 1);
            assert_eq!((kind.again)(&again, keys, at(seconds)).as_ref(), Ok(&again));
            is_refused_otherwise(dice, kind, &token, seconds, keys);
        }
        Err(error) if version != 1 => assert_eq!(error, TokenError::Version(version)),
        Err(error) => assert_eq!(error, TokenError::Payload),
    }
}

fn of_a_session(dice: &mut Dice<'_>, keys: &Keys) {
    let session = SessionId::from_bytes(dice.array());
    let token = CsrfToken::issue(&session, keys);
    assert_eq!(CsrfToken::verify(&token, &session, keys), Ok(()));
    let (place, bit) = (usize::from(dice.byte()), dice.byte());
    let altered = altered(&token, place, bit);
    assert_eq!(CsrfToken::verify(&altered, &session, keys), Err(TokenError::Signature));
    let mut other = *session.as_bytes();
    other[place % 16] ^= 1 << (bit % 8);
    let other = SessionId::from_bytes(other);
    assert_eq!(CsrfToken::verify(&token, &other, keys), Err(TokenError::Signature));
    assert!(CsrfToken::verify(&token[..place % token.len()], &session, keys).is_err());
    let text = String::from_utf8_lossy(dice.rest());
    let said = bus().sign(&text);
    assert_eq!(bus().verify(&said), Some(&*text));
    let mut heard = said.into_bytes();
    let place = place % heard.len();
    heard[place] ^= 1 << (bit % 8);
    if let Ok(heard) = String::from_utf8(heard) {
        assert_eq!(bus().verify(&heard), None);
    }
}

fn is_refused_otherwise(dice: &mut Dice<'_>, kind: &Kind, token: &str, seconds: u32, own: &Keys) {
    let (place, bit) = (usize::from(u16::from_be_bytes(dice.array())), dice.byte());
    let changed = altered(token, place, bit);
    assert_eq!((kind.again)(&changed, own, at(seconds)), Err(TokenError::Signature));
    assert!((kind.again)(&token[..place % token.len()], own, at(seconds)).is_err(), "cut");
    assert!((kind.again)(&format!("{token}A"), own, at(seconds)).is_err(), "longer");
    let elsewhere = (kind.again)(token, &keys("/elsewhere"), at(seconds));
    assert_eq!(elsewhere, Err(TokenError::Signature), "at another base path");
    for other in KINDS.iter().filter(|other| other.purpose != kind.purpose) {
        let read = (other.again)(token, own, at(seconds));
        assert_eq!(read, Err(TokenError::Signature), "{} as {}", kind.purpose, other.purpose);
    }
    let old = at(seconds) + Duration::from_secs(kind.max_age_seconds);
    assert!((kind.again)(token, own, old).is_ok(), "in its last second");
    let old = (kind.again)(token, own, old + Duration::from_secs(1));
    assert_eq!(old, Err(TokenError::Expired));
}

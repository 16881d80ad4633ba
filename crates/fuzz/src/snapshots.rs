//! Snapshots: what was sealed is opened as it was; with a bit changed, cut or too old it is refused;
//! whatever was sealed with the right key is read or refused.

use std::time::Duration;

use belvedere::SessionId;
use belvedere::wire::token::{SnapshotComponent, SnapshotOwner, SnapshotToken, TokenError};

use crate::dice::Dice;
use crate::opened::{altered, at, keys, sealed};

/// The one that is read.
const VERSION: u8 = 4;

const MAX_AGE: Duration = Duration::from_secs(86_400);

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    let keys = keys("");
    let open = |text: &str, seconds| SnapshotToken::open(text, &keys, at(seconds), MAX_AGE);
    let kind = dice.below(3);
    if kind == 0 {
        let text = String::from_utf8_lossy(dice.rest());
        assert!(open(&text, 0).is_err(), "nobody sealed {text}");
        return;
    }
    let seconds = u32::from_be_bytes(dice.array()) / 2;
    let (place, bit) = (usize::from(u16::from_be_bytes(dice.array())), dice.byte());
    let (text, token) = if kind == 1 {
        let token = token(&mut dice);
        let text = token.seal(&keys, at(seconds));
        assert_eq!(open(&text, seconds), Ok(token.clone()));
        (text, token)
    } else {
        let version = if dice.below(16) == 15 { dice.byte() } else { VERSION };
        let text = sealed(version, seconds, dice.array(), dice.rest());
        match open(&text, seconds) {
            Ok(token) => {
                assert_eq!(version, VERSION);
                assert_eq!(open(&token.seal(&keys, at(seconds)), seconds), Ok(token.clone()));
                (text, token)
            }
            Err(TokenError::Version(read)) => {
                return assert!(read == version && version != VERSION);
            }
            Err(error) => return assert_eq!(error, TokenError::Payload),
        }
    };
    let owner = SnapshotOwner::new(token.owner.session_id, "none", "none", "none");
    assert_eq!(token.owner.differs(&token.owner), None);
    assert!(token.owner.differs(&owner).is_some());
    let changed = altered(&text, place, bit);
    assert_eq!(open(&changed, seconds), Err(TokenError::Signature));
    assert!(open(&text[..place % text.len()], seconds).is_err());
    let elsewhere = SnapshotToken::open(&text, &crate::opened::keys("/a"), at(seconds), MAX_AGE);
    assert_eq!(elsewhere, Err(TokenError::Signature));
    assert_eq!(open(&text, seconds + 86_400), Ok(token));
    assert_eq!(open(&text, seconds + 86_401), Err(TokenError::Expired));
}

fn token(dice: &mut Dice<'_>) -> SnapshotToken {
    let session_id = SessionId::from_bytes(dice.array());
    let owner = SnapshotOwner::new(session_id, &dice.text(32), &dice.text(8), &dice.text(64));
    let (build, version) = (dice.text(64), dice.number() as u32);
    let component = |dice: &mut Dice<'_>| {
        let (name, version) = (dice.array(), dice.number() as u32);
        SnapshotComponent { name, version, state: dice.text(64) }
    };
    let components = (0..dice.below(4)).map(|_| component(dice)).collect();
    let state = String::from_utf8_lossy(dice.rest()).into_owned();
    SnapshotToken { owner, build, version, components, state }
}

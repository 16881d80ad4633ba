//! What of a flash passes over a redirect or to a join. It travels in a cookie, and browsers refuse
//! large ones without a word; or in the page's join, which has a bound of its own.

/// Of which a browser keeps a cookie of so many bytes, name and value together (RFC 6265 §6.1).
const MAX_COOKIE_BYTES: usize = 4096;

/// The cookie's name and the sign after it, with room for one of a few characters more.
const NAME_BYTES: usize = 32;

/// What a token holds beside its messages: version, time, signature, their number.
const TOKEN_BYTES: usize = 24;

/// Bytes of messages that a token of the right size holds; its text has four for three of them.
pub(super) const MAX_COOKIE_FLASH_BYTES: usize =
    (MAX_COOKIE_BYTES - NAME_BYTES) / 4 * 3 - TOKEN_BYTES;

/// What each message takes beside its kind and text: the length of either.
const LENGTHS_BYTES: usize = 4;

/// A message is cut to no less; of more than fit so, the newest are kept.
const MIN_TEXT_BYTES: usize = 32;

/// Stands for what was cut.
const ELLIPSIS: &str = "…";

/// Cuts the longest messages, and drops the oldest where there are too many, until they fit into
/// `max_bytes`. True when anything was lost.
pub(super) fn to(max_bytes: usize, messages: &mut Vec<(String, String)>) -> bool {
    if n_bytes(messages, usize::MAX) <= max_bytes {
        return false;
    }
    let n_dropped =
        (0..messages.len()).find(|&first| n_bytes(&messages[first..], MIN_TEXT_BYTES) <= max_bytes);
    messages.drain(..n_dropped.unwrap_or(messages.len()));
    let limit = longest(messages, max_bytes);
    messages.iter_mut().for_each(|(_, text)| cut(text, limit));
    true
}

/// What messages take whose texts are no longer than `limit`.
fn n_bytes(messages: &[(String, String)], limit: usize) -> usize {
    let of_one =
        |(kind, text): &(String, String)| kind.len() + text.len().min(limit) + LENGTHS_BYTES;
    messages.iter().map(of_one).sum()
}

/// The greatest limit under which all fit.
fn longest(messages: &[(String, String)], max_bytes: usize) -> usize {
    let (mut fits, mut does_not) = (MIN_TEXT_BYTES, max_bytes.max(MIN_TEXT_BYTES) + 1);
    while does_not - fits > 1 {
        let limit = fits.midpoint(does_not);
        if n_bytes(messages, limit) <= max_bytes { fits = limit } else { does_not = limit }
    }
    fits
}

/// Cuts a text that is longer than `limit`, between two characters.
fn cut(text: &mut String, limit: usize) {
    if text.len() > limit {
        let mut ends = (0..=limit.saturating_sub(ELLIPSIS.len())).rev();
        text.truncate(ends.find(|&end| text.is_char_boundary(end)).unwrap_or_default());
        text.push_str(ELLIPSIS);
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use proptest::prelude::*;

    use super::*;
    use crate::flash::Flash;
    use crate::wire::token::{FlashToken, Keys, SecretKeyBase};

    /// The cookie and what the next page reads from it.
    fn carried(messages: Vec<(String, String)>) -> (usize, Vec<(String, String)>) {
        let keys = Keys::derive(&SecretKeyBase::random(), "");
        let now = SystemTime::now();
        let Some(token) = Flash::from_pairs(messages).into_token(&keys, now) else {
            return (0, Vec::new());
        };
        let cookie = format!("__phoenix_flash__={token}");
        (cookie.len(), FlashToken::verify(&token, &keys, now).expect("our own token").flash)
    }

    fn message(kind: &str, text: String) -> (String, String) {
        (kind.to_owned(), text)
    }

    #[test]
    fn what_fits_is_carried_whole() {
        let text = "x".repeat(3000);
        assert_eq!(carried(vec![message("info", text.clone())]).1, [message("info", text)]);
    }

    #[test]
    fn a_long_text_ends_with_an_ellipsis_between_characters() {
        for letter in ["x", "ж", "中", "🙂"] {
            let (n_bytes, flash) = carried(vec![message("info", letter.repeat(5000))]);
            let [(kind, text)] = flash.as_slice() else { panic!("one message") };
            assert_eq!(kind, "info");
            let kept = text.strip_suffix('…').expect("an ellipsis");
            assert_eq!(kept, letter.repeat(kept.chars().count()));
            assert!((MAX_COOKIE_BYTES - 64..=MAX_COOKIE_BYTES).contains(&n_bytes), "{n_bytes}");
        }
    }

    #[test]
    fn only_the_longest_of_several_are_cut() {
        let short = message("info", "Saved.".to_owned());
        let long = [message("error", "e".repeat(9000)), message("note", "n".repeat(2000))];
        let (_, flash) = carried([vec![short.clone()], long.to_vec()].concat());
        assert_eq!(flash[0], short);
        assert_eq!(flash[1].1.len(), flash[2].1.len());
    }

    #[test]
    fn of_too_many_the_newest_are_kept() {
        let many: Vec<_> = (0..1000).map(|n| message(&n.to_string(), "t".repeat(50))).collect();
        let (_, flash) = carried(many);
        assert!(flash.len() > 50);
        assert_eq!(flash.last().expect("some").0, "999");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_flash_fits_into_a_cookie(
            messages in prop::collection::vec(("\\PC{0,9}", "\\PC{0,900}"), 0..40)
        ) {
            let (n_bytes, flash) = carried(messages.clone());
            prop_assert!(n_bytes <= MAX_COOKIE_BYTES, "{}", n_bytes);
            prop_assert!(flash.len() <= messages.len());
        }
    }
}

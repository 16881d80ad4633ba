//! A field's name as the keys that it is made of.

use std::ops::Range;

/// Where the keys of a field's name stand in it: `user[tags][]` has `user`, `tags` and the empty key of a
/// list. A name whose brackets do not pair up is one key.
pub(in crate::event) fn keys(name: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let at = name.iter().position(|byte| *byte == b'[').unwrap_or_default();
    let is_path = at > 0 && pair_up(&name[at..]);
    let (end_of_first, mut rest) = if is_path { (at, at) } else { (name.len(), name.len()) };
    let inner = std::iter::from_fn(move || {
        let start = rest + 1;
        let n_bytes = name.get(start..)?.iter().position(|byte| *byte == b']')?;
        rest = start + n_bytes + 1;
        Some(start..start + n_bytes)
    });
    std::iter::once(0..end_of_first).chain(inner)
}

/// Whether each bracket is closed before the next one, and nothing stands between two pairs.
fn pair_up(brackets: &[u8]) -> bool {
    let mut is_open = false;
    for byte in brackets {
        is_open = match (is_open, byte) {
            (false, b'[') => true,
            (true, b']') => false,
            (true, b'[') | (false, _) => return false,
            (true, _) => true,
        };
    }
    !is_open
}

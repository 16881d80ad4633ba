//! The names of an enum of events that takes in those of others, put together while it is compiled.

/// How many names there are.
#[must_use]
pub const fn n_names(lists: &[&[&str]]) -> usize {
    let (mut n, mut list) = (0, 0);
    while list < lists.len() {
        n += lists[list].len();
        list += 1;
    }
    n
}

/// All names, one list after the other.
///
/// # Panics
/// When two are alike, which does not compile.
#[must_use]
pub const fn names<const N: usize>(lists: &[&[&'static str]]) -> [&'static str; N] {
    let mut names = [""; N];
    let (mut n, mut list) = (0, 0);
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            let name = lists[list][index];
            assert!(
                !has(&names, name),
                "two events have one name on the wire: give one of them another with \
                 `#[live_event(name = \"…\")]`"
            );
            names[n] = name;
            n += 1;
            index += 1;
        }
        list += 1;
    }
    names
}

const fn has(names: &[&str], name: &str) -> bool {
    let mut index = 0;
    while index < names.len() {
        if is_same(names[index], name) {
            return true;
        }
        index += 1;
    }
    false
}

/// Whether two names are alike.
pub(super) const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}

//! The attributes that the browser's client looks for, so that a misspelt one does not compile.
//!
//! Source of the list: what the pinned client reads under its prefix `phx-`.

/// What stands before the name of each of [`BINDINGS`].
const PREFIX: &str = "phx-";

/// Begins the names that authors choose: `phx-value-id`.
const OPEN: &str = "value-";

const BINDINGS: [&str; 33] = [
    "auto-recover",
    "blur",
    "change",
    "click",
    "click-away",
    "connected",
    "debounce",
    "disable-with",
    "disconnected",
    "drop-target",
    "focus",
    "hook",
    "key",
    "keydown",
    "keyup",
    "mounted",
    "no-unused-field",
    "patch-focused",
    "progress",
    "remove",
    "submit",
    "target",
    "throttle",
    "track-static",
    "trigger-action",
    "update",
    "viewport-bottom",
    "viewport-overrun-target",
    "viewport-top",
    "window-blur",
    "window-focus",
    "window-keydown",
    "window-keyup",
];

/// What is wrong with an attribute's name, if the client would ignore it.
pub(super) fn problem(attribute: &str) -> Option<String> {
    let name = attribute.strip_prefix(PREFIX)?;
    let is_open = name.strip_prefix(OPEN).is_some_and(|chosen| !chosen.is_empty());
    if is_open || BINDINGS.contains(&name) {
        return None;
    }
    let meant = nearest(name)
        .map_or_else(String::new, |nearest| format!("did you mean `{PREFIX}{nearest}`? "));
    Some(format!(
        "the browser's client knows no attribute `{attribute}`\nhelp: {meant}what a script of your own \
         reads is called `data-…`"
    ))
}

/// The binding that is begun, or else differs in less than half of the letters.
fn nearest(name: &str) -> Option<&'static str> {
    if name.starts_with("value") {
        return Some("value-…");
    }
    let begun = BINDINGS.into_iter().find(|binding| binding.starts_with(name) && !name.is_empty());
    let nearest = || BINDINGS.into_iter().min_by_key(|binding| distance(name, binding));
    begun.or_else(|| nearest().filter(|binding| distance(name, binding) * 2 < name.len()))
}

/// How many characters are to be inserted, removed or replaced (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (at, other) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(row[at] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested() {
        for (misspelt, meant) in [
            ("clik", "click"),
            ("on-click", "click"),
            ("sumbit", "submit"),
            ("windowkeydown", "window-keydown"),
            ("values-id", "value-…"),
            ("value-", "value-…"),
            ("disable", "disable-with"),
        ] {
            let attribute = format!("phx-{misspelt}");
            let problem = problem(&attribute).expect(misspelt);
            assert!(problem.contains(&format!("`phx-{meant}`")), "{misspelt}: {problem}");
        }
    }

    #[test]
    fn a_name_like_none_has_no_suggestion() {
        for name in ["phx-no-feedback", "phx-", "phx-é"] {
            assert!(!problem(name).expect(name).contains("did you mean"), "{name}");
        }
    }

    #[test]
    fn what_the_client_knows_and_what_is_not_its_own_stays() {
        for name in ["phx-click", "phx-value-id", "phx-hook", "data-phx-link", "title", "phx"] {
            assert_eq!(problem(name), None);
        }
    }
}

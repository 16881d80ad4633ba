//! What `Belvedere.connect` measures where a template leaves it to the browser: where a click was, which
//! keys were held. A command says which of these its event asks for, so that no other grows by them:
//!
//! ```text
//! [["push",{"event":"place","brings":"offset_x offset_y"}]]
//! ```
//!
//! `client/belvedere.js` measures them. What the client brings of itself, as `key` and `value`, is not
//! among them.

/// What can be asked for, by its name on the wire.
pub(crate) const MEASURED: [(&str, Kind); 14] = [
    ("alt_key", Kind::Flag),
    ("client_x", Kind::Pixels),
    ("client_y", Kind::Pixels),
    ("code", Kind::Text),
    ("ctrl_key", Kind::Flag),
    ("element_height", Kind::Pixels),
    ("element_width", Kind::Pixels),
    ("meta_key", Kind::Flag),
    ("offset_x", Kind::Pixels),
    ("offset_y", Kind::Pixels),
    ("page_x", Kind::Pixels),
    ("page_y", Kind::Pixels),
    ("repeat", Kind::Flag),
    ("shift_key", Kind::Flag),
];

/// What a measured value is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Pixels,
    Text,
}

/// Whether the browser's script measures what is called so.
pub(super) fn is_measured(key: &str) -> bool {
    MEASURED.iter().any(|(name, _)| *name == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_script_measures_each() {
        let script = include_str!("../../client/belvedere.js");
        for (name, _) in MEASURED {
            assert!(script.contains(&format!("{name}: ")), "{name}");
        }
    }
}

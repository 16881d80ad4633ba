//! Texts of others, kept within a bound.

/// The beginning of a text: at most `max_bytes` of it, ending between two characters.
pub(crate) fn beginning(text: &str, max_bytes: usize) -> &str {
    let mut ends = (0..=max_bytes.min(text.len())).rev();
    &text[..ends.find(|&end| text.is_char_boundary(end)).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::beginning;

    #[test]
    fn a_character_is_kept_whole_or_not_at_all() {
        assert_eq!(beginning("aé", 2), "a");
        assert_eq!(beginning("aé", 3), "aé");
        assert_eq!(beginning("é", 1), "");
        assert_eq!(beginning("", 9), "");
    }
}

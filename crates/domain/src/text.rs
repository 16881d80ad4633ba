//! What may stand in a name or a task: a line that its readers see as it was written.

/// Why a text is no such line; each completes a sentence about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A line break, a tab, NUL and the like.
    #[error("holds a line break or another control character")]
    Control,
    /// A sign that turns the direction of what follows it, also of what the page says around the text.
    #[error("holds a sign that turns the direction of writing")]
    Direction,
    /// Something, of which nothing is seen.
    #[error("shows nothing")]
    Unseen,
}

/// What is wrong with a text, if anything is. Signs of which nothing is seen may stand beside others: scripts
/// and emoji need some of them. An empty text is the database's to refuse.
#[must_use]
pub fn unfit(text: &str) -> Option<Unfit> {
    if text.contains(is_control) {
        Some(Unfit::Control)
    } else if text.contains(turns_direction) {
        Some(Unfit::Direction)
    } else if !text.is_empty() && text.chars().all(is_unseen) {
        Some(Unfit::Unseen)
    } else {
        None
    }
}

/// The text with `\u{fffd}` for each sign that has no place in such a line: for what is shown and cannot be refused,
/// such as a file's name.
#[must_use]
pub fn shown(text: &str) -> String {
    text.replace(|letter: char| is_control(letter) || turns_direction(letter), "\u{fffd}")
}

/// Control characters, and the separators of lines and of paragraphs, which Unicode does not count among them.
fn is_control(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates, which stay open beyond the text. The marks U+200E, U+200F and U+061C
/// do not.
fn turns_direction(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Blanks, and Unicode's `Default_Ignorable_Code_Point`, which no library here knows; the empty pattern of
/// Braille looks like them.
fn is_unseen(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

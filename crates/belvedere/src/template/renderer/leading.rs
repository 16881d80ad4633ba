//! The first line break of `pre`, `textarea` and `listing`, which every HTML parser drops: where a
//! text begins with one, one more is written, so that the text arrives whole.
//!
//! Only the render knows what stands first: a splice may be empty, and a function's template may be
//! placed anywhere. The macro says which holes come into question.

use super::Renderer;
use crate::template::statics::Statics;

impl Renderer {
    /// A text was written where an element drops its first line break, or it is empty and what
    /// follows leads.
    #[cold]
    pub(super) fn end_leading_text(&mut self) {
        let written = self.text.get(self.text_start..).unwrap_or_default();
        if written.is_empty() {
            return;
        }
        self.fill.leads = false;
        if begins_with_line_break(written) {
            self.text.insert(self.text_start, '\n');
        }
    }

    /// The last text of a template or row was written: nothing after it leads, unless it is empty.
    pub(super) fn end_part(&mut self, statics: &Statics) {
        if self.fill.leads && !statics.last_part().is_empty() {
            self.fill.leads = false;
        }
    }
}

/// Whether HTML begins with what a parser reads as a line feed.
fn begins_with_line_break(html: &str) -> bool {
    html.starts_with(['\n', '\r']) || begins_with_reference(html)
}

/// `&#10;`, `&#xA;` or `&NewLine;`, which only ready markup can hold.
fn begins_with_reference(html: &str) -> bool {
    const LINE_FEED: u32 = 10;
    let Some(name) = html.strip_prefix('&') else { return false };
    let Some(number) = name.strip_prefix('#') else { return name.starts_with("NewLine;") };
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    let end = digits.find(|digit: char| !digit.is_digit(radix)).unwrap_or(digits.len());
    u32::from_str_radix(&digits[..end], radix) == Ok(LINE_FEED)
}

#[cfg(test)]
mod tests {
    use super::begins_with_line_break;

    #[test]
    fn every_spelling_of_a_line_feed_is_known() {
        for html in ["\n", "\r\na", "\r", "&#10;a", "&#0010", "&#xA;", "&#X0a;", "&NewLine;"] {
            assert!(begins_with_line_break(html), "{html:?}");
        }
        for html in ["", "a\n", " \n", "&#13;", "&#101;", "&#;", "&#x", "&amp;#10;", "&", "<b>\n"] {
            assert!(!begins_with_line_break(html), "{html:?}");
        }
    }
}

//! The start tags of HTML, as a browser finds them: none in a comment, and none in what a `<script>`, a
//! `<style>`, a `<textarea>` or a `<title>` holds.
//!
//! Source of the rules: HTML Standard, section "Tokenization".

/// Elements whose content is text, whatever it looks like.
const OF_TEXT: [&str; 8] =
    ["iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"];

/// The start of an element.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) name: String,
    attributes: Vec<(&'a str, &'a str)>,
    /// What stands in an element of text; empty for all others.
    pub(super) content: &'a str,
}

impl<'a> Tag<'a> {
    /// The attributes' names, as they are written.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.attributes.iter().map(|(name, _)| *name)
    }

    /// The value of an attribute, of which the first counts.
    pub(super) fn value(&self, wanted: &str) -> Option<&'a str> {
        let is_wanted = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(wanted);
        self.attributes.iter().find(is_wanted).map(|(_, value)| *value)
    }
}

/// All of a text.
pub(super) struct Tags<'a>(pub(super) &'a str);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let from = &self.0[self.0.find('<')?..];
            let inner = &from[1..];
            if let Some(comment) = inner.strip_prefix("!--") {
                self.0 = after_comment(comment);
            } else if inner.starts_with(['!', '?', '/']) {
                self.0 = after(inner, ">");
            } else if inner.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
                let (mut tag, rest) = tag(inner)?;
                (tag.content, self.0) = if OF_TEXT.contains(&tag.name.as_str()) {
                    rest.split_at(end_of_text(rest, &tag.name))
                } else {
                    ("", rest)
                };
                return Some(tag);
            } else {
                self.0 = inner;
            }
        }
    }
}

/// What follows the first `end`; nothing if there is none.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, after)| after)
}

fn after_comment(comment: &str) -> &str {
    let is_empty = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->"));
    is_empty.unwrap_or_else(|| after(comment, "-->"))
}

/// Reads a tag behind its `<`, and returns what follows; `None` for one without an end, which no browser
/// makes an element of.
fn tag(text: &str) -> Option<(Tag<'_>, &str)> {
    let is_space = |letter: char| letter.is_ascii_whitespace();
    let ends_name = |letter: char| is_space(letter) || matches!(letter, '/' | '>');
    let (name, mut rest) = text.split_at(text.find(ends_name)?);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|letter: char| is_space(letter) || letter == '/');
        if let Some(rest) = rest.strip_prefix('>') {
            let name = name.to_ascii_lowercase();
            return Some((Tag { name, attributes, content: "" }, rest));
        }
        // A first `=` is part of the name.
        let first = rest.chars().next()?.len_utf8();
        let ends_name = |letter: char| ends_name(letter) || letter == '=';
        let (name, after) = rest.split_at(first + rest[first..].find(ends_name)?);
        let after = after.trim_start_matches(is_space);
        let (value, after) = match after.strip_prefix('=') {
            Some(after) => value(after.trim_start_matches(is_space))?,
            None => ("", after),
        };
        attributes.push((name, value));
        rest = after;
    }
}

/// An attribute's value, and what follows it.
fn value(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote);
        }
    }
    let end = text.find(|letter: char| letter.is_ascii_whitespace() || letter == '>')?;
    Some(text.split_at(end))
}

/// Where the text of an element ends: at its end tag, or with everything.
fn end_of_text(text: &str, name: &str) -> usize {
    let is_end = |(at, _): &(usize, &str)| {
        let tag = text.as_bytes().get(at + 2..at + 2 + name.len());
        tag.is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
    };
    text.match_indices("</").find(is_end).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each tag with its attributes.
    fn read(html: &str) -> Vec<String> {
        let tags = Tags(html).map(|tag| {
            let attributes = tag.attributes.iter().map(|(name, value)| format!(" {name}={value}"));
            format!("{}{}", tag.name, attributes.collect::<String>())
        });
        tags.collect()
    }

    #[test]
    fn attributes_are_read_however_they_are_written() {
        assert_eq!(
            read("1 < 2 <P title=\"a > b\" hidden data-x='<i>' y=z/><br/>\n<é><a\nb = c =d>"),
            ["p title=a > b hidden= data-x=<i> y=z/", "br", "a b=c =d="]
        );
    }

    #[test]
    fn comments_and_text_hold_no_tags() {
        let html = "<!DOCTYPE html><!-- <a> --><!--><b><!---><i><?x <u>?>\
             <script>if (1 <s) '</i>'</SCRIPT><title><em></title><textarea><p></textarea></u><hr>";
        assert_eq!(read(html), ["b", "i", "script", "title", "textarea", "hr"]);
        let script = Tags(html).find(|tag| tag.name == "script").unwrap();
        assert_eq!(script.content, "if (1 <s) '</i>'");
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(html in "([<>/=\"'! -]|a|script|\\PC){0,40}") {
            let _ = read(&html);
        }
    }
}

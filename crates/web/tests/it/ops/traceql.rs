//! As much of TraceQL as it takes to see which spans and attributes a query speaks of.

use super::matches;

/// One word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name: an intrinsic, a function, an attribute with its scope.
    Word(String),
    /// Text in quotes.
    Text(String),
    /// Operators, numbers, brackets.
    Other(String),
}

/// Words that are no attributes: intrinsics, their values, functions.
const WORDS: [&str; 19] = [
    "avg_over_time",
    "by",
    "count",
    "count_over_time",
    "duration",
    "error",
    "false",
    "kind",
    "max_over_time",
    "name",
    "nil",
    "quantile_over_time",
    "rate",
    "select",
    "server",
    "status",
    "statusMessage",
    "trace:rootName",
    "true",
];

pub(super) fn tokens(query: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            2 + rest[1..].find('"').unwrap_or_else(|| panic!("a quote is open in {query}"))
        } else if first.is_ascii_alphabetic() {
            let is_name = |c: char| c.is_ascii_alphanumeric() || "_.:".contains(c);
            rest.find(|c| !is_name(c)).unwrap_or(rest.len())
        } else {
            let ends = |c: char| c.is_ascii_alphabetic() || c.is_whitespace() || c == '"';
            // A number carries its unit, such as `20ms`.
            let is_number = first.is_ascii_digit() || first == '.';
            let ends_number = |c: char| !c.is_ascii_alphanumeric() && c != '.';
            let end = if is_number { rest.find(ends_number) } else { rest.find(ends) };
            end.unwrap_or(rest.len())
        };
        let word = rest[..length].to_owned();
        tokens.push(match first {
            '"' => Token::Text(word.trim_matches('"').to_owned()),
            _ if first.is_ascii_alphabetic() => Token::Word(word),
            _ => Token::Other(word),
        });
        rest = rest[length..].trim_start();
    }
    tokens
}

/// What a query asks for that no span has: attributes not in `attributes`, names of no span in
/// `names`, words TraceQL does not have.
pub(super) fn unknown(query: &str, attributes: &[String], names: &[String]) -> Vec<String> {
    let tokens = tokens(query);
    let mut unknown = Vec::new();
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::Word(word) => {
                let known = match word.split_once('.') {
                    Some(("span", key)) => attributes.iter().any(|attribute| attribute == key),
                    Some(("resource", key)) => key == "service.name",
                    _ => WORDS.contains(&&**word),
                };
                if !known {
                    unknown.push(word.clone());
                }
            }
            Token::Text(text) if place >= 2 => {
                let names_spans = match &tokens[place - 2] {
                    Token::Word(word) => word == "name" || word == "trace:rootName",
                    _ => false,
                };
                let is_pattern = tokens[place - 1] == Token::Other("=~".to_owned());
                let pattern = if is_pattern { text.replace(".*", "*") } else { text.clone() };
                if names_spans && !names.iter().any(|name| matches(&pattern, name)) {
                    unknown.push(text.clone());
                }
            }
            Token::Text(_) | Token::Other(_) => {}
        }
    }
    let brackets = |open, close| query.matches(open).count() == query.matches(close).count();
    if !brackets('{', '}') || !brackets('(', ')') {
        unknown.push("a bracket without its other half".to_owned());
    }
    unknown
}

#[test]
fn a_query_is_told_apart_into_words() {
    let word = |text: &str| Token::Word(text.to_owned());
    let other = |text: &str| Token::Other(text.to_owned());
    assert_eq!(
        tokens(r#"{ name =~ ".* mount" && duration > 20ms } | by(span.db.query.text)"#),
        [
            other("{"),
            word("name"),
            other("=~"),
            Token::Text(".* mount".to_owned()),
            other("&&"),
            word("duration"),
            other(">"),
            other("20ms"),
            other("}"),
            other("|"),
            word("by"),
            other("("),
            word("span.db.query.text"),
            other(")"),
        ]
    );
}

#[test]
fn what_no_span_has_is_found() {
    let attributes = ["http.route".to_owned()];
    let names = ["UsersSlow mount".to_owned()];
    let unknown = |query| unknown(query, &attributes, &names);
    let fine = r#"{ name =~ ".* mount" && span.http.route != nil } | rate() by (name)"#;
    assert_eq!(unknown(fine), [""; 0]);
    assert_eq!(unknown(r#"{ name = "UsersSlow" }"#), ["UsersSlow"]);
    assert_eq!(unknown(r#"{ name =~ ".* mounted" }"#), [".* mounted"]);
    assert_eq!(unknown("{ span.http.path = nil }"), ["span.http.path"]);
    assert_eq!(unknown("{ kind = sever }"), ["sever"]);
    assert_eq!(unknown("{ kind = server } | rate("), ["a bracket without its other half"]);
}

//! Finding elements in HTML, and what the client would send for them.

use scraper::{ElementRef, Html, Selector};
use serde_json::{Map, Value};

use crate::event::measured::{Kind, MEASURED};

/// Most elements that a failed test prints of those that match.
const MAX_SHOWN: usize = 5;

/// One element, as a test sees it.
pub(super) struct Dom(Html);

impl Dom {
    pub(super) fn of(html: &str) -> Self {
        Self(Html::parse_document(html))
    }

    /// The only element that matches.
    #[track_caller]
    pub(super) fn one(&self, selector: &str) -> ElementRef<'_> {
        let matches: Vec<_> = self.0.select(&parse(selector)).collect();
        match matches[..] {
            [element] => element,
            [] => {
                panic!("no element matches `{selector}` in:\n{}", self.0.root_element().html())
            }
            _ => {
                let shown = matches.iter().take(MAX_SHOWN).map(|element| element.html());
                let shown = shown.collect::<Vec<_>>().join("\n");
                panic!("{} elements match `{selector}`, one was expected:\n{shown}", matches.len())
            }
        }
    }

    /// Every element that matches, in document order.
    #[track_caller]
    pub(super) fn all(&self, selector: &str) -> impl Iterator<Item = ElementRef<'_>> {
        let matches: Vec<_> = self.0.select(&parse(selector)).collect();
        matches.into_iter()
    }

    /// The text of every element that matches, in document order.
    #[track_caller]
    pub(super) fn texts(&self, selector: &str) -> Vec<String> {
        self.all(selector).map(text_of).collect()
    }
}

/// Text content with white space folded, as a reader sees it.
pub(super) fn text_of(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Name and value of the event that the client sends for an element's binding.
#[track_caller]
pub(super) fn event_of(element: ElementRef<'_>, binding: &str) -> (String, Map<String, Value>) {
    let Some(attribute) = element.attr(binding) else {
        panic!("the element has no `{binding}`: {}", element.html());
    };
    let value = own_value_of(element);
    if !attribute.starts_with('[') {
        return (attribute.to_owned(), value);
    }
    event_in(element, push_of(attribute, binding))
}

/// What the element itself says, whatever event it has.
fn own_value_of(element: ElementRef<'_>) -> Map<String, Value> {
    let mut value = Map::new();
    for (name, text) in element.value().attrs() {
        if let Some(key) = name.strip_prefix("phx-value-") {
            value.insert(key.to_owned(), text.into());
        }
    }
    if matches!(element.value().name(), "button" | "input" | "option" | "select" | "textarea") {
        let own = element.attr("value").unwrap_or_default();
        value.insert("value".to_owned(), own.into());
    }
    value
}

/// The same of one `push` among the commands of an element.
pub(super) fn event_in(
    element: ElementRef<'_>,
    mut arguments: Map<String, Value>,
) -> (String, Map<String, Value>) {
    let mut value = own_value_of(element);
    if let Some(Value::Object(pushed)) = arguments.remove("value") {
        value.extend(pushed);
    }
    let event = arguments.get("event").and_then(Value::as_str).unwrap_or_default().to_owned();
    (event, value)
}

/// What a `push` asks the browser to measure, where there is nothing to measure.
pub(super) fn asked_in(push: &Map<String, Value>) -> Map<String, Value> {
    let names = push.get("brings").and_then(Value::as_str).unwrap_or_default();
    let of = |name: &str| MEASURED.iter().find(|(measured, _)| *measured == name);
    let asked = names.split(' ').filter_map(of).map(|(name, kind)| {
        let value = match kind {
            Kind::Flag => Value::from(false),
            Kind::Pixels => Value::from(0),
            Kind::Text => Value::from(""),
        };
        ((*name).to_owned(), value)
    });
    asked.collect()
}

/// The component that the event goes to, when the command or `phx-target` names it by its number.
#[track_caller]
pub(super) fn target_of(element: ElementRef<'_>, binding: &str) -> Option<u64> {
    let push = match element.attr(binding) {
        Some(commands) if commands.starts_with('[') => push_of(commands, binding),
        _ => Map::new(),
    };
    target_in(element, &push)
}

/// The same of one `push` among the commands of an element.
pub(super) fn target_in(element: ElementRef<'_>, push: &Map<String, Value>) -> Option<u64> {
    let pushed = push.get("target").and_then(Value::as_u64);
    pushed.or_else(|| element.attr("phx-target")?.parse().ok())
}

/// The commands of an attribute, in order, each with its arguments.
#[track_caller]
pub(super) fn commands_of(attribute: &str, binding: &str) -> Vec<(String, Map<String, Value>)> {
    match serde_json::from_str(attribute) {
        Ok(commands) => commands,
        Err(error) => panic!("`{binding}` holds no commands: {error}: {attribute}"),
    }
}

/// The arguments of the first `push` among commands.
#[track_caller]
fn push_of(attribute: &str, binding: &str) -> Map<String, Value> {
    let push = commands_of(attribute, binding).into_iter().find(|(command, _)| command == "push");
    let Some((_, arguments)) = push else { panic!("`{binding}` pushes no event: {attribute}") };
    arguments
}

#[track_caller]
fn parse(selector: &str) -> Selector {
    match Selector::parse(selector) {
        Ok(selector) => selector,
        Err(error) => panic!("`{selector}` is no CSS selector: {error}"),
    }
}

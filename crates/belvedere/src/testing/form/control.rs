//! The inputs and buttons of a form: how a person finds them, and what they take.

use scraper::{ElementRef, Selector};

use crate::testing::dom::{Dom, text_of};

/// An input or a button.
#[derive(Clone)]
pub(super) struct Control<'d> {
    pub(super) element: ElementRef<'d>,
    pub(super) kind: Kind,
    /// What a person calls it.
    pub(super) labels: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Hidden,
    Box,
    Radio,
    Select,
    Submit,
    Button,
    File,
}

impl<'d> Control<'d> {
    pub(super) fn new(dom: &'d Dom, element: ElementRef<'d>) -> Self {
        let kind = match (element.value().name(), element.attr("type").unwrap_or_default()) {
            ("select", _) => Kind::Select,
            ("button", "button" | "reset") | ("input", "button" | "reset") => Kind::Button,
            ("button", _) | ("input", "submit" | "image") => Kind::Submit,
            ("input", "hidden") => Kind::Hidden,
            ("input", "checkbox") => Kind::Box,
            ("input", "radio") => Kind::Radio,
            ("input", "file") => Kind::File,
            _ => Kind::Text,
        };
        Self { element, kind, labels: labels(dom, element, kind) }
    }

    pub(super) fn name(&self) -> String {
        self.element.attr("name").unwrap_or_default().to_owned()
    }

    pub(super) fn is_called(&self, called: &str) -> bool {
        let with_value =
            || format!("{}={}", self.name(), self.element.attr("value").unwrap_or_default());
        self.name() == called
            || self.labels.iter().any(|label| label == called)
            || with_value() == called
    }

    pub(super) fn is_disabled(&self) -> bool {
        let mut around = self.element.ancestors().filter_map(ElementRef::wrap);
        let is_off = |element: &ElementRef<'_>| element.attr("disabled").is_some();
        is_off(&self.element)
            || around.any(|around| around.value().name() == "fieldset" && is_off(&around))
    }

    /// Whether it is a button that asks something of rows, or stands before such buttons.
    pub(super) fn is_for_rows(&self) -> bool {
        self.element.attr("data-row-edit").is_some()
    }

    #[track_caller]
    pub(super) fn must_be_enabled(&self) {
        assert!(!self.is_disabled(), "it is disabled: {}", self.element.html());
        assert!(self.kind != Kind::Hidden, "nobody sees it: {}", self.element.html());
    }

    #[track_caller]
    pub(super) fn must_be(&self, what: &str, kinds: &[Kind]) {
        assert!(kinds.contains(&self.kind), "it is not {what}: {}", self.element.html());
    }

    /// Fails where a browser does not let a person type this.
    #[track_caller]
    pub(super) fn must_take(&self, text: &str) {
        self.must_be("an input for text", &[Kind::Text, Kind::Hidden]);
        let html = self.element.html();
        assert!(self.element.attr("readonly").is_none(), "it is only to be read: {html}");
        let n_letters = text.encode_utf16().count();
        let most = self.element.attr("maxlength").and_then(|most| most.parse().ok());
        assert!(most.is_none_or(|most| n_letters <= most), "{text:?} is too long for {html}");
        let is_taken = match self.element.attr("type").unwrap_or_default() {
            _ if text.is_empty() => true,
            "number" | "range" => text.parse::<f64>().is_ok(),
            "date" => is_date(text),
            _ => self.element.value().name() == "textarea" || !text.contains('\n'),
        };
        assert!(is_taken, "a browser sends nothing when {text:?} is typed into {html}");
    }

    /// The values of options, found by text or value.
    #[track_caller]
    pub(super) fn options(&self, wanted: &[&str]) -> Vec<String> {
        self.must_be("a `select`", &[Kind::Select]);
        let html = self.element.html();
        let is_multiple = self.element.attr("multiple").is_some();
        assert!(is_multiple || wanted.len() == 1, "one option is chosen in {html}");
        let options: Vec<_> = select(self.element, "option").collect();
        let mut values = Vec::new();
        for wanted in wanted {
            let is_it = |option: &&ElementRef<'_>| {
                text_of(**option) == **wanted || option_value(**option) == **wanted
            };
            let Some(option) = options.iter().find(is_it) else {
                panic!("no option {wanted:?} in {html}");
            };
            let disabled = option.attr("disabled").is_some();
            assert!(!disabled, "the option {wanted:?} is disabled in {html}");
            values.push(option_value(*option));
        }
        values
    }
}

/// What a person calls a control.
fn labels(dom: &Dom, element: ElementRef<'_>, kind: Kind) -> Vec<String> {
    let mut labels: Vec<String> =
        element.attr("aria-label").map(str::to_owned).into_iter().collect();
    if matches!(kind, Kind::Submit | Kind::Button) {
        let own = match element.value().name() {
            "button" => text_of(element),
            _ => element.attr("value").unwrap_or_default().to_owned(),
        };
        labels.push(own);
        return labels;
    }
    let around = element.ancestors().filter_map(ElementRef::wrap);
    let around = around.filter(|around| around.value().name() == "label");
    let id = element.attr("id");
    let named = dom.all("label[for]").filter(|label| id.is_some() && label.attr("for") == id);
    labels.extend(around.chain(named).map(label_text));
    labels
}

/// The text of a label, without that of what stands in it.
fn label_text(label: ElementRef<'_>) -> String {
    let inner: Vec<String> =
        select(label, "select, textarea, button").map(|inner| text_of(inner)).collect();
    let mut text = text_of(label);
    for inner in inner.iter().filter(|inner| !inner.is_empty()) {
        text = text.replacen(inner, "", 1);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn option_value(option: ElementRef<'_>) -> String {
    option.attr("value").map_or_else(|| text_of(option), str::to_owned)
}

pub(super) fn select<'d>(
    element: ElementRef<'d>,
    css: &str,
) -> impl Iterator<Item = ElementRef<'d>> {
    let selector = Selector::parse(css).expect("a fixed selector");
    element.select(&selector).collect::<Vec<_>>().into_iter()
}

fn is_date(text: &str) -> bool {
    let lengths = text.split('-').map(|part| part.parse::<u16>().ok().map(|_| part.len()));
    lengths.eq([Some(4), Some(2), Some(2)])
}

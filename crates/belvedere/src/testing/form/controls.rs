//! A form as a browser has it: which inputs it has, and what is sent of them.

use scraper::ElementRef;
use serde_json::{Map, Value};

use crate::event::form::mark_of;
use crate::testing::dom::{Dom, text_of};
use crate::testing::files::FileInput;
use crate::testing::form::binding;
use crate::testing::form::control::{Control, Kind, option_value, select};
use crate::testing::form::typed::{Typed, TypedInputs, key_of};

/// A form of a page.
pub(super) struct Form<'d> {
    /// By which it is recognised.
    pub(super) key: String,
    pub(super) element: ElementRef<'d>,
    pub(super) controls: Vec<Control<'d>>,
    typed: &'d TypedInputs,
}

/// A form event on its way.
pub(super) struct Sent {
    pub(super) event: String,
    pub(super) value: String,
    pub(super) meta: Map<String, Value>,
    pub(super) target: Option<String>,
    pub(super) component: Option<u64>,
    /// Files that a change announces.
    pub(super) uploads: Option<Value>,
}

impl<'d> Form<'d> {
    #[track_caller]
    pub(super) fn new(dom: &'d Dom, selector: &str, typed: &'d TypedInputs) -> Self {
        let element = dom.one(selector);
        let id = element.attr("id");
        let is_own = |control: &ElementRef<'d>| match control.attr("form") {
            Some(form) => Some(form) == id,
            None => control.ancestors().any(|around| around.id() == element.id()),
        };
        let controls = dom.all("input, select, textarea, button").filter(is_own);
        let controls = controls.map(|control| Control::new(dom, control)).collect();
        let key = id.unwrap_or(selector).to_owned();
        Self { key, element, controls, typed }
    }

    /// The only input that a person calls so.
    #[track_caller]
    pub(super) fn find(&self, called: &str) -> Control<'d> {
        let inputs = || {
            let is_input =
                |control: &&Control<'_>| !matches!(control.kind, Kind::Submit | Kind::Button);
            self.controls.iter().filter(is_input)
        };
        let mut found: Vec<_> = inputs().filter(|control| control.is_called(called)).collect();
        // Before a box stands a hidden input of its name.
        if found.iter().any(|control| control.kind != Kind::Hidden) {
            found.retain(|control| control.kind != Kind::Hidden);
        }
        let mut found = found.into_iter();
        let (Some(control), None) = (found.next(), found.next()) else {
            let known = inputs().map(|control| (control.name(), &control.labels));
            let known: Vec<_> = known.collect();
            panic!("not one input is called {called:?}; there are {known:?}");
        };
        control.clone()
    }

    /// The only button that a person calls so.
    #[track_caller]
    pub(super) fn button(&self, called: &str) -> Control<'d> {
        let buttons = || {
            let is_button =
                |control: &&Control<'_>| matches!(control.kind, Kind::Submit | Kind::Button);
            self.controls.iter().filter(is_button)
        };
        let mut found = buttons().filter(|control| control.is_called(called));
        let (Some(button), None) = (found.next(), found.next()) else {
            let known: Vec<_> =
                buttons().map(|control| (control.name(), &control.labels)).collect();
            panic!("not one button is called {called:?}; there are {known:?}");
        };
        button.must_be_enabled();
        button.clone()
    }

    /// The button that the Enter key presses.
    #[track_caller]
    pub(super) fn first_button(&self) -> Control<'d> {
        let is_meant =
            |control: &&Control<'_>| control.kind == Kind::Submit && !control.is_for_rows();
        let mut buttons = self.controls.iter().filter(is_meant);
        let Some(button) = buttons.next() else {
            panic!("no button sends {}", self.element.html());
        };
        button.must_be_enabled();
        button.clone()
    }

    /// A radio button, and the others of its group.
    #[track_caller]
    pub(super) fn radio(&self, group: &str, choice: &str) -> (Control<'d>, Vec<Control<'d>>) {
        let radios = self.controls.iter().filter(|control| control.kind == Kind::Radio);
        let radios = radios.filter(|radio| {
            let around = radio.element.ancestors().filter_map(ElementRef::wrap);
            let mut fieldsets = around.filter(|around| around.value().name() == "fieldset");
            let legend = fieldsets.next().and_then(|set| select(set, "legend").next());
            radio.name() == group || legend.is_some_and(|legend| text_of(legend) == group)
        });
        let radios: Vec<_> = radios.cloned().collect();
        let is_choice = |radio: &&Control<'_>| {
            radio.is_called(choice) || radio.element.attr("value") == Some(choice)
        };
        let Some(chosen) = radios.iter().find(is_choice).cloned() else {
            let known: Vec<_> = radios.iter().map(|radio| &radio.labels).collect();
            panic!("no choice {choice:?} in the group {group:?}; there are {known:?}");
        };
        let others = radios.into_iter().filter(|radio| radio.element != chosen.element).collect();
        (chosen, others)
    }

    pub(super) fn is_ticked(&self, control: &Control<'_>) -> bool {
        match self.typed.inputs.get(&key_of(control.element)) {
            Some(Typed::Ticked(ticked)) => *ticked,
            _ => control.element.attr("checked").is_some(),
        }
    }

    /// What a browser would send of an input.
    pub(super) fn values(&self, control: &Control<'_>) -> Vec<String> {
        let element = control.element;
        match (control.kind, self.typed.inputs.get(&key_of(element))) {
            (Kind::Text, Some(Typed::Text(text))) => vec![text.clone()],
            (Kind::Select, Some(Typed::Chosen(values))) => values.clone(),
            (Kind::Select, _) => chosen(element),
            (Kind::Box | Kind::Radio, _) if !self.is_ticked(control) => Vec::new(),
            (Kind::Box | Kind::Radio, _) => vec![element.attr("value").unwrap_or("on").to_owned()],
            (Kind::File, _) => Vec::new(),
            (Kind::Text, _) if element.value().name() == "textarea" => {
                vec![element.text().collect()]
            }
            _ => vec![element.attr("value").unwrap_or_default().to_owned()],
        }
    }

    /// What a browser sends, in the page's order.
    pub(super) fn entries(&self, button: Option<&Control<'_>>) -> Vec<(String, String)> {
        let is_pressed =
            |control: &Control<'_>| button.is_some_and(|button| button.element == control.element);
        let sends = |control: &&Control<'_>| {
            let is_button = matches!(control.kind, Kind::Submit | Kind::Button);
            !control.name().is_empty()
                && if is_button { is_pressed(control) } else { !control.is_disabled() }
        };
        let entries = self.controls.iter().filter(sends).flat_map(|control| {
            self.values(control).into_iter().map(|value| (control.name(), value))
        });
        entries.collect()
    }

    /// The same, with the client's marks of inputs that nobody has used.
    fn encoded(&self, button: Option<&Control<'_>>, only: Option<&str>) -> String {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.entries(button) {
            if only.is_some_and(|only| only != name) {
                continue;
            }
            let is_pressed = button.is_some_and(|button| button.name() == name);
            if !is_pressed && self.is_unused(&name) {
                encoded.append_pair(&mark_of(&name), "");
            }
            encoded.append_pair(&name, &value);
        }
        encoded.finish()
    }

    fn is_unused(&self, name: &str) -> bool {
        const NO_MARK: &str = "phx-no-unused-field";
        let mut named = self.controls.iter().filter(|control| control.name() == name);
        !self.typed.is_used(&self.key, name)
            && self.element.attr(NO_MARK).is_none()
            && !named.clone().any(|control| control.element.attr(NO_MARK).is_some())
            && named.any(|control| control.kind != Kind::Hidden)
    }

    /// What is sent when an input has changed, if anything listens.
    pub(super) fn change(
        &self,
        target: &Control<'_>,
        button: Option<&Control<'_>>,
    ) -> Option<Sent> {
        let own = binding(target.element, "phx-change");
        let name = target.name();
        let only = own.is_some().then_some(name.as_str());
        let (event, meta, component) = own.or_else(|| binding(self.element, "phx-change"))?;
        let value = self.encoded(button, only);
        let target = if name.is_empty() { "undefined".to_owned() } else { name };
        Some(Sent { event, value, meta, target: Some(target), component, uploads: None })
    }

    /// What is sent when the form is, unless a browser would not send it.
    #[track_caller]
    pub(super) fn submit(&self, button: &Control<'_>) -> Sent {
        self.must_be_valid(button);
        for input in self.files() {
            input.must_be_done();
        }
        let Some((event, meta, component)) = binding(self.element, "phx-submit") else {
            panic!("the form has no `phx-submit`; `post` sends it to its `action`");
        };
        let value = self.encoded(Some(button), None);
        Sent { event, value, meta, target: None, component, uploads: None }
    }

    /// What is sent when the page has joined anew: as if the first control that has a name and is not
    /// hidden had changed. A `button` sends its value by that.
    pub(super) fn recover(&self) -> Option<Sent> {
        let (event, meta, component) = binding(self.element, "phx-auto-recover")
            .or_else(|| binding(self.element, "phx-change"))?;
        let is_known = |control: &&Control<'_>| {
            !control.name().is_empty() && control.element.attr("phx-change").is_none()
        };
        let mut known = self.controls.iter().filter(is_known);
        let first = known.clone().find(|control| control.kind != Kind::Hidden);
        let source = first.or_else(|| known.next())?;
        let button = (source.element.value().name() == "button").then_some(source);
        let value = self.encoded(button, None);
        Some(Sent { event, value, meta, target: Some(source.name()), component, uploads: None })
    }

    /// Fails where a browser shows the person an input that is wrong, and sends nothing.
    #[track_caller]
    fn must_be_valid(&self, button: &Control<'_>) {
        let is_unchecked = self.element.attr("novalidate").is_some()
            || button.element.attr("formnovalidate").is_some();
        for control in self.controls.iter().filter(|control| !control.is_disabled()) {
            let values = self.values(control);
            let has_files =
                control.element.attr("data-phx-active-refs").is_some_and(|it| !it.is_empty());
            let is_blank = values.iter().all(String::is_empty) && !has_files;
            let html = control.element.html();
            let is_missing = is_blank && control.element.attr("required").is_some();
            assert!(is_unchecked || !is_missing, "a browser asks for {html} before it sends");
            let is_email = control.element.attr("type") == Some("email");
            let is_wrong = is_email && !is_blank && !values.iter().all(|text| text.contains('@'));
            assert!(is_unchecked || !is_wrong, "a browser does not send {values:?} of {html}");
        }
    }

    #[track_caller]
    fn action(&self) -> String {
        let html = || self.element.html();
        let method = self.element.attr("method").unwrap_or("get");
        assert!(
            method.eq_ignore_ascii_case("post"),
            "the form has no `method=\"post\"`: {}",
            html()
        );
        let Some(action) = self.element.attr("action") else {
            panic!("the form has no `action`: {}", html());
        };
        action.to_owned()
    }

    /// Where a browser without JavaScript sends it by a button, and what.
    #[track_caller]
    pub(super) fn posted(&self, button: &Control<'_>) -> (String, Vec<(String, String)>) {
        self.must_be_valid(button);
        (self.action(), self.entries(Some(button)))
    }

    /// Its inputs for files that belong to an upload.
    pub(super) fn files(&self) -> Vec<FileInput> {
        let is_upload = |control: &&Control<'_>| {
            control.kind == Kind::File && control.element.attr("data-phx-upload-ref").is_some()
        };
        let uploads = self.controls.iter().filter(is_upload);
        uploads.map(|control| FileInput::of(control.element)).collect()
    }
}

/// The options that a browser shows as chosen.
fn chosen(element: ElementRef<'_>) -> Vec<String> {
    let is_multiple = element.attr("multiple").is_some();
    let options: Vec<_> = select(element, "option").collect();
    let selected = options.iter().filter(|option| option.attr("selected").is_some());
    let mut values: Vec<_> = selected.map(|option| option_value(*option)).collect();
    if !is_multiple {
        values.drain(..values.len().saturating_sub(1));
        let first = options.iter().find(|option| option.attr("disabled").is_none());
        if let (true, Some(first)) = (values.is_empty(), first) {
            values.push(option_value(*first));
        }
    }
    values
}

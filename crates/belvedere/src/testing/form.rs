//! [`TestForm`]: a form, filled in and sent as a person does in a browser.

use std::panic::Location;

use scraper::ElementRef;
use serde_json::{Map, Value, json};

use crate::testing::app::TestPage;
use crate::testing::dom::{Dom, event_of, target_of};
use crate::testing::form::control::{Control, Kind};
use crate::testing::form::controls::{Form, Sent};
use crate::testing::form::typed::{Typed, key_of};
use crate::testing::view::TestView;
use crate::wire::keys;

mod control;
mod controls;
mod files;
mod recovery;
pub(super) mod typed;

/// A form of a joined page, to be filled in and sent with the checks that a browser makes: what is
/// not there, is disabled or cannot be chosen is a panic that says what there is.
///
/// Inputs are found by the text of their label or by their name, several of one name by
/// `name=value`. After each act the page has the
/// answer. What was typed stays as it does in a browser: where the server sends something else for an
/// input that has not the focus, that stands there.
///
/// ```no_run
/// # use belvedere::testing::TestView;
/// # async fn test(mut view: TestView) {
/// view.form("#user--form").fill("Email", "ann@ex.test").await;
/// view.form("#user--form").check("Send me news").await;
/// view.form("#user--form").press("Save").await;
/// # }
/// ```
#[derive(Debug)]
pub struct TestForm<'a> {
    view: &'a mut TestView,
    selector: String,
}

impl TestView {
    /// The only form that matches a CSS selector.
    ///
    /// # Panics
    ///
    /// When none or several match.
    #[track_caller]
    pub fn form(&mut self, selector: &str) -> TestForm<'_> {
        let dom = Dom::of(&self.html());
        let name = dom.one(selector).value().name();
        assert!(name == "form", "`{selector}` is a `{name}`, not a form");
        TestForm { selector: selector.to_owned(), view: self }
    }
}

impl TestForm<'_> {
    /// Types a text into an input or a `textarea`, in place of what stands there.
    ///
    /// # Panics
    ///
    /// When there is no such input, or it does not take this text.
    #[track_caller]
    pub fn fill(&mut self, input: &str, text: &str) -> impl Future<Output = ()> {
        let dom = self.dom();
        let form = self.form(&dom);
        let control = form.find(input);
        control.must_take(text);
        let touched = Touched::new(&form, vec![(control, Typed::Text(text.to_owned()))]);
        self.act(touched)
    }

    /// Ticks a box.
    ///
    /// # Panics
    ///
    /// When there is no such box, or it is ticked.
    #[track_caller]
    pub fn check(&mut self, input: &str) -> impl Future<Output = ()> {
        self.tick(input, true)
    }

    /// Takes the tick from a box.
    ///
    /// # Panics
    ///
    /// When there is no such box, or it is not ticked.
    #[track_caller]
    pub fn uncheck(&mut self, input: &str) -> impl Future<Output = ()> {
        self.tick(input, false)
    }

    #[track_caller]
    fn tick(&mut self, input: &str, ticked: bool) -> impl Future<Output = ()> {
        let dom = self.dom();
        let form = self.form(&dom);
        let control = form.find(input);
        control.must_be("a box", &[Kind::Box]);
        assert!(form.is_ticked(&control) != ticked, "`{input}` is ticked: {}", !ticked);
        let touched = Touched::new(&form, vec![(control, Typed::Ticked(ticked))]);
        self.act(touched)
    }

    /// Chooses a radio button, by its label or value, in the group with this name or `legend`.
    ///
    /// # Panics
    ///
    /// When there is no such group or choice.
    #[track_caller]
    pub fn choose(&mut self, group: &str, choice: &str) -> impl Future<Output = ()> {
        let dom = self.dom();
        let form = self.form(&dom);
        let (chosen, others) = form.radio(group, choice);
        let others = others.into_iter().map(|other| (other, Typed::Ticked(false)));
        let changed = std::iter::once((chosen, Typed::Ticked(true))).chain(others).collect();
        let touched = Touched::new(&form, changed);
        self.act(touched)
    }

    /// Chooses options of a `select`, by their texts or values: exactly one unless it is `multiple`.
    ///
    /// # Panics
    ///
    /// When there is no such `select` or option, or it is disabled.
    #[track_caller]
    pub fn select(&mut self, input: &str, options: &[&str]) -> impl Future<Output = ()> {
        let dom = self.dom();
        let form = self.form(&dom);
        let control = form.find(input);
        let values = control.options(options);
        let touched = Touched::new(&form, vec![(control, Typed::Chosen(values))]);
        self.act(touched)
    }

    /// Presses a button of the form, found by its text or its name.
    ///
    /// # Panics
    ///
    /// When there is no such button, it is disabled, or the form is not sent because the browser
    /// finds an input wrong.
    #[track_caller]
    pub fn press(&mut self, button: &str) -> impl Future<Output = ()> {
        let caller = Location::caller();
        let Pressed { push, change, submit } = Pressed::of(&self.form(&self.dom()), button);
        self.view.typed.focus = None;
        async move {
            if let Some((event, value, target)) = push {
                self.view.send_to(target, "click", &event, Value::Object(value), None).await;
            }
            if let Some(change) = change {
                self.view.send_form(change).await;
            }
            if let Some(submit) = submit {
                self.send(submit, caller).await;
            }
        }
    }

    /// Sends the form as the Enter key does in one of its inputs: with its first button.
    ///
    /// # Panics
    ///
    /// When that button is disabled, or the form is not sent because the browser finds an input wrong.
    #[track_caller]
    pub fn submit(&mut self) -> impl Future<Output = ()> {
        let dom = self.dom();
        let form = self.form(&dom);
        let submit = form.submit(&form.first_button());
        self.send(submit, Location::caller())
    }

    /// Sends the form as a browser without JavaScript, or after `phx-trigger-action`: to its `action`.
    ///
    /// # Panics
    ///
    /// When it has no `action` or no `method="post"`, or the browser finds an input wrong.
    #[track_caller]
    pub fn post(&mut self) -> impl Future<Output = TestPage> {
        let dom = self.dom();
        let form = self.form(&dom);
        let (action, fields) = form.posted(&form.first_button());
        self.post_fields(action, fields)
    }

    /// The same by this button, found by its text or its name: one that adds a row, for example.
    ///
    /// # Panics
    ///
    /// As [`post`](Self::post), and when there is no such button.
    #[track_caller]
    pub fn post_by(&mut self, button: &str) -> impl Future<Output = TestPage> {
        let dom = self.dom();
        let form = self.form(&dom);
        let (action, fields) = form.posted(&form.button(button));
        self.post_fields(action, fields)
    }

    async fn post_fields(&self, action: String, fields: Vec<(String, String)>) -> TestPage {
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.view.app.post(&action, &fields).await
    }

    /// The text in an input, or the value of what is chosen in it.
    ///
    /// # Panics
    ///
    /// When there is no such input.
    #[must_use]
    #[track_caller]
    pub fn value(&self, input: &str) -> String {
        let dom = self.dom();
        let form = self.form(&dom);
        form.values(&form.find(input)).pop().unwrap_or_default()
    }

    /// Whether a box is ticked.
    ///
    /// # Panics
    ///
    /// When there is no such box.
    #[must_use]
    #[track_caller]
    pub fn is_checked(&self, input: &str) -> bool {
        let dom = self.dom();
        let form = self.form(&dom);
        form.is_ticked(&form.find(input))
    }

    /// Changes inputs.
    async fn act(&mut self, touched: Touched) {
        let Touched { form, name, inputs } = touched;
        let focus = inputs.first().map(|(key, _)| key.clone());
        let typed = &mut self.view.typed;
        typed.use_input(&form, &name);
        typed.focus.clone_from(&focus);
        typed.inputs.extend(inputs);
        let sent = self.look(|form| {
            let is_target = |control: &&Control<'_>| Some(key_of(control.element)) == focus;
            form.change(form.controls.iter().find(is_target)?, None)
        });
        if let Some(sent) = sent {
            self.view.send_form(sent).await;
        }
    }

    /// Sends the form, after its files, as `caller` asks for it.
    async fn send(&mut self, submit: Sent, caller: &'static Location<'static>) {
        self.send_files(caller).await;
        let form = self.look(|form| form.key.clone());
        self.view.typed.submitted(&form);
        self.view.send_form(submit).await;
    }

    /// The page as it is.
    #[track_caller]
    fn dom(&self) -> Dom {
        Dom::of(&self.view.html())
    }

    #[track_caller]
    fn form<'d>(&'d self, dom: &'d Dom) -> Form<'d> {
        Form::new(dom, &self.selector, &self.view.typed)
    }

    /// Looks at the page as it is in the midst of an act.
    fn look<R>(&self, look: impl FnOnce(&Form<'_>) -> R) -> R {
        look(&self.form(&self.dom()))
    }
}

/// The inputs that a person changes, of which the first is the one that is touched.
struct Touched {
    form: String,
    name: String,
    /// By [`key_of`].
    inputs: Vec<(String, Typed)>,
}

impl Touched {
    #[track_caller]
    fn new(form: &Form<'_>, changed: Vec<(Control<'_>, Typed)>) -> Self {
        for (control, _) in &changed {
            control.must_be_enabled();
        }
        let name = changed.first().map(|(control, _)| control.name()).unwrap_or_default();
        let inputs = changed.into_iter().map(|(control, typed)| (key_of(control.element), typed));
        Self { form: form.key.clone(), name, inputs: inputs.collect() }
    }
}

/// What pressing a button sends, in this order.
#[derive(Default)]
struct Pressed {
    push: Option<(String, Map<String, Value>, Option<u64>)>,
    change: Option<Sent>,
    submit: Option<Sent>,
}

impl Pressed {
    #[track_caller]
    fn of(form: &Form<'_>, button: &str) -> Self {
        let button = form.button(button);
        let change = button.is_for_rows().then(|| form.change(&button, Some(&button))).flatten();
        if change.is_some() {
            return Self { change, ..Self::default() };
        }
        let submit = if button.kind == Kind::Submit { Some(form.submit(&button)) } else { None };
        Self { submit, ..clicked(form, &button) }
    }
}

/// What the `phx-click` of a button does: sends an event, or tells the form of a change.
#[track_caller]
fn clicked(form: &Form<'_>, button: &Control<'_>) -> Pressed {
    let Some(click) = button.element.attr("phx-click") else { return Pressed::default() };
    let is_push = click.contains("\"push\"") || !click.starts_with('[');
    let push = if is_push {
        let (event, value) = event_of(button.element, "phx-click");
        Some((event, value, target_of(button.element, "phx-click")))
    } else {
        None
    };
    let is_change = click.contains("\"dispatch\"") && click.contains("\"change\"");
    let change = is_change.then(|| form.change(button, Some(button))).flatten();
    Pressed { push, change, submit: None }
}

impl TestView {
    /// Sends a form, and takes into account what a browser makes of the answer.
    async fn send_form(&mut self, sent: Sent) {
        let before = self.html();
        let mut meta = sent.meta;
        if let Some(target) = sent.target {
            meta.insert(keys::FORM_TARGET.to_owned(), Value::from(target));
        }
        let (value, meta) = (Value::from(sent.value), Value::Object(meta));
        let mut payload =
            json!({ "type": "form", "event": sent.event, "value": value, "meta": meta });
        if let Some(uploads) = sent.uploads {
            payload["uploads"] = uploads;
        }
        self.send_for(sent.component, keys::EVENT, payload).await;
        if self.is_joined() && self.html() != before {
            self.typed.patched();
        }
    }
}

/// The event of a form's binding and where it goes.
#[track_caller]
fn binding(
    element: ElementRef<'_>,
    name: &str,
) -> Option<(String, Map<String, Value>, Option<u64>)> {
    element.attr(name)?;
    let (event, mut meta) = event_of(element, name);
    meta.remove("value");
    Some((event, meta, target_of(element, name)))
}

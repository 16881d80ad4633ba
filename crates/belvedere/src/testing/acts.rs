//! What a visitor does with the page's elements.

use scraper::ElementRef;
use serde_json::{Map, Value, json};

use crate::testing::dom::{Dom, asked_in, commands_of, event_in, event_of, target_in, target_of};
use crate::testing::view::{TestView, Way};
use crate::wire::keys;

impl TestView {
    /// Clicks the only element that matches, and waits until everything is quiet: follows a link, live
    /// or not, and does what the element's commands say, in the browser's order: a live link goes first,
    /// and what comes after a navigation reaches no view. What an event asks the browser to measure is
    /// nothing: places are 0, no key is held.
    ///
    /// # Panics
    ///
    /// When none or several match, or the element is no link and its `phx-click` sends no event.
    #[track_caller]
    pub fn click(&mut self, selector: &str) -> impl Future<Output = ()> {
        self.click_with(selector, &[])
    }

    /// As [`click`](Self::click), with what the browser measures: `&[("offset_x", json!(30))]`. Only what
    /// an event asks for is sent.
    ///
    /// # Panics
    ///
    /// As [`click`](Self::click).
    #[track_caller]
    pub fn click_with(
        &mut self,
        selector: &str,
        measured: &[(&str, Value)],
    ) -> impl Future<Output = ()> {
        // All of it is read first: the page may have changed after a part.
        let steps = steps_of(Dom::of(&self.html()).one(selector), measured);
        self.take(steps)
    }

    async fn take(&mut self, steps: Vec<Step>) {
        for (n_before, step) in steps.into_iter().enumerate() {
            if n_before > 0 && !self.is_joined() {
                return;
            }
            match step {
                Step::Goes(way) => {
                    let leaves = way.leaves();
                    self.go_way(way).await;
                    if leaves {
                        return;
                    }
                }
                Step::Sends { event, value, target } => {
                    self.send_to(target, "click", &event, Value::Object(value), None).await;
                }
            }
        }
    }

    /// Sends an event as a hook does, by its wire name, and returns what
    /// [`Socket::reply`](crate::Socket::reply) answers: null if nothing was said.
    pub async fn push_event(&mut self, event: &str, payload: Value) -> Value {
        let n_before = self.replies().len();
        self.send_event("hook", event, payload, None).await;
        let answer = self.replies().get(n_before..).and_then(<[Value]>::last);
        answer.map_or(Value::Null, |answer| {
            answer[keys::RESPONSE][keys::DIFF][keys::REPLY_VALUE].clone()
        })
    }

    /// Submits the only form that matches with these fields.
    ///
    /// # Panics
    ///
    /// When none or several match, or the form has no `phx-submit`.
    #[track_caller]
    pub fn submit(&mut self, selector: &str, fields: &[(&str, &str)]) -> impl Future<Output = ()> {
        self.form_event(selector, "phx-submit", fields, Map::new())
    }

    /// Tells the only form that matches that `target` has changed, with these fields.
    ///
    /// # Panics
    ///
    /// When none or several match, or the form has no `phx-change`.
    #[track_caller]
    pub fn change(
        &mut self,
        selector: &str,
        target: &str,
        fields: &[(&str, &str)],
    ) -> impl Future<Output = ()> {
        let meta = Map::from_iter([(keys::FORM_TARGET.to_owned(), Value::from(target))]);
        self.form_event(selector, "phx-change", fields, meta)
    }

    #[track_caller]
    fn form_event(
        &mut self,
        selector: &str,
        binding: &str,
        fields: &[(&str, &str)],
        mut meta: Map<String, Value>,
    ) -> impl Future<Output = ()> {
        let dom = Dom::of(&self.html());
        let element = dom.one(selector);
        let (event, values) = event_of(element, binding);
        let target = target_of(element, binding);
        drop(dom);
        meta.extend(values);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let (value, meta) = (Value::from(form.finish()), Value::Object(meta));
        async move { self.send_to(target, "form", &event, value, Some(meta)).await }
    }

    pub(super) async fn send_to(
        &mut self,
        component: Option<u64>,
        kind: &str,
        event: &str,
        value: Value,
        meta: Option<Value>,
    ) {
        let mut payload = json!({ "type": kind, "event": event, "value": value });
        if let Some(meta) = meta {
            payload["meta"] = meta;
        }
        self.send_for(component, keys::EVENT, payload).await;
    }
}

/// A part of what a click does.
enum Step {
    Goes(Way),
    Sends { event: String, value: Map<String, Value>, target: Option<u64> },
}

/// What a click on an element does.
#[track_caller]
fn steps_of(element: ElementRef<'_>, measured: &[(&str, Value)]) -> Vec<Step> {
    let binding = "phx-click";
    let click = element.attr(binding);
    let mut steps = Vec::new();
    if let Some(way) = Way::of_link(element).filter(|way| way.is_live() || click.is_none()) {
        steps.push(Step::Goes(way));
    }
    let Some(commands) = click.filter(|click| click.starts_with('[')) else {
        if click.is_some() || steps.is_empty() {
            let (event, value) = event_of(element, binding);
            steps.push(Step::Sends { event, value, target: target_of(element, binding) });
        }
        return steps;
    };
    for (op, arguments) in commands_of(commands, binding) {
        if let Some(way) = Way::of_command(&op, &arguments) {
            steps.push(Step::Goes(way));
        } else if op == "push" {
            let mut value = asked_in(&arguments);
            for (name, measured) in measured {
                if let Some(asked) = value.get_mut(*name) {
                    *asked = measured.clone();
                }
            }
            let target = target_in(element, &arguments);
            let (event, own) = event_in(element, arguments);
            value.extend(own);
            steps.push(Step::Sends { event, value, target });
        }
    }
    assert!(!steps.is_empty(), "`{binding}` sends no event and goes nowhere: {commands}");
    steps
}

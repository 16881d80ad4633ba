//! What a visitor does with the page's elements.

use serde_json::{Map, Value};

use crate::testing::dom::{Dom, asked_of, event_of, target_of};
use crate::testing::view::TestView;
use crate::wire::keys;

impl TestView {
    /// Clicks the only element that matches, and waits until everything is quiet: follows a link, live
    /// or not, or sends the element's event. What that asks the browser to measure is nothing: places are
    /// 0, no key is held.
    ///
    /// # Panics
    ///
    /// When none or several match, or the element is no link and has no `phx-click`.
    pub async fn click(&mut self, selector: &str) {
        if let Some(way) = self.way_of(selector) {
            return self.go_way(way).await;
        }
        self.click_with(selector, &[]).await;
    }

    /// As [`click`](Self::click) on an element that has an event, with what the browser measures:
    /// `&[("offset_x", json!(30))]`. Only what the event asks for is sent.
    ///
    /// # Panics
    ///
    /// When none or several match, or the element has no `phx-click`.
    pub async fn click_with(&mut self, selector: &str, measured: &[(&str, Value)]) {
        let dom = Dom::of(&self.html());
        let element = dom.one(selector);
        let (event, own) = event_of(element, "phx-click");
        let mut value = asked_of(element, "phx-click");
        for (name, measured) in measured {
            if let Some(asked) = value.get_mut(*name) {
                *asked = measured.clone();
            }
        }
        value.extend(own);
        let target = target_of(element, "phx-click");
        drop(dom);
        self.send_to(target, "click", &event, Value::Object(value), None).await;
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
    pub async fn submit(&mut self, selector: &str, fields: &[(&str, &str)]) {
        self.form_event(selector, "phx-submit", fields, Map::new()).await;
    }

    /// Tells the only form that matches that `target` has changed, with these fields.
    ///
    /// # Panics
    ///
    /// When none or several match, or the form has no `phx-change`.
    pub async fn change(&mut self, selector: &str, target: &str, fields: &[(&str, &str)]) {
        let meta = Map::from_iter([(keys::FORM_TARGET.to_owned(), Value::from(target))]);
        self.form_event(selector, "phx-change", fields, meta).await;
    }

    async fn form_event(
        &mut self,
        selector: &str,
        binding: &str,
        fields: &[(&str, &str)],
        mut meta: Map<String, Value>,
    ) {
        let dom = Dom::of(&self.html());
        let element = dom.one(selector);
        let (event, values) = event_of(element, binding);
        let target = target_of(element, binding);
        drop(dom);
        meta.extend(values);
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let (value, meta) = (Value::from(form.finish()), Value::Object(meta));
        self.send_to(target, "form", &event, value, Some(meta)).await;
    }
}

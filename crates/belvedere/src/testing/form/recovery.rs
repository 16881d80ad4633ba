//! What the client does with forms when a page has joined anew.

use crate::testing::dom::Dom;
use crate::testing::form::controls::{Form, Sent};
use crate::testing::view::TestView;

impl TestView {
    /// What the client keeps of the page's forms while there is no connection: of each that has an id
    /// and a `phx-change`, the id, the binding and what is sent of it.
    pub(in crate::testing) fn forms_to_recover(&self) -> Vec<Recovery> {
        let dom = Dom::of(&self.html());
        let forms = dom.all("form[id][phx-change]");
        let forms = forms.filter(|form| form.attr("phx-auto-recover") != Some("ignore"));
        forms
            .filter_map(|form| {
                let id = form.attr("id")?.to_owned();
                let binding = form.attr("phx-change")?.to_owned();
                let form = Form::new(&dom, &selector(&id), &self.typed);
                let sent = (!form.controls.is_empty()).then(|| form.recover()).flatten()?;
                Some(Recovery { id, binding, sent })
            })
            .collect()
    }

    /// Sends what was in the forms that are there again.
    pub(in crate::testing) async fn recover_forms(&mut self, forms: Vec<Recovery>) {
        for Recovery { id, binding, sent } in forms {
            if !self.is_joined() {
                return;
            }
            let dom = Dom::of(&self.html());
            let is_there =
                dom.all(&selector(&id)).any(|form| form.attr("phx-change") == Some(&binding));
            drop(dom);
            if is_there {
                self.send_form(sent).await;
            }
        }
    }
}

/// A form that the page had before it lost its connection.
pub(in crate::testing) struct Recovery {
    id: String,
    binding: String,
    sent: Sent,
}

fn selector(id: &str) -> String {
    format!("form[id='{id}']")
}

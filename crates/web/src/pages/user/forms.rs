//! The forms for a text: a new item, and one that is renamed in its place.

use belvedere::js::Target;
use belvedere::{Js, LiveForm, Render, live};
use domain::TodoListItemId;

use super::{Event, Task, UserPath};

/// The form for a new item.
pub(super) fn new_item(form: &LiveForm<Task>, here: UserPath) -> impl Render {
    let task = form.field(|f| f.task);
    live! {
        form.inline field=(form) method="post" action=(here) phx-change=(Event::TYPE)
            phx-submit=(Event::ADD) {
            div.field {
                label field=(task) { "What is to be done?" }
                input type="text" field=(task) autocomplete="off";
                p.error errors=(task) {}
            }
            button { "Add" }
        }
    }
}

/// The name of the form that renames an item. Each has its own: to the browser two forms of one name
/// are one, which takes along what was typed.
pub(super) fn rename_of(id: TodoListItemId) -> String {
    format!("rename-{id}")
}

/// The form in the place of an item's text.
pub(super) fn rename_form(form: &LiveForm<Task>, at: UserPath) -> impl Render {
    let task = form.field(|f| f.task);
    live! {
        form.inline field=(form) method="post" action=(at) phx-change=(Event::RETYPE)
            phx-submit=(Event::RENAME) phx-mounted=(Js::new().focus_first(Target::This))
            phx-window-keydown=(Js::new().dispatch("click", "#keep")) phx-key="Escape" {
            div.field {
                label.unseen field=(task) { "What is to be done?" }
                input type="text" field=(task) autocomplete="off";
                p.error errors=(task) {}
            }
            button { "Save" }
            a.button.quiet #keep patch=(UserPath { edit: None, ..at }) replace { "Cancel" }
        }
    }
}

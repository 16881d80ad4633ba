//! The rows of the list.

use belvedere::form::Choice as _;
use belvedere::{Render, live};
use domain::todo_list_items::{MAX_ITEMS, TodoListItem};

use crate::kit::count::Thousands;

use super::forms::rename_form;
use super::{Act, Event, ItemsPath, UserPage, UserPath};

impl UserPage {
    /// The items that are shown: all of them, but of a list that is older than the bound on lists.
    pub(super) fn shown(&self) -> &[TodoListItem] {
        &self.items[..self.items.len().min(MAX_ITEMS)]
    }

    /// What is said where not all items are shown.
    pub(super) fn more(&self) -> impl Render {
        let has_more = self.items.len() > MAX_ITEMS;
        live! {
            @if has_more { p.note #more-items { "The list is longer; these are its first " (Thousands(MAX_ITEMS as u64)) " items." } }
        }
    }

    /// The rows stand in the loop itself: of a row that comes later only the texts are sent, since the
    /// browser has the rest.
    pub(super) fn list(&self, here: UserPath) -> impl Render {
        let acts = ItemsPath { id: here.id }.to_string();
        let edit = move |id| UserPath { edit: Some(id), ..here };
        let check = |item: &TodoListItem| {
            if item.completed { Act::Reopen.value() } else { Act::Complete.value() }
        };
        live! {
            ol.todo-list #items phx-hook="Reorder" data-event="put" {
                @for item in self.shown() {
                    li id={ "item-" (item.id) } key=(item.id) data-id=(item.id) {
                        span.handle data-handle aria-hidden="true" { "⠿" }
                        form method="post" action=(acts) phx-submit=(Event::ACT) {
                            input type="hidden" name="row[item]" value=(item.id);
                            button.check name="row[act]" value=(check(item)) role="checkbox"
                                aria-checked=(item.completed) aria-label={ "Done: " (item.task) } {}
                            a.task id={ "edit-" (item.id) } patch=(edit(item.id)) replace
                                title="Rename" { (item.task) }
                            button.small name="row[act]" value=(Act::Up.value())
                                aria-label={ "Move up: " (item.task) } { "↑" }
                            button.small name="row[act]" value=(Act::Down.value())
                                aria-label={ "Move down: " (item.task) } { "↓" }
                            button.small name="row[act]" value=(Act::Delete.value())
                                aria-label={ "Delete: " (item.task) } { "×" }
                        }
                        @if let Some((_, form)) = self.renamed.as_ref().filter(|(id, _)| *id == item.id) {
                            (rename_form(form, edit(item.id)))
                        }
                    }
                }
            }
        }
    }
}

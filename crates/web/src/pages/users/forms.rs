//! The forms of `/users`: the search, and that of the dialog.

use belvedere::{Element, LiveForm, LivePath as _, Render, live};
use domain::users::MAX_NAME_CHARS;

use crate::kit::dialog::dialog;
use crate::kit::field;

use super::{Event, List, Person, UsersUrl};

/// Without JavaScript an ordinary form, which keeps the order.
pub(super) fn search(list: &List) -> impl Render {
    live! {
        form #search role="search" action=(List::ROUTE) phx-change=(Event::SEARCH) phx-submit=(Event::SEARCH)
            phx-auto-recover="ignore" {
            input type="search" name="q" value=(list.q) aria-label="Search by name" placeholder="Search by name"
                autocomplete="off" maxlength=(MAX_NAME_CHARS) phx-debounce="150";
            @for (name, value) in list.order_fields() { input type="hidden" name=(name) value=(value); }
            noscript { button { "Search" } }
        }
    }
}

/// The dialog for a new user, or for one who is there.
pub(super) fn person<'a>(
    title: &'static str,
    form: &'a LiveForm<Person>,
    at: &'a UsersUrl,
) -> impl Element + 'a {
    dialog(
        "person",
        title,
        at.closed(),
        live! {
            form field=(form) method="post" action=(at) phx-change=(Event::VALIDATE) phx-submit=(Event::SAVE) {
                (field::text("Name", form.field(|f| f.name)))
                (field::number("Age", form.field(|f| f.age)))
                button phx-disable-with="Saving…" { "Save" }
            }
        },
    )
}

//! What outlives the server: what is typed, and what was deleted. Which item is renamed stands in the URL.

use belvedere::Snapshot;
use belvedere::form::KeptForm;
use domain::todo_list_items::DeletedItem;
use serde::{Deserialize, Serialize};

use super::UserPage;

#[derive(Serialize, Deserialize)]
struct Kept {
    new: KeptForm,
    renamed: Option<KeptForm>,
    deleted: Option<DeletedItem>,
}

pub(super) fn snapshot() -> Snapshot<UserPage> {
    Snapshot::version(2, kept, restore).older(1, |page, (new, renamed)| {
        restore(page, Kept { new, renamed, deleted: None });
    })
}

fn kept(page: &UserPage) -> Kept {
    let renamed = page.renamed.as_ref().map(|(_, form)| form.keep());
    Kept { new: page.new.keep(), renamed, deleted: page.deleted.clone() }
}

fn restore(page: &mut UserPage, kept: Kept) {
    page.new.restore(kept.new);
    if let (Some((_, form)), Some(kept)) = (&mut page.renamed, kept.renamed) {
        form.restore(kept);
    }
    page.deleted = kept.deleted;
}

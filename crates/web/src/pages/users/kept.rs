//! What outlives the server: what stands in the dialog's form, and who was deleted. The rest stands in the URL.

use belvedere::Snapshot;
use belvedere::form::KeptForm;
use domain::users::DeletedUser;
use serde::{Deserialize, Serialize};

use super::UsersPage;

/// Most bytes, as JSON, of who was deleted: half of what a snapshot takes. Of a longer list the server alone
/// knows, so that it leaves room for the form.
const MAX_DELETED_BYTES: usize = 16 * 1024;

#[derive(Serialize, Deserialize)]
struct Kept {
    form: KeptForm,
    deleted: Option<DeletedUser>,
}

pub(super) fn snapshot() -> Snapshot<UsersPage> {
    Snapshot::version(2, kept, |page, kept| {
        page.form.restore(kept.form);
        page.deleted = kept.deleted;
    })
    .older(1, |page: &mut UsersPage, form| page.form.restore(form))
}

fn kept(page: &UsersPage) -> Kept {
    let is_short = |deleted: &&DeletedUser| {
        serde_json::to_vec(deleted).is_ok_and(|json| json.len() <= MAX_DELETED_BYTES)
    };
    Kept { form: page.form.keep(), deleted: page.deleted.as_ref().filter(is_short).cloned() }
}

//! Choosing files in a form.

use crate::testing::dom::Dom;
use crate::testing::files::{FileInput, TestFile};
use crate::testing::form::control::{Control, Kind};
use crate::testing::form::controls::Form;
use crate::testing::form::typed::key_of;
use crate::testing::form::{Sent, TestForm};

impl TestForm<'_> {
    /// Chooses files in the dialogue of an input, by its label or its name. If it sends them at once, they
    /// are here when this returns, unless one [stalls](TestFile::stalling_after).
    ///
    /// # Panics
    ///
    /// When there is no such input, it is disabled or belongs to no [`Upload`](crate::Upload), or the
    /// dialogue does not offer such files.
    pub async fn choose_files(&mut self, input: &str, files: impl IntoIterator<Item = TestFile>) {
        let files: Vec<_> = files.into_iter().collect();
        let accept = self.look(|form| {
            let control = form.find(input);
            let is_multiple = control.element.attr("multiple").is_some();
            assert!(is_multiple || files.len() == 1, "one file is chosen for `{input}`");
            control.element.attr("accept").map(str::to_owned)
        });
        for file in &files {
            let is_offered = accept.as_ref().is_none_or(|accept| file.is_offered(accept));
            assert!(is_offered, "a browser does not offer {file:?} for {accept:?}");
        }
        self.take_files(input, files).await;
    }

    /// Drops files onto the place that belongs to an input (`phx-drop-target`), which a browser lets one
    /// do with any.
    ///
    /// # Panics
    ///
    /// When there is no such input, it is disabled, or there is no such place.
    pub async fn drop_files(&mut self, input: &str, files: impl IntoIterator<Item = TestFile>) {
        let id = self.look(|form| form.find(input).element.attr("id").map(str::to_owned));
        let id = id.unwrap_or_default();
        let place = format!("[phx-drop-target='{id}']");
        let is_there = Dom::of(&self.view.html()).all(&place).next().is_some();
        assert!(is_there, "nothing in the page has `phx-drop-target=\"{id}\"`");
        self.take_files(input, files.into_iter().collect()).await;
    }

    async fn take_files(&mut self, called: &str, files: Vec<TestFile>) {
        let first_new = self.view.tab.next_files(files.len());
        let (key, input, form, name) = self.look(|form| {
            let control = form.find(called);
            control.must_be("an input for files", &[Kind::File]);
            control.must_be_enabled();
            let input = FileInput::of(control.element);
            (key_of(control.element), input, form.key.clone(), control.name())
        });
        self.view.files.choose(&input, files, first_new);
        self.view.typed.use_input(&form, &name);
        self.view.typed.focus = Some(key.clone());
        let uploads = self.view.files.announced(&input, first_new);
        let sent = self.look(|form| {
            let is_it = |control: &&Control<'_>| key_of(control.element) == key;
            form.change(form.controls.iter().find(is_it)?, None)
        });
        let sent = sent.unwrap_or_else(|| {
            panic!("files are announced by `phx-change`, which the form of `{called}` has not")
        });
        self.view.send_form(Sent { uploads: Some(uploads), ..sent }).await;
        self.view.files_announced(&input.upload).await;
    }

    /// Sends the files of a form, which the client does before it sends the form.
    pub(super) async fn send_files(&mut self) {
        let inputs = self.look(inputs_of);
        for input in inputs {
            input.must_be_done();
            self.view.send_files(&input.upload).await;
        }
        self.look(inputs_of).iter().for_each(FileInput::must_be_done);
    }
}

fn inputs_of(form: &Form<'_>) -> Vec<FileInput> {
    let is_upload = |control: &&Control<'_>| {
        control.kind == Kind::File && control.element.attr("data-phx-upload-ref").is_some()
    };
    form.controls.iter().filter(is_upload).map(|control| FileInput::of(control.element)).collect()
}

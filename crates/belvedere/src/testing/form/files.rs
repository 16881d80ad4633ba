//! Choosing files in a form.

use std::panic::Location;

use crate::testing::files::{FileInput, TestFile};
use crate::testing::form::control::{Control, Kind};
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
    #[track_caller]
    pub fn choose_files(
        &mut self,
        input: &str,
        files: impl IntoIterator<Item = TestFile>,
    ) -> impl Future<Output = ()> {
        let files: Vec<_> = files.into_iter().collect();
        let dom = self.dom();
        let control = self.form(&dom).find(input);
        let is_multiple = control.element.attr("multiple").is_some();
        assert!(is_multiple || files.len() == 1, "one file is chosen for `{input}`");
        let accept = control.element.attr("accept");
        for file in &files {
            let is_offered = accept.is_none_or(|accept| file.is_offered(accept));
            assert!(is_offered, "a browser does not offer {file:?} for {accept:?}");
        }
        self.take_files(input, files)
    }

    /// Drops files onto the place that belongs to an input (`phx-drop-target`), which a browser lets one
    /// do with any.
    ///
    /// # Panics
    ///
    /// When there is no such input, it is disabled, or there is no such place.
    #[track_caller]
    pub fn drop_files(
        &mut self,
        input: &str,
        files: impl IntoIterator<Item = TestFile>,
    ) -> impl Future<Output = ()> {
        let dom = self.dom();
        let id = self.form(&dom).find(input).element.attr("id").unwrap_or_default();
        let is_there = dom.all(&format!("[phx-drop-target='{id}']")).next().is_some();
        assert!(is_there, "nothing in the page has `phx-drop-target=\"{id}\"`");
        self.take_files(input, files.into_iter().collect())
    }

    #[track_caller]
    fn take_files(&mut self, called: &str, files: Vec<TestFile>) -> impl Future<Output = ()> {
        let first_new = self.view.tab.next_files(files.len());
        let dom = self.dom();
        let form = self.form(&dom);
        let control = form.find(called);
        control.must_be("an input for files", &[Kind::File]);
        control.must_be_enabled();
        let input = FileInput::of(control.element);
        let (key, form, name) = (key_of(control.element), form.key.clone(), control.name());
        self.view.files.choose(&input, files, first_new);
        self.view.typed.use_input(&form, &name);
        self.view.typed.focus = Some(key.clone());
        let uploads = self.view.files.announced(&input, first_new);
        let sent = self.look(|form| {
            let is_it = |control: &&Control<'_>| key_of(control.element) == key;
            form.change(form.controls.iter().find(is_it)?, None)
        });
        let Some(sent) = sent else {
            panic!("files are announced by `phx-change`, which the form of `{called}` has not");
        };
        async move {
            self.view.send_form(Sent { uploads: Some(uploads), ..sent }).await;
            self.view.files_announced(&input.upload).await;
        }
    }

    /// Sends the files of a form, which the client does before it sends the form, as `caller` asks for it.
    pub(super) async fn send_files(&mut self, caller: &Location<'_>) {
        for input in self.look(|form| form.files()) {
            self.view.send_files(&input.upload).await;
        }
        for input in self.look(|form| form.files()) {
            // What failed on its way did so after the line that sends the form.
            if let Some(unsent) = input.unsent() {
                panic!("{unsent}: {caller}");
            }
        }
    }
}

//! Files of a view's uploads: announced by its forms, granted, reported, come to their end.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tracing::{Instrument, Span};

use crate::config::LiveConfig;
use crate::error::CallbackError;
use crate::event::Declared;
use crate::runtime::callback::component_socket;
use crate::runtime::client_frame::Request;
use crate::runtime::recipient::Recipient;
use crate::runtime::view_task::answer::Scope;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::telemetry::{self, Act, UploadAct};
use crate::upload::slot::Slot;
use crate::upload::state::Asked;
use crate::upload::task::WRITER_TIMEOUT;
use crate::upload::transfer::Granting;
use crate::upload::{UploadEntry, UploadError};
use crate::view::{LiveView, is_left_out};
use crate::visit::GuardedEvent;
use crate::wire::message::{AllowUpload, ClientFile, EventPayload, Progress, Reported};
use crate::wire::response::{Grant, Granted, Preflight, UploadConfig, UploadRefusal};
use crate::wire::token::UploadToken;

/// Bytes of a message that are no part of a file: its kind, five lengths, four names.
const CHUNK_HEAD_BYTES: usize = 5 + 4 * 255;

/// Heard by the client's script: the form of this input waits for a file that does not come.
const FAILED_EVENT: &str = "live_view:upload_failed";

/// How long an answer may be on its way.
const ANSWER_TIME: Duration = Duration::from_secs(5);

/// What a client asks of uploads.
pub(super) enum UploadAsked {
    Allow { upload: String, files: Vec<ClientFile>, component: Option<u64> },
    Progress { upload: String, entry: u64, reported: Reported },
}

impl From<AllowUpload<'_>> for UploadAsked {
    fn from(AllowUpload { upload, entries, cid }: AllowUpload<'_>) -> Self {
        Self::Allow { upload: upload.into_owned(), files: entries, component: cid }
    }
}

impl From<Progress<'_>> for UploadAsked {
    fn from(Progress { upload, entry, reported, .. }: Progress<'_>) -> Self {
        Self::Progress { upload: upload.into_owned(), entry, reported }
    }
}

/// An author's code has not said where a file may go.
fn log_unsigned(view: &'static str, error: &CallbackError, span: &Span) {
    tracing::error!(parent: span, view, %error, "an upload was not signed");
    telemetry::fail(span, "sign", &error.to_string());
}

fn log_untaken(times: u64, view: &'static str, upload: &str) {
    tracing::warn!(
        times,
        view,
        upload,
        "a file that had come was dropped, since nobody took it: `Upload::take` it in `handle_upload`, \
         `consume` it with its form, or raise `UploadOptions::take_timeout`"
    );
}

impl<V: LiveView> ViewTask<V> {
    /// Lists the files that a form's change announces; says whether there are any.
    pub(super) fn announced(&mut self, payload: &EventPayload<'_>) -> bool {
        if payload.uploads.is_none() {
            return false;
        }
        let announced = match payload.announced() {
            Ok(announced) => announced,
            Err(error) => {
                self.runtime.protocol_error(error.reason());
                return false;
            }
        };
        let mut has_files = false;
        for (upload, files) in announced {
            let Some(slot) = self.socket.uploads.find(&upload) else { continue };
            has_files |= !files.is_empty();
            let _panic = telemetry::FailOnPanic::part(None, "upload check");
            slot.announce(files, payload.cid);
            self.show_upload(&slot);
        }
        has_files
    }

    pub(super) async fn upload_asked(&mut self, asked: UploadAsked, request: Request) -> Flow {
        let message_ref = request.message_ref();
        match asked {
            UploadAsked::Allow { upload, files, component } => {
                self.allow_upload(&upload, files, component, message_ref).await
            }
            UploadAsked::Progress { upload, entry, reported } => {
                if let Some(slot) = self.socket.uploads.find(&upload) {
                    slot.progress(entry, reported);
                    self.show_upload(&slot);
                    self.upload_ended(&slot).await;
                }
                self.reply_rendered(message_ref).await
            }
        }
    }

    /// Answers which files may be sent, and how.
    async fn allow_upload(
        &mut self,
        upload: &str,
        files: Vec<ClientFile>,
        component: Option<u64>,
        message_ref: Option<&str>,
    ) -> Flow {
        let granted = match self.socket.uploads.find(upload) {
            // Of an upload that the view has dropped meanwhile, an ordinary race.
            None => Err(vec![(upload.to_owned(), UploadRefusal::Disallowed.reason())]),
            Some(slot) => {
                let asked: Vec<_> = files.iter().map(|file| file.entry).collect();
                slot.announce(files, component);
                let granted = self.grant(&slot, &asked).await;
                self.show_upload(&slot);
                granted
            }
        };
        self.count_refused(&granted);
        self.clean();
        let preflight = Preflight { upload, granted };
        self.answer_with(Scope::View, message_ref, |out| preflight.write_members(out)).await
    }

    fn count_refused(&self, granted: &Result<Granted, Vec<(String, &'static str)>>) {
        let count = |reason| self.runtime.metrics.upload_refused(reason);
        match granted {
            Ok(granted) => granted.errors.iter().for_each(|(_, reason)| count(reason)),
            Err(refused) => refused.iter().for_each(|(_, reason)| count(reason)),
        }
    }

    async fn grant(
        &mut self,
        slot: &Arc<dyn Slot>,
        asked: &[u64],
    ) -> Result<Granted, Vec<(String, &'static str)>> {
        self.socket.flash.begin_act();
        let mut told = slot.ask(asked);
        if let Asked::Wanted { entries, .. } = &told
            && !entries.is_empty()
            && !self.upload_passes(slot).await
        {
            let refuse = |entry: &UploadEntry| slot.refuse(entry.id().0, UploadError::Disallowed);
            entries.iter().for_each(refuse);
            told = slot.ask(asked);
        }
        let (wanted, errors) = match told {
            Asked::Refused(refused) => return Err(refused),
            Asked::Wanted { entries, errors } => (entries, errors),
        };
        let n_coming: usize = self.socket.uploads.all().map(|slot| slot.n_coming()).sum();
        let config = self.upload_config(&**slot, n_coming + wanted.len());
        let chunk_bytes = config.chunk_bytes;
        let mut granted = Granted { config, errors, entries: Vec::new() };
        for entry in wanted {
            let id = entry.id().0;
            match self.grant_entry(slot, entry, chunk_bytes).await {
                Ok(Some(grant)) => granted.entries.push((id, grant)),
                Ok(None) => {}
                Err(error) if slot.options().auto => granted.errors.push((id, error.reason())),
                Err(error) => {
                    // The client sends none of them then.
                    granted.entries.iter().for_each(|(entry, _)| slot.ungrant(*entry));
                    return Err(vec![(id.to_string(), error.reason())]);
                }
            }
        }
        Ok(granted)
    }

    /// Whether the guards of the page let files be sent, and what has come be taken.
    async fn upload_passes(&mut self, slot: &Arc<dyn Slot>) -> bool {
        let component = self.component_of(&**slot);
        let kind = component.and_then(|number| self.socket.components.kind(number));
        let event = Declared { name: GuardedEvent::UPLOAD, only_reads: false };
        match self.passes(kind.map(|kind| kind.name), event).await {
            Ok(passes) => passes,
            Err(error) => {
                self.settle_result(Err(error), &Span::current());
                false
            }
        }
    }

    async fn grant_entry(
        &mut self,
        slot: &Arc<dyn Slot>,
        entry: UploadEntry,
        chunk_bytes: usize,
    ) -> Result<Option<Grant>, UploadError> {
        let Some(view) = self.channel.as_ref().map(|channel| channel.incarnation) else {
            return Ok(None);
        };
        let granting = Granting {
            grant: self.runtime.next_incarnation(),
            view,
            chunk_bytes,
            recipient: Arc::clone(&self.socket.mailbox) as Arc<dyn Recipient>,
            act: UploadAct::new(&self.identity(), &self.socket.identity.route, slot.name()),
            grants: Arc::clone(&self.runtime.grants),
        };
        if let Some(transfer) = slot.grant(&entry, granting) {
            let (upload, entry) = (slot.reference().to_owned(), entry.id().0);
            let token = UploadToken { view, grant: transfer.grant, upload, entry };
            return Ok(Some(Grant::Token(token.sign(&self.runtime.keys, SystemTime::now()))));
        }
        let Some(signing) = slot.sign(entry) else { return Ok(None) };
        let span = telemetry::act_span(&self.identity(), Act::Sign(slot.name()));
        let _panic = telemetry::FailOnPanic::new(&span, "sign");
        let signed = signing.instrument(span.clone()).await;
        if let Err(UploadError::Failed(error)) = &signed {
            log_unsigned(V::name(), error, &span);
        }
        signed.map(|json| Some(Grant::External(json)))
    }

    /// What the client is told of an upload, when so many files of the page are sent at once. More than
    /// a message may have is never asked of it, nor so much that events would wait behind the parts.
    fn upload_config(&self, slot: &dyn Slot, n_files: usize) -> UploadConfig {
        let options = slot.options();
        let LiveConfig { max_frame_bytes, max_waiting_bytes, .. } = *self.runtime.config;
        let most = max_frame_bytes.saturating_sub(CHUNK_HEAD_BYTES);
        // Of each file one part is written while the next one comes.
        let most = most.min(max_waiting_bytes / 4 / n_files.max(1));
        // The last part is answered when the one before, itself and the file's end are written.
        let chunk_timeout = options.chunk_timeout.max(3 * WRITER_TIMEOUT + ANSWER_TIME);
        UploadConfig {
            max_file_bytes: options.max_file_bytes,
            max_entries: options.max_entries,
            chunk_bytes: options.chunk_bytes.min(most).max(1),
            chunk_timeout: u64::try_from(chunk_timeout.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// Uploads have failed while nobody asked.
    pub(super) async fn uploads_changed(&mut self) -> Flow {
        let shown: Vec<_> = self.socket.uploads.all().collect();
        for slot in shown {
            self.show_upload(&slot);
            self.upload_ended(&slot).await;
        }
        self.dirtied(Scope::View);
        Flow::Continue
    }

    /// Where it is shown is looked at again with the next frame.
    fn show_upload(&mut self, slot: &Arc<dyn Slot>) {
        self.dirtied(Scope::View);
        if let Some(number) = self.component_of(&**slot) {
            self.socket.components.changed(number);
        }
    }

    /// The component whose form an upload is in, as it is numbered now.
    fn component_of(&self, slot: &dyn Slot) -> Option<u64> {
        self.socket.components.current(slot.component()?)
    }

    /// Tells the view, or the component whose form it is, of files that have come to their end.
    async fn upload_ended(&mut self, slot: &Arc<dyn Slot>) {
        for entry in slot.take_ended() {
            if entry.error().is_some() && !slot.options().auto {
                let id = serde_json::json!({ "id": slot.reference() });
                // The payload is a text, so writing it as JSON cannot fail.
                let _ = self.socket.push_event(FAILED_EVENT, &id);
            }
            self.tell_of_untaken(slot, &entry);
            self.socket.flash.begin_act();
            if entry.is_done() && !self.upload_passes(slot).await {
                slot.refuse(entry.id().0, UploadError::Disallowed);
                continue;
            }
            match self.component_of(&**slot) {
                Some(number) => Box::pin(self.component_upload(number, slot.name(), entry)).await,
                None => self.view_upload(slot.name(), entry).await,
            }
        }
    }

    /// The author may have forgotten to take it.
    fn tell_of_untaken(&self, slot: &Arc<dyn Slot>, entry: &UploadEntry) {
        if !matches!(entry.error(), Some(UploadError::NotTaken)) {
            return;
        }
        self.runtime.metrics.upload_refused(UploadError::NotTaken.reason());
        if let Some(times) = self.runtime.told.untaken.again() {
            log_untaken(times, V::name(), slot.name());
        }
    }

    async fn view_upload(&mut self, upload: &'static str, entry: UploadEntry) {
        let identity = self.socket.identity.clone();
        let callback = self.view.handle_upload(entry, &mut self.socket);
        if is_left_out(&callback) {
            return;
        }
        let span = telemetry::act_span(&identity.for_spans::<V>(), Act::Upload(upload));
        let _panic = telemetry::FailOnPanic::new(&span, "handle_upload");
        let result = callback.instrument(span.clone()).await;
        self.settle_result(result, &span);
    }

    async fn component_upload(&mut self, number: u64, upload: &'static str, entry: UploadEntry) {
        let Some(kind) = self.socket.components.kind(number) else { return };
        let Some(mut instance) = self.socket.components.take(number) else { return };
        let act = Act::ComponentUpload(kind.name, upload);
        let span = telemetry::act_span(&self.identity(), act);
        let _panic = telemetry::FailOnPanic::of_component(&span, kind.name, "handle_upload");
        let handled = match instance.upload(entry, component_socket(&mut self.socket, kind)) {
            Some(handling) => handling.instrument(span.clone()).await,
            None => Ok(()),
        };
        self.socket.components.put_changed(number, instance);
        self.settle_result(handled, &span);
    }
}

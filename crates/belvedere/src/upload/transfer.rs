//! One file on its way, from the leave to send it to its end.
//!
//! The view's entry owns it and ends it when it is dropped; the connection hands it what comes; a task
//! of its own ([`task`](super::task)) writes that. So whatever ends the view, the socket or the entry ends
//! the task, and drops what was written.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::budget::Sender;
use super::channel::UploadChannel;
use super::entry::About;
use super::grants::Grants;
use super::store::UploadStore;
use super::task::{self, LastWork, Run};
use super::writer::{Opening, Sink};
use super::{UploadEntry, UploadError, UploadOptions};
use crate::error::CallbackError;
use crate::runtime::backlog::Load;
use crate::runtime::in_flight::Ticket;
use crate::runtime::recipient::Recipient;
use crate::telemetry::{Metrics, UploadAct, UploadOutcome};
use crate::wire::response::UploadRefusal;

/// Makes the writer.
pub(super) type Opener =
    Box<dyn FnOnce(Opening<'_>) -> Result<Box<dyn Sink>, CallbackError> + Send>;

/// A granted entry.
pub(crate) struct Transfer {
    /// Number of the grant, unique in the process.
    pub(crate) grant: u64,
    /// The join of the view that has granted it.
    pub(crate) view: u64,
    /// How much of it comes at once, as the client was told.
    pub(super) chunk_bytes: usize,
    pub(super) about: Arc<About>,
    pub(super) options: Arc<UploadOptions>,
    pub(super) received: AtomicU64,
    /// By its signature, once its beginning has come.
    pub(super) media_type: OnceLock<Option<&'static str>>,
    phase: Mutex<Phase>,
    /// The view, which is told when it fails.
    recipient: Arc<dyn Recipient>,
    act: UploadAct,
    /// Where it is found.
    grants: Arc<Grants>,
}

enum Phase {
    /// Nobody has joined with its token.
    Granted(Opener),
    /// Parts come.
    Running(Running),
    /// All of it is here.
    Received(Received),
    Failed(Failed),
    /// Nobody wants it any more.
    Over,
}

/// The ends of a running upload.
struct Running {
    parts: mpsc::Sender<Part>,
    task: AbortHandle,
    channel: Arc<UploadChannel>,
    last_work: LastWork,
}

impl Running {
    /// Stops it: what it has written is dropped a moment later.
    fn stop(&self) {
        let ticket = self.channel.in_flight.ticket();
        *self.last_work.lock().unwrap_or_else(PoisonError::into_inner) = Some(ticket);
        self.task.abort();
    }
}

/// A file that waits to be taken.
struct Received {
    channel: Arc<UploadChannel>,
    /// Gives it up.
    expiry: AbortHandle,
}

/// A file that goes no further.
struct Failed {
    error: UploadError,
    /// Absent of one that has not begun.
    channel: Option<Arc<UploadChannel>>,
}

/// A part of a file, on its way to the writer.
pub(super) struct Part {
    pub(super) bytes: Bytes,
    pub(super) message_ref: Option<Box<str>>,
    pub(super) ticket: Ticket,
    /// Until the writer has taken it.
    pub(super) load: Load,
}

/// What a connection gives an upload that begins.
pub(crate) struct Beginning<'a> {
    pub(crate) channel: UploadChannel,
    pub(crate) store: &'a Arc<UploadStore>,
    pub(crate) sender: Sender,
    pub(crate) metrics: &'a Arc<Metrics>,
}

/// What a view gives an entry that may be sent.
pub(crate) struct Granting {
    pub(crate) grant: u64,
    pub(crate) view: u64,
    pub(crate) chunk_bytes: usize,
    pub(crate) recipient: Arc<dyn Recipient>,
    pub(crate) act: UploadAct,
    pub(crate) grants: Arc<Grants>,
}

impl Transfer {
    pub(super) fn new(
        granting: Granting,
        about: Arc<About>,
        options: Arc<UploadOptions>,
        opener: Opener,
    ) -> Arc<Self> {
        let Granting { grant, view, chunk_bytes, recipient, act, grants } = granting;
        let (received, media_type) = (AtomicU64::new(0), OnceLock::new());
        let phase = Mutex::new(Phase::Granted(opener));
        let transfer = Arc::new(Self {
            grant,
            view,
            chunk_bytes,
            about,
            options,
            received,
            media_type,
            phase,
            recipient,
            act,
            grants,
        });
        transfer.grants.add(&transfer);
        transfer
    }

    /// Whether it is what a token says.
    pub(crate) fn is_of(&self, view: u64, upload: &str, entry: u64) -> bool {
        self.view == view && *self.about.upload == *upload && self.about.file.entry == entry
    }

    /// The client has joined. What it is told is its caller's.
    pub(crate) fn begin(
        self: &Arc<Self>,
        beginning: Beginning<'_>,
    ) -> Result<Arc<UploadChannel>, UploadRefusal> {
        let Beginning { channel, store, sender, metrics } = beginning;
        let mut phase = self.lock();
        let opener = match std::mem::replace(&mut *phase, Phase::Over) {
            Phase::Granted(opener) => opener,
            other => {
                let refusal = match other {
                    Phase::Over => UploadRefusal::Disallowed,
                    _ => UploadRefusal::AlreadyRegistered,
                };
                *phase = other;
                return Err(refusal);
            }
        };
        let entry = UploadEntry::chosen(&self.about);
        let opening = Opening { entry, store, sender };
        let sink = match opener(opening) {
            Ok(sink) => sink,
            Err(error) => {
                let error = task::not_stored(self, "open", error);
                metrics.upload(self.act.view, UploadOutcome::Failed, 0);
                let refusal = error.refusal();
                self.failed(phase, error);
                return Err(refusal);
            }
        };
        // One part at a time: the client waits for the answer to each.
        let (parts, coming) = mpsc::channel(1);
        let (channel, last_work) = (Arc::new(channel), LastWork::default());
        let run = Run {
            transfer: Arc::clone(self),
            parts: coming,
            channel: Arc::clone(&channel),
            metrics: Arc::clone(metrics),
            span: self.act.span(self.about.file.size),
            _last_work: Arc::clone(&last_work),
        };
        let task = tokio::spawn(task::run(run, sink)).abort_handle();
        *phase = Phase::Running(Running { parts, task, channel: Arc::clone(&channel), last_work });
        Ok(channel)
    }

    /// It may be sent no more.
    pub(crate) fn refuse(&self, error: UploadError) {
        let phase = self.lock();
        if matches!(*phase, Phase::Granted(_)) {
            self.failed(phase, error);
        }
    }

    /// The client has sent the next part.
    pub(crate) fn part(
        &self,
        bytes: Bytes,
        message_ref: Option<&str>,
        ticket: Ticket,
        load: Load,
    ) -> Result<(), UploadRefusal> {
        let refusal = {
            let phase = self.lock();
            match &*phase {
                Phase::Running(Running { parts, .. }) if !bytes.is_empty() => {
                    let message_ref = message_ref.map(Box::from);
                    let part = Part { bytes, message_ref, ticket, load };
                    if parts.try_send(part).is_ok() {
                        return Ok(());
                    }
                    UploadRefusal::Malformed
                }
                Phase::Running(_) => UploadRefusal::Malformed,
                Phase::Received(_) => UploadRefusal::TooLarge { limit: self.about.file.size },
                // Its client was let to send this part before the one before it could not be written.
                Phase::Failed(_) => UploadRefusal::Writer,
                Phase::Granted(_) | Phase::Over => UploadRefusal::Disallowed,
            }
        };
        self.interrupt();
        Err(refusal)
    }

    /// The connection or its client has ended the topic: what has not come is not waited for.
    pub(crate) fn interrupt(&self) {
        let phase = self.lock();
        match &*phase {
            Phase::Running(running) => {
                running.stop();
                running.channel.is_gone();
                self.failed(phase, UploadError::Interrupted);
            }
            Phase::Received(Received { channel, .. })
            | Phase::Failed(Failed { channel: Some(channel), .. }) => channel.is_gone(),
            Phase::Granted(_) | Phase::Failed(_) | Phase::Over => {}
        }
    }

    /// The view wants nothing more of it.
    pub(super) fn end(&self) {
        let ended = std::mem::replace(&mut *self.lock(), Phase::Over);
        match ended {
            Phase::Running(running) => {
                running.stop();
                running.channel.close();
            }
            Phase::Received(Received { channel, expiry }) => {
                expiry.abort();
                channel.close();
            }
            Phase::Failed(Failed { channel: Some(channel), .. }) => channel.close(),
            Phase::Granted(_) | Phase::Failed(_) | Phase::Over => {}
        }
    }

    /// All of it is written, and waits to be taken.
    pub(super) fn is_written(self: &Arc<Self>) {
        let mut phase = self.lock();
        if let Phase::Running(running) = &*phase {
            let channel = Arc::clone(&running.channel);
            let expiry = expire(Arc::downgrade(self), self.options.take_timeout);
            let expiry = tokio::spawn(expiry).abort_handle();
            *phase = Phase::Received(Received { channel, expiry });
        }
    }

    /// Nobody has taken it in time; the view shows that.
    fn is_not_taken(&self) {
        let phase = self.lock();
        if let Phase::Received(Received { channel, .. }) = &*phase {
            channel.close();
            self.failed(phase, UploadError::NotTaken);
        }
    }

    /// It cannot go on; the view shows why.
    pub(super) fn fail(&self, error: UploadError) {
        let phase = self.lock();
        if matches!(*phase, Phase::Running(_)) {
            self.failed(phase, error);
        }
    }

    /// Notes why, and lets go of the lock before the view is told.
    fn failed(&self, mut phase: MutexGuard<'_, Phase>, error: UploadError) {
        let channel = match &*phase {
            Phase::Running(Running { channel, .. }) | Phase::Received(Received { channel, .. }) => {
                Some(Arc::clone(channel))
            }
            Phase::Granted(_) | Phase::Failed(_) | Phase::Over => None,
        };
        *phase = Phase::Failed(Failed { error, channel });
        drop(phase);
        self.recipient.uploads_changed();
    }

    /// Whether more of it comes.
    pub(crate) fn is_running(&self) -> bool {
        matches!(*self.lock(), Phase::Running(_))
    }

    /// Whether a part is shorter than its client was told, and not the last one.
    pub(crate) fn is_crumb(&self, part: &[u8]) -> bool {
        let received = self.received.load(Ordering::Acquire);
        part.len() < self.chunk_bytes && received + (part.len() as u64) < self.about.file.size
    }

    /// Whether all of it is here.
    pub(super) fn is_received(&self) -> bool {
        matches!(*self.lock(), Phase::Received(_))
    }

    /// Why it has failed.
    pub(super) fn failure(&self) -> Option<UploadError> {
        match &*self.lock() {
            Phase::Failed(Failed { error, .. }) => Some(error.clone()),
            _ => None,
        }
    }

    pub(super) fn view_name(&self) -> &'static str {
        self.act.view
    }

    pub(super) fn upload_name(&self) -> &'static str {
        self.act.upload
    }

    /// How much of it has come, in hundredths.
    pub(super) fn percent(&self) -> u8 {
        let received = u128::from(self.received.load(Ordering::Acquire));
        let percent = received * 100 / u128::from(self.about.file.size.max(1));
        u8::try_from(percent).unwrap_or(100).min(100)
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives a file up that nobody takes.
async fn expire(transfer: Weak<Transfer>, after: Duration) {
    sleep(after).await;
    if let Some(transfer) = transfer.upgrade() {
        transfer.is_not_taken();
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.grants.remove(self.grant);
    }
}

impl fmt::Debug for Transfer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transfer").field("grant", &self.grant).finish_non_exhaustive()
    }
}

/// A transfer in the hands of its entry: it ends with it.
#[derive(Debug)]
pub(super) struct Held(pub(super) Arc<Transfer>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.end();
    }
}

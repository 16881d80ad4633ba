//! Writes one file as it comes: part by part, each answered when it is taken.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span};

use super::UploadError;
use super::accept::{Content, HEAD_BYTES};
use super::channel::UploadChannel;
use super::transfer::{Part, Transfer};
use super::writer::{Sink, Writing};
use crate::ended::let_go;
use crate::error::CallbackError;
use crate::runtime::in_flight::Ticket;
use crate::telemetry::{self, Metrics, Told, UploadOutcome};
use crate::wire::response::UploadRefusal;

/// How long a writer may take for a part, and for its end: less than a connection waits for what it has
/// read to be handled.
pub(crate) const WRITER_TIMEOUT: Duration = Duration::from_secs(20);

/// Least time that is waited for all parts of a file together.
const MIN_PATIENCE: Duration = Duration::from_secs(60);

/// Visitors can send as many files as they like to one disk.
static FULL_DISK: Told = Told::new();

/// Work that is dropped with a task which is aborted.
pub(super) type LastWork = Arc<Mutex<Option<Ticket>>>;

/// An upload that runs.
pub(super) struct Run {
    pub(super) transfer: Arc<Transfer>,
    pub(super) parts: mpsc::Receiver<Part>,
    pub(super) channel: Arc<UploadChannel>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) span: Span,
    /// Dropped after all else that the task has.
    pub(super) _last_work: LastWork,
}

/// The answer that the client waits for while a part is written.
enum Waits {
    /// To this part.
    This { message_ref: Option<Box<str>>, ticket: Ticket },
    /// To its next one, which it has been let to send.
    Next,
    /// None: it has sent nothing for too long.
    Nothing,
}

/// Why an upload ends before all of it is here, and what its client is told.
struct Stopped {
    error: UploadError,
    refusal: UploadRefusal,
}

impl From<UploadError> for Stopped {
    fn from(error: UploadError) -> Self {
        let refusal = error.refusal();
        Self { error, refusal }
    }
}

/// Takes parts until all of the file is here, or it fails.
pub(super) async fn run(mut run: Run, sink: Box<dyn Sink>) {
    let span = run.span.clone();
    let mut report = Report::begin(&run);
    let intake = Intake { transfer: Arc::clone(&run.transfer), head: Some(BytesMut::new()), sink };
    let outcome = take_all(&mut run, intake).instrument(span).await;
    report.outcome = match outcome {
        Ok(()) => UploadOutcome::Received,
        Err(error) => {
            telemetry::fail(&run.span, error.reason(), &error.to_string());
            UploadOutcome::Failed
        }
    };
}

async fn take_all(run: &mut Run, mut intake: Intake) -> Result<(), UploadError> {
    let limit = run.transfer.options.chunk_timeout;
    // A client that sends less at once than it was told does not have its room for longer.
    let mut patience = patience(&run.transfer);
    let (waits, stopped, intake) = loop {
        let since = Instant::now();
        let part = match timeout(limit.min(patience), run.parts.recv()).await {
            Ok(Some(part)) => part,
            // Whoever has the other end aborts this task before it drops it.
            Ok(None) => return Err(UploadError::Interrupted),
            Err(_) => break (Waits::Nothing, UploadError::TimedOut.into(), Some(intake)),
        };
        patience = patience.saturating_sub(since.elapsed());
        let Part { bytes, message_ref, ticket, load } = part;
        let _writing = run.channel.in_flight.ticket();
        let waits = if intake.ends_with(&bytes) {
            Waits::This { message_ref, ticket }
        } else {
            // The next one comes while this one is written.
            run.channel.reply(message_ref.as_deref(), ticket, Ok(()));
            Waits::Next
        };
        let taken = intake.take(bytes).await;
        drop(load);
        match (taken, waits) {
            (Ok(()), Waits::This { message_ref, ticket }) => match intake.finish().await {
                Ok(()) => {
                    run.transfer.is_written();
                    run.channel.reply(message_ref.as_deref(), ticket, Ok(()));
                    return Ok(());
                }
                Err(stopped) => break (Waits::This { message_ref, ticket }, stopped, None),
            },
            (Ok(()), _) => {}
            (Err(stopped), waits) => break (waits, stopped, Some(intake)),
        }
    };
    let error = stopped.error.clone();
    refuse(run, waits, stopped);
    // What has come goes, by the writer's own destructor.
    let_go(run.transfer.view_name(), || drop(intake));
    Err(error)
}

/// Tells why a file goes no further: the view with its next frame, and the client, which may hear of it
/// before. It ends the file by itself then, and says nothing more of it.
fn refuse(run: &mut Run, waits: Waits, Stopped { error, refusal }: Stopped) {
    let _ticket = run.channel.in_flight.ticket();
    run.transfer.fail(error);
    let (message_ref, ticket) = match waits {
        Waits::This { message_ref, ticket } => (message_ref, ticket),
        Waits::Nothing => return run.channel.close(),
        // From now on the connection answers what comes, see `Transfer::part`; this may have come before.
        Waits::Next => match run.parts.try_recv() {
            Ok(Part { message_ref, ticket, .. }) => (message_ref, ticket),
            Err(_) => return,
        },
    };
    run.channel.reply(message_ref.as_deref(), ticket, Err(refusal));
    run.channel.close();
}

/// How long all parts of a file are waited for.
fn patience(transfer: &Transfer) -> Duration {
    let n_parts = transfer.about.file.size.div_ceil(transfer.chunk_bytes.max(1) as u64);
    let n_parts = u32::try_from(n_parts).unwrap_or(u32::MAX);
    transfer.options.chunk_timeout.saturating_mul(n_parts).max(MIN_PATIENCE)
}

/// What has come so far.
struct Intake {
    transfer: Arc<Transfer>,
    /// The beginning, until it is known what the file holds.
    head: Option<BytesMut>,
    sink: Box<dyn Sink>,
}

impl Intake {
    /// Counts a part, and hands it to the writer as soon as its file is known to be accepted.
    async fn take(&mut self, part: Bytes) -> Result<(), Stopped> {
        let (size, before) = (self.transfer.about.file.size, self.received());
        let after = before + part.len() as u64;
        if after > size {
            let (error, limit) = (UploadError::TooLarge { max_bytes: size }, size);
            return Err(Stopped { error, refusal: UploadRefusal::TooLarge { limit } });
        }
        let next = match self.head.take() {
            None => part,
            Some(mut head) => {
                let is_enough = head.len() + part.len() >= HEAD_BYTES || after == size;
                let whole = if head.is_empty() && is_enough {
                    part
                } else {
                    head.extend_from_slice(&part);
                    if !is_enough {
                        self.head = Some(head);
                        self.count(after);
                        return Ok(());
                    }
                    head.freeze()
                };
                self.look(&whole)?;
                whole
            }
        };
        within_bounds(&self.transfer, "write", self.sink.write(next)).await?;
        self.count(after);
        Ok(())
    }

    /// Looks at what the file holds.
    fn look(&self, head: &[u8]) -> Result<(), Stopped> {
        let content = Content::of(&head[..head.len().min(HEAD_BYTES)]);
        // Set once: a file has one beginning.
        let _ = self.transfer.media_type.set(content.media_type());
        if self.takes(content) { Ok(()) } else { Err(UploadError::NotAccepted.into()) }
    }

    fn takes(&self, content: Content) -> bool {
        let file = &self.transfer.about.file;
        self.transfer.options.accept.takes_content(content, &file.name, &file.content_type)
    }

    async fn finish(self) -> Result<(), Stopped> {
        within_bounds(&self.transfer, "finish", self.sink.finish()).await
    }

    /// Whether a part is the last one.
    fn ends_with(&self, part: &[u8]) -> bool {
        self.received() + part.len() as u64 >= self.transfer.about.file.size
    }

    fn received(&self) -> u64 {
        self.transfer.received.load(Ordering::Acquire)
    }

    fn count(&self, received: u64) {
        self.transfer.received.store(received, Ordering::Release);
    }
}

/// What a writer comes to: no panic, and not for ever.
async fn within_bounds(
    transfer: &Transfer,
    callback: &'static str,
    writing: Writing<'_>,
) -> Result<(), Stopped> {
    let written = timeout(WRITER_TIMEOUT, AssertUnwindSafe(writing).catch_unwind()).await;
    let error = match written {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(error))) => error,
        Ok(Err(_)) => CallbackError::from("the writer panicked"),
        Err(_) => CallbackError::from("the writer took too long"),
    };
    Err(not_stored(transfer, callback, error).into())
}

/// Why a writer does not take a file; the log says it where the page does not.
pub(super) fn not_stored(
    transfer: &Transfer,
    callback: &'static str,
    error: CallbackError,
) -> UploadError {
    let (view, upload) = (transfer.view_name(), transfer.upload_name());
    if error.is_of_full_disk() {
        if let Some(times) = FULL_DISK.again() {
            tracing::error!(view, upload, callback, %error, times, "a disk has no room for uploads");
        }
        return UploadError::NoRoom;
    }
    let error = UploadError::of_callback(error);
    if let UploadError::Failed(cause) = &error {
        tracing::error!(view, upload, callback, error = %cause, "an upload could not be stored");
    }
    error
}

/// Says at its end what has become of an upload, also of one that is dropped.
struct Report {
    transfer: Arc<Transfer>,
    metrics: Arc<Metrics>,
    span: Span,
    outcome: UploadOutcome,
}

impl Report {
    fn begin(run: &Run) -> Self {
        let (transfer, metrics) = (Arc::clone(&run.transfer), Arc::clone(&run.metrics));
        Self { transfer, metrics, span: run.span.clone(), outcome: UploadOutcome::Cancelled }
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        let received = self.transfer.received.load(Ordering::Acquire);
        telemetry::record_upload(&self.span, self.outcome, received);
        self.metrics.upload(self.transfer.view_name(), self.outcome, received);
    }
}

//! [`NatsBusConnection`]: one connection to NATS, from its subscription to its loss.
//!
//! `async-nats` would connect again by itself. Here a loss is an end: whoever listens must be told to read
//! anew, and the next connection is opened by the one who does that, [`PubSub`](belvedere::PubSub).

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_nats::{Client, Event, RequestErrorKind, Subscriber};
use belvedere::pub_sub::{BusConnection, BusError};
use futures_util::StreamExt as _;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Most messages that wait to be handled, and most of their bytes.
const MAX_WAITING: usize = 64 * 1024;
const MAX_WAITING_BYTES: usize = 16 * 1024 * 1024;

const FLOODED: &str = "more came at once than may wait";

/// A connection to NATS that listens.
pub struct NatsBusConnection {
    client: Client,
    subject: String,
    heard: mpsc::Receiver<String>,
    waiting_bytes: Arc<AtomicUsize>,
    loss: Loss,
    /// Ends with this.
    _hearing: JoinSet<()>,
}

/// Whether the connection is lost, and why, in the words of whoever noticed first.
#[derive(Clone)]
pub(crate) struct Loss(watch::Sender<Option<String>>);

impl Default for Loss {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Loss {
    /// Takes what `async-nats` says of the connection.
    pub(crate) fn note(&self, event: &Event) {
        match event {
            Event::Connected | Event::LameDuckMode | Event::Draining => {}
            Event::SlowConsumer(_) => self.because(FLOODED),
            Event::ServerError(error) => self.because(error),
            Event::Disconnected | Event::Closed | Event::ClientError(_) => {
                self.because("the NATS server has closed the connection, or is silent");
            }
        }
    }

    fn because(&self, reason: impl fmt::Display) {
        self.0.send_if_modified(|first| {
            let is_first = first.is_none();
            first.get_or_insert_with(|| reason.to_string());
            is_first
        });
    }

    /// Returns when the connection is lost.
    async fn happens(&self) -> BusError {
        let mut loss = self.0.subscribe();
        // Its sender is here.
        let _ = loss.wait_for(Option::is_some).await;
        loss.borrow().clone().unwrap_or_default().into()
    }
}

impl NatsBusConnection {
    /// Subscribes; when this returns the server has heard of it.
    pub(crate) async fn open(
        client: Client,
        subject: String,
        loss: Loss,
    ) -> Result<Self, BusError> {
        let subscriber = client.subscribe(subject.clone()).await?;
        // NATS answers in order, and at once where nobody does: what it has answered comes after what it
        // has been told before.
        let asked = client.request(format!("{subject}.asked"), "".into());
        tokio::select! {
            answer = asked => match answer {
                Err(error) if error.kind() != RequestErrorKind::NoResponders => {
                    return Err(error.into());
                }
                _ => {}
            },
            reason = loss.happens() => return Err(reason),
        }
        let (hears, heard) = mpsc::channel(MAX_WAITING);
        let waiting_bytes = Arc::<AtomicUsize>::default();
        let mut hearing = JoinSet::new();
        hearing.spawn(hear(subscriber, hears, Arc::clone(&waiting_bytes), loss.clone()));
        Ok(Self { client, subject, heard, waiting_bytes, loss, _hearing: hearing })
    }
}

/// Hands on what comes, until the connection is lost or too much waits. What `async-nats` has in its own
/// queue is bounded in number alone, so it is kept empty.
async fn hear(
    mut subscriber: Subscriber,
    hears: mpsc::Sender<String>,
    waiting_bytes: Arc<AtomicUsize>,
    loss: Loss,
) {
    let mut lost = pin!(loss.happens());
    loop {
        let message = tokio::select! {
            message = subscriber.next() => message,
            _ = &mut lost => return,
        };
        let Some(message) = message else { return loss.because("the subscription has ended") };
        // Nobody of the application sends other text than UTF-8; it is known by its signature.
        let text = String::from_utf8_lossy(&message.payload).into_owned();
        let waiting = waiting_bytes.fetch_add(text.len(), Ordering::Relaxed) + text.len();
        if waiting > MAX_WAITING_BYTES || hears.try_send(text).is_err() {
            return loss.because(FLOODED);
        }
    }
}

impl BusConnection for NatsBusConnection {
    async fn send(&mut self, payloads: Vec<String>) -> Result<(), BusError> {
        let sending = async {
            for payload in payloads {
                self.client.publish(self.subject.clone(), payload.into()).await?;
            }
            Ok(self.client.flush().await?)
        };
        tokio::select! {
            sent = sending => sent,
            reason = self.loss.happens() => Err(reason),
        }
    }

    async fn receive(&mut self) -> Result<String, BusError> {
        match self.heard.recv().await {
            Some(text) => {
                self.waiting_bytes.fetch_sub(text.len(), Ordering::Relaxed);
                Ok(text)
            }
            None => Err(self.loss.happens().await),
        }
    }
}

impl fmt::Debug for NatsBusConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NatsBusConnection")
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

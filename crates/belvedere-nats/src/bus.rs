//! [`NatsBus`]: where NATS is and how it is asked, for as many connections as it takes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::ConnectOptions;
use belvedere::pub_sub::{Bus, BusError};

use crate::connection::{Loss, NatsBusConnection};
use crate::url::{Login, NatsUrl, NatsUrlError};

/// The longest message: what is published are ids, and what waits is bounded by this, too.
const MAX_PAYLOAD_BYTES: usize = 64 * 1024;

/// What presence and the ends of sessions need.
const MIN_PAYLOAD_BYTES: usize = 4 * 1024;

/// How often a server that is silent is asked whether it lives. It is given up after three times that.
const PING: Duration = Duration::from_secs(3);

/// The bus of an application whose servers share a NATS.
///
/// ```no_run
/// # use belvedere::{PubSub, SecretKeyBase};
/// # use belvedere::pub_sub::PubSubOptions;
/// # use belvedere_nats::NatsBus;
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = SecretKeyBase::random();
/// let bus = NatsBus::new("nats://one.internal:4222,nats://two.internal:4222")?;
/// let pub_sub = PubSub::over(bus, &secret, PubSubOptions::default());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct NatsBus {
    url: NatsUrl,
    subject: String,
    /// As the server has said with the last connection.
    max_payload_bytes: Arc<AtomicUsize>,
}

/// Why there is no bus, where it is not NATS itself that says so.
#[derive(Debug, thiserror::Error)]
enum NatsBusError {
    #[error("the subject of a bus has no wildcards: {0}")]
    Wildcard(String),
    #[error(
        "the NATS server takes {0} bytes at most, and a bus needs {MIN_PAYLOAD_BYTES}: raise its \
         `max_payload`"
    )]
    Payload(usize),
}

impl NatsBus {
    /// Over the NATS at this address: `nats://host:4222`, or `tls://` for one that is asked for TLS, with
    /// `user:password@` or `token@` before the host where it wants to know who asks. A server that wants
    /// TLS gets it in either case. Several servers of one NATS are parted by commas.
    ///
    /// # Errors
    ///
    /// [`NatsUrlError`] when it is no such address. Whether somebody answers there is seen by the bus.
    pub fn new(url: &str) -> Result<Self, NatsUrlError> {
        Ok(Self {
            url: NatsUrl::parse(url)?,
            subject: "belvedere".to_owned(),
            max_payload_bytes: Arc::new(AtomicUsize::new(MAX_PAYLOAD_BYTES)),
        })
    }

    /// On this subject, for several applications that share a NATS. By default `belvedere`. With one that
    /// NATS refuses, or that has wildcards, there is no bus, and the log says why.
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..self }
    }

    /// All about a connection but where it leads to.
    fn options(&self, loss: Loss) -> ConnectOptions {
        let options = match self.url.login.clone() {
            None => ConnectOptions::new(),
            Some(Login::User { name, password }) => {
                ConnectOptions::with_user_and_password(name, password)
            }
            Some(Login::Token(token)) => ConnectOptions::with_token(token),
        };
        options
            .name("belvedere")
            .ping_interval(PING)
            .custom_inbox_prefix(format!("{}.inbox", self.subject))
            // Who has lost a connection opens another by itself, later each time.
            .max_reconnects(self.url.servers.len())
            .ignore_discovered_servers()
            .event_callback(move |event| {
                loss.note(&event);
                std::future::ready(())
            })
    }
}

impl Bus for NatsBus {
    type Connection = NatsBusConnection;

    fn max_payload_bytes(&self) -> usize {
        self.max_payload_bytes.load(Ordering::Relaxed)
    }

    async fn connect(&self) -> Result<NatsBusConnection, BusError> {
        if self.subject.contains(['*', '>']) {
            return Err(NatsBusError::Wildcard(self.subject.clone()).into());
        }
        let loss = Loss::default();
        let client = self.options(loss.clone()).connect(self.url.servers.clone()).await?;
        let takes = client.server_info().max_payload;
        if takes < MIN_PAYLOAD_BYTES {
            return Err(NatsBusError::Payload(takes).into());
        }
        self.max_payload_bytes.store(takes.min(MAX_PAYLOAD_BYTES), Ordering::Relaxed);
        NatsBusConnection::open(client, self.subject.clone(), loss).await
    }
}

impl fmt::Debug for NatsBus {
    /// Without user and password.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("NatsBus")
            .field("servers", &self.url.hosts())
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

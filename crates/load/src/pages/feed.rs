//! `/feed`: shows what the server announces to all its subscribers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use belvedere::{LiveView, MessageSender, MountError, Render, Result, Socket, live};

/// Between two pushes to one view: more than `LiveConfig::max_pushes_per_second` asks for, so that none waits for a
/// timer.
pub const PUSH_PAUSE: Duration = Duration::from_millis(25);

/// One message to everybody, shared rather than copied.
#[derive(Debug)]
pub struct Announcement {
    /// Counts announcements.
    pub number: u64,
    /// What it says.
    pub text: String,
    /// Microseconds since the Unix epoch.
    pub at_micros: u64,
}

/// The latest announcement, and how many this view has seen.
#[derive(Debug)]
pub struct Feed {
    n_received: u64,
    latest: Option<Arc<Announcement>>,
}

/// The feeds that are open.
#[derive(Clone, Debug, Default)]
pub struct Subscribers(Arc<Mutex<Vec<MessageSender<Arc<Announcement>>>>>);

impl Subscribers {
    /// Sends to every open feed and forgets those that have ended. Says how many there are.
    pub fn announce(&self, announcement: Announcement) -> usize {
        let announcement = Arc::new(announcement);
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        senders.retain(|sender| sender.send(Arc::clone(&announcement)).is_ok());
        senders.len()
    }

    fn add(&self, sender: MessageSender<Arc<Announcement>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sender);
    }
}

impl LiveView for Feed {
    type Extract = State<Subscribers>;
    type Params = ();
    type Event = ();
    type Message = Arc<Announcement>;

    async fn mount(
        State(subscribers): State<Subscribers>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        subscribers.add(socket.sender());
        Ok(Self { n_received: 0, latest: None })
    }

    async fn handle_message(
        &mut self,
        announcement: Arc<Announcement>,
        _: &mut Socket<Self>,
    ) -> Result {
        self.n_received += 1;
        self.latest = Some(announcement);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Feed" }
            p { "Received: " span #received { (self.n_received) } }
            article #latest {
                @if self.latest.is_none() { p { "No message yet." } }
                @if let Some(latest) = &self.latest {
                    div {
                        b #seq { (latest.number) }
                        span #text { (latest.text) }
                        time #at { (latest.at_micros) }
                    }
                }
            }
        }
    }
}

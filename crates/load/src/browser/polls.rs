//! Long polling, as the official client does it where WebSockets are blocked.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::{BrowserError, HttpConnection};

/// Frames that wait to be looked at.
const CAPACITY: usize = 64;

/// Polls that are under way for as long as this lives.
#[derive(Debug)]
pub(super) struct Polls {
    place: Arc<Place>,
    posts: HttpConnection,
    token: watch::Receiver<String>,
    frames: mpsc::Receiver<Utf8Bytes>,
    polling: AbortHandle,
}

/// Where requests go, and as whom.
#[derive(Debug)]
struct Place {
    from: Option<IpAddr>,
    server: SocketAddr,
    /// With a query.
    path: String,
    cookie: Option<String>,
}

/// The body of each answer, which has the status too.
#[derive(Deserialize)]
struct Answer {
    status: u16,
    token: Option<String>,
    #[serde(default)]
    messages: Vec<String>,
}

impl Place {
    async fn connect(&self) -> Result<HttpConnection, BrowserError> {
        HttpConnection::open_from(self.from, self.server).await
    }

    /// Asks, or posts a body; once more over another connection where the first breaks, as a browser does.
    async fn ask(
        &self,
        connection: &mut HttpConnection,
        token: &str,
        body: Option<&str>,
    ) -> Result<Answer, BrowserError> {
        let answer = match self.ask_once(connection, token, body).await {
            Err(BrowserError::Io(_) | BrowserError::Closed) => {
                *connection = self.connect().await?;
                self.ask_once(connection, token, body).await
            }
            answer => answer,
        };
        serde_json::from_str(&answer?).map_err(|_| BrowserError::Response)
    }

    async fn ask_once(
        &self,
        connection: &mut HttpConnection,
        token: &str,
        body: Option<&str>,
    ) -> Result<String, BrowserError> {
        let (path, cookie) = (format!("{}&token={token}", self.path), self.cookie.as_deref());
        let response = match body {
            None => connection.get(&path, cookie).await,
            Some(body) => connection.post_as(&path, cookie, body.as_bytes()).await,
        };
        Ok(response?.body)
    }
}

impl Polls {
    pub(super) async fn open(
        from: Option<IpAddr>,
        server: SocketAddr,
        path: String,
        cookie: Option<String>,
    ) -> Result<Self, BrowserError> {
        let place = Arc::new(Place { from, server, path, cookie });
        let mut posts = place.connect().await?;
        let opened = place.ask(&mut posts, "", None).await?;
        let token = opened.token.ok_or(BrowserError::Closed)?;
        let (tokens, token) = watch::channel(token);
        let (sender, frames) = mpsc::channel(CAPACITY);
        let polls = poll(Arc::clone(&place), tokens, sender);
        let polling = tokio::spawn(async { drop(polls.await) }).abort_handle();
        Ok(Self { place, posts, token, frames, polling })
    }

    /// Sends a frame: text as it is, bytes in base64.
    pub(super) async fn post(&mut self, frame: &Message) -> Result<(), BrowserError> {
        let line = match frame {
            Message::Binary(bytes) => STANDARD.encode(bytes),
            frame => frame.to_text()?.to_owned(),
        };
        let token = self.token.borrow().clone();
        match self.place.ask(&mut self.posts, &token, Some(&line)).await?.status {
            200 => Ok(()),
            _ => Err(BrowserError::Closed),
        }
    }

    pub(super) async fn receive(&mut self) -> Result<Utf8Bytes, BrowserError> {
        self.frames.recv().await.ok_or(BrowserError::Closed)
    }
}

impl Drop for Polls {
    fn drop(&mut self) {
        self.polling.abort();
    }
}

/// Polls until it is told that the session is over, or is not answered.
async fn poll(
    place: Arc<Place>,
    token: watch::Sender<String>,
    frames: mpsc::Sender<Utf8Bytes>,
) -> Result<(), BrowserError> {
    let mut connection = place.connect().await?;
    loop {
        let now = token.borrow().clone();
        let answer = place.ask(&mut connection, &now, None).await?;
        if !matches!(answer.status, 200 | 204) {
            return Ok(());
        }
        token.send_replace(answer.token.ok_or(BrowserError::Response)?);
        for frame in answer.messages {
            if frames.send(frame.into()).await.is_err() {
                return Ok(());
            }
        }
    }
}

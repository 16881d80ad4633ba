//! A joined view, and the WebSocket below it.

use std::net::{IpAddr, SocketAddr};

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::http::{ABOUT_THE_BROWSER, connect};
use super::{BrowserError, Page};

/// Buffers of one socket: small, since a test opens thousands.
const BUFFER_BYTES: usize = 4096;

/// The first ref the official client uses for a join.
const JOIN_REF: u64 = 4;

/// An open WebSocket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
}

impl Socket {
    /// Opens a WebSocket at `path`, from this address of the machine or any.
    ///
    /// # Errors
    /// [`BrowserError`] when the server does not accept it.
    pub async fn open(
        from: Option<IpAddr>,
        server: SocketAddr,
        path: &str,
        cookie: Option<&str>,
    ) -> Result<Self, BrowserError> {
        let mut request = format!("ws://{server}{path}").into_client_request()?;
        let headers = request.headers_mut();
        let about = ABOUT_THE_BROWSER.lines().filter_map(|line| line.split_once(": "));
        let origin = format!("http://{server}");
        for (name, value) in
            about.chain([("Origin", &*origin)]).chain(cookie.map(|c| ("Cookie", c)))
        {
            let name = HeaderName::try_from(name).map_err(|_| BrowserError::Response)?;
            let value = HeaderValue::try_from(value).map_err(|_| BrowserError::Response)?;
            headers.insert(name, value);
        }
        let tcp = connect(from, server).await?;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES).write_buffer_size(0);
        let (stream, _response) = client_async_with_config(request, tcp, Some(config)).await?;
        Ok(Self { stream })
    }

    /// Sends a text.
    ///
    /// # Errors
    /// [`BrowserError::WebSocket`].
    pub async fn send(&mut self, text: Utf8Bytes) -> Result<(), BrowserError> {
        self.send_message(Message::Text(text)).await
    }

    pub(super) async fn send_message(&mut self, message: Message) -> Result<(), BrowserError> {
        Ok(self.stream.send(message).await?)
    }

    /// The next text from the server.
    ///
    /// # Errors
    /// [`BrowserError`] when the connection ends instead.
    pub async fn receive(&mut self) -> Result<Utf8Bytes, BrowserError> {
        while let Some(message) = self.stream.next().await {
            if let Message::Text(text) = message? {
                return Ok(text);
            }
        }
        Err(BrowserError::Closed)
    }

    /// Says goodbye and waits until the server has hung up.
    pub async fn close(mut self) {
        // Whatever goes wrong, the connection is closed.
        if self.stream.close(None).await.is_ok() {
            while let Some(Ok(_)) = self.stream.next().await {}
        }
    }
}

/// A browser's tab with a live page.
#[derive(Debug)]
pub struct Tab {
    pub(super) socket: Socket,
    topic: String,
    join_ref: u64,
    last_ref: u64,
    /// Bytes of the reply to the join.
    pub join_bytes: usize,
}

impl Tab {
    /// Loads a page as a new visitor, opens its socket and joins its view.
    ///
    /// # Errors
    /// [`BrowserError`] when any of it is refused.
    pub async fn open(server: SocketAddr, path: &str) -> Result<Self, BrowserError> {
        let page = Page::load(server, path).await?;
        Self::join(server, &page).await
    }

    /// Opens the socket of a loaded page and joins its view.
    ///
    /// # Errors
    /// [`BrowserError`] when any of it is refused.
    pub async fn join(server: SocketAddr, page: &Page) -> Result<Self, BrowserError> {
        Self::join_over(page.socket(server).await?, server, page).await
    }

    /// Joins the view of a loaded page over a socket that was opened for it.
    ///
    /// # Errors
    /// [`BrowserError`] when the join is refused.
    pub async fn join_over(
        mut socket: Socket,
        server: SocketAddr,
        page: &Page,
    ) -> Result<Self, BrowserError> {
        let topic = format!("lv:{}", page.view_id);
        let join = page.join_frame(server, &topic, JOIN_REF, ("url", &page.path));
        socket.send(join.into()).await?;
        let mut tab = Self { socket, topic, join_ref: JOIN_REF, last_ref: JOIN_REF, join_bytes: 0 };
        tab.join_bytes = tab.reply().await?.len();
        Ok(tab)
    }

    /// Leaves the view, and joins that of another path over the same socket, as a live link does. Returns
    /// the frame that answers the join.
    ///
    /// # Errors
    /// [`BrowserError`] when the join is refused.
    pub async fn navigate(
        &mut self,
        server: SocketAddr,
        page: &Page,
        path: &str,
    ) -> Result<Utf8Bytes, BrowserError> {
        self.send_as("phx_leave", "{}").await?;
        self.reply().await?;
        self.join_ref = self.next_ref();
        let join = page.join_frame(server, &self.topic, self.join_ref, ("redirect", path));
        self.socket.send(join.into()).await?;
        self.reply().await
    }

    /// Asks for another address of the same view, as a link that patches does.
    ///
    /// # Errors
    /// [`BrowserError::WebSocket`].
    pub async fn send_patch(&mut self, server: SocketAddr, path: &str) -> Result<(), BrowserError> {
        self.send_as("live_patch", &format!(r#"{{"url":"http://{server}{path}"}}"#)).await
    }

    /// Sends an event with this payload and returns the frame that answers it.
    ///
    /// # Errors
    /// [`BrowserError`] when there is no answer, or none with status `ok`.
    pub async fn push(&mut self, payload: &str) -> Result<Utf8Bytes, BrowserError> {
        self.send(payload).await?;
        self.reply().await
    }

    /// Sends an event with this payload.
    ///
    /// # Errors
    /// [`BrowserError::WebSocket`].
    pub async fn send(&mut self, payload: &str) -> Result<(), BrowserError> {
        self.send_as("event", payload).await
    }

    pub(super) async fn send_as(&mut self, kind: &str, payload: &str) -> Result<(), BrowserError> {
        let (message_ref, join_ref, topic) = (self.next_ref(), self.join_ref, &self.topic);
        let frame = format!(r#"["{join_ref}","{message_ref}","{topic}","{kind}",{payload}]"#);
        self.socket.send(frame.into()).await
    }

    pub(super) fn next_ref(&mut self) -> u64 {
        self.last_ref += 1;
        self.last_ref
    }

    /// Says that the browser is still there, as it does twice a minute.
    ///
    /// # Errors
    /// [`BrowserError::WebSocket`].
    pub async fn send_heartbeat(&mut self) -> Result<(), BrowserError> {
        let frame = format!(r#"[null,"{}","phoenix","heartbeat",{{}}]"#, self.next_ref());
        self.socket.send(frame.into()).await
    }

    /// The next frame, whatever it is.
    ///
    /// # Errors
    /// [`BrowserError`] when the connection ends instead.
    pub async fn receive(&mut self) -> Result<Utf8Bytes, BrowserError> {
        self.socket.receive().await
    }

    /// Closes the tab.
    pub async fn close(self) {
        self.socket.close().await;
    }

    /// The reply to what was sent last.
    ///
    /// # Errors
    /// [`BrowserError`] when there is no answer, or none with status `ok`.
    pub async fn reply(&mut self) -> Result<Utf8Bytes, BrowserError> {
        self.reply_to(self.join_ref, self.last_ref).await
    }

    pub(super) async fn reply_to(
        &mut self,
        join_ref: u64,
        message_ref: u64,
    ) -> Result<Utf8Bytes, BrowserError> {
        let address = format!(r#"["{join_ref}","{message_ref}","#);
        loop {
            let text = self.receive().await?;
            if !text.starts_with(&address) {
                continue;
            }
            if text.contains(r#""phx_reply",{"status":"ok","#) {
                return Ok(text);
            }
            return Err(BrowserError::Refused { reply: text.to_string() });
        }
    }
}

/// The payload of a click on an element with this event and value.
#[must_use]
pub fn click(event: &str, value: &str) -> String {
    format!(r#"{{"type":"click","event":"{event}","value":{value}}}"#)
}

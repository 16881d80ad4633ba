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
use super::polls::Polls;
use super::{BrowserError, Page};

/// Buffers of one socket: small, since a test opens thousands.
const BUFFER_BYTES: usize = 4096;

/// The first ref the official client uses for a join.
const JOIN_REF: u64 = 4;

/// An open WebSocket, or the polls that stand for one.
#[derive(Debug)]
pub struct Socket {
    link: Link,
    close_code: Option<u16>,
}

#[derive(Debug)]
enum Link {
    WebSocket(Box<WebSocketStream<TcpStream>>),
    Polls(Box<Polls>),
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
        Ok(Self { link: Link::WebSocket(Box::new(stream)), close_code: None })
    }

    /// Opens long polling at `path`, which has a query.
    pub(super) async fn poll(
        from: Option<IpAddr>,
        server: SocketAddr,
        path: String,
        cookie: Option<String>,
    ) -> Result<Self, BrowserError> {
        let polls = Polls::open(from, server, path, cookie).await?;
        Ok(Self { link: Link::Polls(Box::new(polls)), close_code: None })
    }

    /// Sends a text.
    ///
    /// # Errors
    /// [`BrowserError::WebSocket`].
    pub async fn send(&mut self, text: Utf8Bytes) -> Result<(), BrowserError> {
        self.send_message(Message::Text(text)).await
    }

    pub(super) async fn send_message(&mut self, message: Message) -> Result<(), BrowserError> {
        match &mut self.link {
            Link::WebSocket(stream) => Ok(stream.send(message).await?),
            Link::Polls(polls) => polls.post(&message).await,
        }
    }

    /// The next text from the server.
    ///
    /// # Errors
    /// [`BrowserError`] when the connection ends instead.
    pub async fn receive(&mut self) -> Result<Utf8Bytes, BrowserError> {
        let stream = match &mut self.link {
            Link::WebSocket(stream) => stream,
            Link::Polls(polls) => return polls.receive().await,
        };
        while let Some(message) = stream.next().await {
            match message? {
                Message::Text(text) => return Ok(text),
                Message::Close(said) => self.close_code = said.map(|said| said.code.into()),
                _ => {}
            }
        }
        Err(BrowserError::Closed)
    }

    /// Says goodbye and waits until the server has hung up. Polls just end.
    pub async fn close(mut self) {
        // Whatever goes wrong, the connection is closed.
        if self.say_goodbye().await.is_ok() {
            self.hung_up().await;
        }
    }

    async fn say_goodbye(&mut self) -> Result<(), BrowserError> {
        match &mut self.link {
            Link::WebSocket(stream) => Ok((**stream).close(None).await?),
            Link::Polls(_) => Ok(()),
        }
    }

    async fn hung_up(self) {
        let Link::WebSocket(mut stream) = self.link else { return };
        while let Some(Ok(_)) = stream.next().await {}
    }
}

/// A browser's tab with a live page.
#[derive(Debug)]
pub struct Tab {
    pub(super) socket: Socket,
    topic: String,
    join_ref: u64,
    last_ref: u64,
    /// What has come, for whoever has asked for it.
    heard: Option<Vec<Utf8Bytes>>,
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
        socket: Socket,
        server: SocketAddr,
        page: &Page,
    ) -> Result<Self, BrowserError> {
        Self::joined(socket, server, page, None).await
    }

    /// Joins as a page that may have been there before, with what its script has kept. What comes is
    /// remembered for [`heard`](Self::heard), first the answer.
    ///
    /// # Errors
    /// [`BrowserError`] when the join is refused.
    pub async fn come(
        socket: Socket,
        server: SocketAddr,
        page: &mut Page,
    ) -> Result<Self, BrowserError> {
        page.joins();
        let tab = Self::joined(socket, server, page, Some(Vec::new())).await?;
        page.is_answered();
        Ok(tab)
    }

    async fn joined(
        mut socket: Socket,
        server: SocketAddr,
        page: &Page,
        heard: Option<Vec<Utf8Bytes>>,
    ) -> Result<Self, BrowserError> {
        let topic = format!("lv:{}", page.view_id);
        socket.send(page.join_frame(server, &topic, JOIN_REF).into()).await?;
        let (join_ref, last_ref) = (JOIN_REF, JOIN_REF);
        let mut tab = Self { socket, topic, join_ref, last_ref, heard, join_bytes: 0 };
        tab.join_bytes = tab.reply().await?.len();
        Ok(tab)
    }

    /// What has come since this was asked last, in order.
    pub fn heard(&mut self) -> Vec<Utf8Bytes> {
        self.heard.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Leaves the view, and joins that of another path over the same socket, as a live link does. Returns
    /// the frame that answers the join.
    ///
    /// # Errors
    /// [`BrowserError`] when the join is refused. The page has left the view before it whatever happens.
    pub async fn navigate(
        &mut self,
        server: SocketAddr,
        page: &mut Page,
        path: &str,
    ) -> Result<Utf8Bytes, BrowserError> {
        page.navigated(path);
        page.joins();
        self.send_as("phx_leave", "{}").await?;
        self.join_ref = self.next_ref();
        self.socket.send(page.join_frame(server, &self.topic, self.join_ref).into()).await?;
        let answer = self.reply().await?;
        page.is_answered();
        Ok(answer)
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
        let text = self.socket.receive().await?;
        if let Some(heard) = &mut self.heard {
            heard.push(text.clone());
        }
        Ok(text)
    }

    /// Closes the tab.
    pub async fn close(self) {
        self.socket.close().await;
    }

    /// Says that the tab is closed, the first half of [`close`](Self::close).
    ///
    /// # Errors
    /// [`BrowserError::WebSocket`].
    pub async fn say_goodbye(&mut self) -> Result<(), BrowserError> {
        self.socket.say_goodbye().await
    }

    /// Waits until the server has hung up, the second half.
    pub async fn hung_up(self) {
        self.socket.hung_up().await;
    }

    /// The code with which the server has closed the socket, if it has.
    #[must_use]
    pub const fn close_code(&self) -> Option<u16> {
        self.socket.close_code
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

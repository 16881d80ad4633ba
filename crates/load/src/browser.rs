//! As much of a browser as a load test needs: loads a page, joins its view, clicks, and leaves.
//!
//! It writes what the official client writes and looks at no more of an answer than its address
//! and status, so that it costs little beside the server it shares a machine with.

mod file;
mod http;
mod polls;
mod tab;

use std::net::{IpAddr, SocketAddr};

pub use self::http::{HttpConnection, Response};
pub use self::tab::{Socket, Tab, click};

/// Why a browser could not go on.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// The server is away, or has hung up.
    #[error("the connection failed")]
    Io(#[from] std::io::Error),
    /// The WebSocket broke.
    #[error("the WebSocket failed")]
    WebSocket(#[from] tokio_tungstenite::tungstenite::Error),
    /// Closed before the answer came.
    #[error("the server closed the connection")]
    Closed,
    /// No HTTP response as this client knows them.
    #[error("the server's response cannot be understood")]
    Response,
    /// An HTTP answer without a page.
    #[error("{path} answered {status}")]
    Status {
        /// What was asked for.
        path: String,
        /// Its HTTP status.
        status: u16,
    },
    /// A page without a live view, or without its tokens.
    #[error("the page holds no live view")]
    NotLive,
    /// A reply other than `ok`.
    #[error("the server refused: {reply}")]
    Refused {
        /// The whole frame.
        reply: String,
    },
}

/// What a page's HTML says about its view.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path and query.
    pub path: String,
    /// Of the session, for the requests that follow.
    pub cookie: Option<String>,
    /// Where the browser is, if that matters.
    from: Option<IpAddr>,
    view_id: String,
    session: String,
    static_token: Option<String>,
    csrf_token: String,
    tracked: Vec<String>,
    /// How often its view was joined.
    mounts: u32,
    /// Its view was reached by live navigation.
    navigates: bool,
    /// The number of its last join, from 1; none if its script does not say.
    join: Option<u32>,
    /// The number of the last one of this view that was answered, 0 before the first.
    seen: u32,
    /// What its script keeps of its view for the next server, sealed.
    kept: Option<String>,
    /// Ref of the page's upload, if it has one.
    pub upload: Option<String>,
}

impl Page {
    /// Loads a page over a connection of its own, as a new visitor.
    ///
    /// # Errors
    /// [`BrowserError`] when it is no live page.
    pub async fn load(server: SocketAddr, path: &str) -> Result<Self, BrowserError> {
        let response = HttpConnection::open(server).await?.get(path, None).await?;
        Self::of_response(path, &response)
    }

    /// The same, from this address of the machine, from which its socket is opened too.
    ///
    /// # Errors
    /// [`BrowserError`] when it is no live page.
    pub async fn load_from(
        from: IpAddr,
        server: SocketAddr,
        path: &str,
    ) -> Result<Self, BrowserError> {
        let mut connection = HttpConnection::open_from(Some(from), server).await?;
        let response = connection.get(path, None).await?;
        Ok(Self { from: Some(from), ..Self::of_response(path, &response)? })
    }

    /// Opens the socket that this page's script opens.
    ///
    /// # Errors
    /// [`BrowserError`] when the server does not accept it.
    pub async fn socket(&self, server: SocketAddr) -> Result<Socket, BrowserError> {
        let path = format!("/live/websocket?_csrf_token={}&vsn=2.0.0", self.csrf_token);
        Socket::open(self.from, server, &path, self.cookie.as_deref()).await
    }

    fn of_response(path: &str, response: &Response) -> Result<Self, BrowserError> {
        let attribute = |start| between(&response.body, start, "\"").ok_or(BrowserError::NotLive);
        let tracked = response.body.match_indices("phx-track-static src=\"");
        let tracked =
            tracked.filter_map(|(at, start)| response.body[at + start.len()..].split('"').next());
        Ok(Self {
            path: path.to_owned(),
            cookie: response.cookie.clone(),
            from: None,
            view_id: attribute("<div id=\"")?.to_owned(),
            session: attribute("data-phx-session=\"")?.to_owned(),
            static_token: Some(attribute("data-phx-static=\"")?.to_owned())
                .filter(|it| !it.is_empty()),
            csrf_token: attribute("name=\"csrf-token\" content=\"")?.to_owned(),
            tracked: tracked.map(str::to_owned).collect(),
            mounts: 0,
            navigates: false,
            join: None,
            seen: 0,
            kept: None,
            upload: between(&response.body, "data-phx-upload-ref=\"", "\"").map(str::to_owned),
        })
    }

    /// The same page with a script that numbers its joins, as the library's own does. A server needs it of a page
    /// that comes back after it was elsewhere.
    #[must_use]
    pub fn with_script(self) -> Self {
        Self { join: Some(0), ..self }
    }

    /// It is about to join its view.
    fn joins(&mut self) {
        self.join = self.join.map(|last| last + 1);
    }

    /// That was answered.
    fn is_answered(&mut self) {
        self.mounts += 1;
        self.seen = self.join.unwrap_or_default();
    }

    /// Opens the polls to which this page's script goes where WebSockets are blocked.
    ///
    /// # Errors
    /// [`BrowserError`] when the server does not accept it.
    pub async fn polls(&self, server: SocketAddr) -> Result<Socket, BrowserError> {
        let path = format!("/live/longpoll?_csrf_token={}&vsn=2.0.0", self.csrf_token);
        Socket::poll(self.from, server, path, self.cookie.clone()).await
    }

    /// How often its view was joined.
    #[must_use]
    pub const fn mounts(&self) -> u32 {
        self.mounts
    }

    /// A snapshot of its view has come: `None` says that there is nothing to keep any more.
    pub fn keep(&mut self, kept: Option<String>) {
        self.kept = kept;
    }

    /// It shows another address by the same view.
    pub fn patched(&mut self, path: &str) {
        path.clone_into(&mut self.path);
    }

    /// It shows another view, of which nothing is known.
    fn navigated(&mut self, path: &str) {
        self.patched(path);
        (self.mounts, self.seen, self.kept, self.navigates) = (0, 0, None, true);
    }

    /// The frame by which the official client joins this page's view.
    fn join_frame(&self, server: SocketAddr, topic: &str, message_ref: u64) -> String {
        let tracked: Vec<String> =
            self.tracked.iter().map(|path| format!("\"http://{server}{path}\"")).collect();
        let Self { path, csrf_token, session, mounts, .. } = self;
        let statics = self.static_token.as_ref().map(|token| format!("\"{token}\""));
        let at = if self.navigates { "redirect" } else { "url" };
        let seen = self.seen;
        let number = self.join.map(|join| format!(r#","_join":{join},"_seen":{seen}"#));
        let kept = self.kept.as_ref().map(|kept| format!(r#","_snapshot":"{kept}""#));
        format!(
            r#"["{message_ref}","{message_ref}","{topic}","phx_join",{{"{at}":"http://{server}{path}","params":{{"_csrf_token":"{csrf_token}","_track_static":[{tracked}],"_mounts":{mounts},"_mount_attempts":0{number}{kept}}},"session":"{session}","static":{statics},"sticky":false}}]"#,
            tracked = tracked.join(","),
            number = number.unwrap_or_default(),
            kept = kept.unwrap_or_default(),
            statics = statics.as_deref().unwrap_or("null"),
        )
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(start)?;
    after.split_once(end).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_from_its_html() {
        let body = r#"<meta name="csrf-token" content="C"><script defer phx-track-static src="/a.js">
            </script><div id="phx-1" data-phx-main data-phx-session="S" data-phx-static="T"></div>"#;
        let response = Response { cookie: Some("k=v".to_owned()), body: body.to_owned() };
        let mut page = Page::of_response("/x", &response).unwrap();
        let join = |page: &Page| page.join_frame("127.0.0.1:1".parse().unwrap(), "lv:phx-1", 4);
        assert_eq!(
            join(&page),
            r#"["4","4","lv:phx-1","phx_join",{"url":"http://127.0.0.1:1/x","params":{"_csrf_token":"C","_track_static":["http://127.0.0.1:1/a.js"],"_mounts":0,"_mount_attempts":0},"session":"S","static":"T","sticky":false}]"#
        );
        page = page.with_script();
        page.joins();
        page.is_answered();
        page.navigated("/y");
        page.static_token = None;
        page.joins();
        page.keep(Some("K".to_owned()));
        assert_eq!(
            join(&page),
            r#"["4","4","lv:phx-1","phx_join",{"redirect":"http://127.0.0.1:1/y","params":{"_csrf_token":"C","_track_static":["http://127.0.0.1:1/a.js"],"_mounts":0,"_mount_attempts":0,"_join":2,"_seen":0,"_snapshot":"K"},"session":"S","static":null,"sticky":false}]"#
        );
    }
}

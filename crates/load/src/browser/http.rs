//! `GET` and `POST` over one kept connection.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::BrowserError;

/// What a current browser says about itself in every request; the length of it is part of the load.
pub(super) const ABOUT_THE_BROWSER: &str = "\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/130.0.0.0 Safari/537.36\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-GB,en;q=0.9\r\n";

/// An HTTP/1.1 connection that is used for one request after the other.
#[derive(Debug)]
pub struct HttpConnection {
    stream: TcpStream,
    server: SocketAddr,
    buffer: Vec<u8>,
}

/// A response with status 200.
#[derive(Clone, Debug)]
pub struct Response {
    /// Name and value of the cookie it sets, if it does.
    pub cookie: Option<String>,
    /// The page.
    pub body: String,
}

impl HttpConnection {
    /// Connects.
    ///
    /// # Errors
    /// [`BrowserError::Io`].
    pub async fn open(server: SocketAddr) -> Result<Self, BrowserError> {
        Self::open_from(None, server).await
    }

    /// Connects from this address of the machine.
    ///
    /// # Errors
    /// [`BrowserError::Io`].
    pub async fn open_from(from: Option<IpAddr>, server: SocketAddr) -> Result<Self, BrowserError> {
        let stream = connect(from, server).await?;
        Ok(Self { stream, server, buffer: Vec::new() })
    }

    /// Loads a page.
    ///
    /// # Errors
    /// [`BrowserError`] when the answer is not 200 with a length.
    pub async fn get(
        &mut self,
        path: &str,
        cookie: Option<&str>,
    ) -> Result<Response, BrowserError> {
        let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\n{ABOUT_THE_BROWSER}{cookie}\r\n",
            self.server
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.response(path).await
    }

    /// Sends a body, and waits until all of it is taken.
    ///
    /// # Errors
    /// [`BrowserError`] when the answer is not 200 with a length.
    pub async fn post(&mut self, path: &str, body: &[u8]) -> Result<Response, BrowserError> {
        self.post_as(path, None, body).await
    }

    /// The same, with a cookie.
    pub(super) async fn post_as(
        &mut self,
        path: &str,
        cookie: Option<&str>,
        body: &[u8],
    ) -> Result<Response, BrowserError> {
        let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{ABOUT_THE_BROWSER}{cookie}Content-Length: {}\r\n\r\n",
            self.server,
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.stream.write_all(body).await?;
        self.response(path).await
    }

    async fn response(&mut self, path: &str) -> Result<Response, BrowserError> {
        self.buffer.clear();
        let head_bytes = loop {
            self.read_more().await?;
            let end = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_bytes]).into_owned();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        match status.ok_or(BrowserError::Response)? {
            200 => {}
            status => return Err(BrowserError::Status { path: path.to_owned(), status }),
        }
        let length = header(&head, "content-length").and_then(|n| n.parse().ok());
        let end: usize = head_bytes + length.unwrap_or(0_usize);
        while self.buffer.len() < end {
            self.read_more().await?;
        }
        Ok(Response {
            cookie: header(&head, "set-cookie")
                .and_then(|it| it.split(';').next())
                .map(str::to_owned),
            body: String::from_utf8_lossy(&self.buffer[head_bytes..end]).into_owned(),
        })
    }

    async fn read_more(&mut self) -> Result<(), BrowserError> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(BrowserError::Closed),
            _ => Ok(()),
        }
    }
}

/// The value of a header, however a proxy writes its name.
fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A connection that sends at once, from this address of the machine or any.
pub(super) async fn connect(from: Option<IpAddr>, server: SocketAddr) -> io::Result<TcpStream> {
    let stream = match from {
        Some(from) => {
            let socket = TcpSocket::new_v4()?;
            socket.bind(SocketAddr::new(from, 0))?;
            socket.connect(server).await?
        }
        None => TcpStream::connect(server).await?,
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

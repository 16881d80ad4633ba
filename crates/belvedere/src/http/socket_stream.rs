//! The bytes of an upgraded connection, sent at once.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::http::server::WatchedStream;

/// A connection after its upgrade.
pub(super) enum SocketStream {
    Tcp(TcpStream),
    /// Of the crate's own server, which has told it already to send at once.
    Watched(WatchedStream),
    /// Of a kind that only its server knows, TLS for example.
    Other(TokioIo<Upgraded>),
}

impl SocketStream {
    /// The connection, and what was read of it together with the upgrade request.
    ///
    /// A TCP connection is told to send each write at once (`TCP_NODELAY`): a frame that waits for
    /// the browser to acknowledge the one before comes 40 ms late. Where TLS or anything else stands
    /// between, the socket is out of reach, and the server has to say it when it accepts.
    pub(super) fn new(upgraded: Upgraded) -> (Self, Bytes) {
        let upgraded = match io_of::<WatchedStream>(upgraded) {
            Ok((stream, read)) => return (Self::Watched(stream), read),
            Err(upgraded) => upgraded,
        };
        match io_of::<TcpStream>(upgraded) {
            Ok((stream, read)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a socket cannot be told to send at once");
                }
                (Self::Tcp(stream), read)
            }
            Err(upgraded) => {
                tracing::debug!(
                    "a socket is no plain TCP stream: its server sets TCP_NODELAY, or frames wait"
                );
                (Self::Other(TokioIo::new(upgraded)), Bytes::new())
            }
        }
    }

    /// Ready where a read may find something, or an error.
    pub(super) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(context).map(|_| ()),
            Self::Watched(stream) => stream.poll_readable(context),
            Self::Other(_) => Poll::Ready(()),
        }
    }
}

/// The stream below an upgrade, as `axum::serve` and hyper's own servers hand it over.
fn io_of<T>(upgraded: Upgraded) -> Result<(T, Bytes), Upgraded>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let upgraded = match auto::upgrade::downcast::<TokioIo<T>>(upgraded) {
        Ok(parts) => return Ok((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => upgraded,
    };
    let parts = upgraded.downcast::<TokioIo<T>>()?;
    Ok((parts.io.into_inner(), parts.read_buf))
}

impl AsyncRead for SocketStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Watched(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Other(upgraded) => Pin::new(upgraded).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for SocketStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Watched(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Other(upgraded) => Pin::new(upgraded).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Self::Watched(stream) => Pin::new(stream).poll_write_vectored(context, parts),
            Self::Other(upgraded) => Pin::new(upgraded).poll_write_vectored(context, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            Self::Watched(stream) => stream.is_write_vectored(),
            Self::Other(upgraded) => upgraded.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(context),
            Self::Watched(stream) => Pin::new(stream).poll_flush(context),
            Self::Other(upgraded) => Pin::new(upgraded).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Watched(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Other(upgraded) => Pin::new(upgraded).poll_shutdown(context),
        }
    }
}

//! Listening and serving, until the process is told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use belvedere::http::server::{self, ServerLimits};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::config::Listen;

/// How long requests under way may go on once the sockets are closed.
const REQUESTS: Duration = Duration::from_millis(1_500);

/// Sockets that listen, not yet served.
#[derive(Debug)]
pub struct Listeners {
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
}

/// Why the server could not listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program has the port.
    #[error(
        "port {} is already in use on {}: stop the program that has it, or choose another port, \
         such as PORT={}", address.port(), address.ip(), address.port().wrapping_add(1).max(1024)
    )]
    PortInUse {
        /// The address that was tried.
        address: SocketAddr,
    },
    /// The system refuses the port to this user.
    #[error(
        "port {} needs more rights than this user has: choose one from 1024 on, such as PORT=4000",
        address.port()
    )]
    PortForbidden {
        /// The address that was tried.
        address: SocketAddr,
    },
    /// The address is not one of this machine, or another failure of the system.
    #[error("cannot listen on {address}: {source}; HOST must be an address of this machine")]
    Listen {
        /// The address that was tried.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Listeners {
    /// Binds every address of `listen`.
    ///
    /// Of the two loopback addresses the IPv6 one may be missing on a machine without IPv6. With
    /// port 0 the first address decides the port and the second follows.
    ///
    /// # Errors
    ///
    /// [`ServeError`] for the first address that cannot be had.
    pub async fn bind(listen: &Listen) -> Result<Self, ServeError> {
        let mut bound = Self { listeners: Vec::new(), addresses: Vec::new() };
        for mut address in listen.addresses() {
            if let Some(first) = bound.addresses.first() {
                address.set_port(first.port());
            }
            match TcpListener::bind(address).await {
                Ok(listener) => {
                    let had = listener.local_addr();
                    bound.addresses.push(had.map_err(|error| listen_error(address, error))?);
                    bound.listeners.push(listener);
                }
                Err(error) if !bound.listeners.is_empty() && is_absent(&error) => {
                    tracing::debug!(%address, %error, "address is not available and left out");
                }
                Err(source) => return Err(listen_error(address, source)),
            }
        }
        Ok(bound)
    }

    /// The address to open in a browser on this machine.
    #[must_use]
    pub fn local_url(&self) -> String {
        match self.addresses.first() {
            Some(address) if address.ip().is_loopback() || address.ip().is_unspecified() => {
                format!("http://localhost:{}", address.port())
            }
            Some(address) => format!("http://{address}"),
            None => String::new(),
        }
    }

    /// Serves `app` on every address until `stop` is ready.
    ///
    /// Then `drain` has the time that `of_sockets` says, in which requests are still answered: readiness says that the
    /// server goes away, and browsers are told to reconnect. After that no new connection is taken,
    /// requests under way have a second and a half, and the call returns; what is left by then is
    /// dropped with the runtime.
    pub async fn serve(
        self,
        app: Router,
        limits: ServerLimits,
        stop: impl Future<Output = ()> + Send,
        drain: impl Future<Output = ()> + Send,
        of_sockets: Duration,
    ) {
        let (stopping, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // The sender is dropped when the sockets are closed.
            let _ = stopped.await;
        };
        let drained = async {
            stop.await;
            if tokio::time::timeout(of_sockets, drain).await.is_err() {
                tracing::warn!(waited = ?of_sockets, "sockets were still open, or an import was under way, and are cut");
            }
            drop(stopping);
            tokio::time::sleep(REQUESTS).await;
            tracing::warn!(waited = ?REQUESTS, "requests were still under way and are cut");
        };
        tokio::select! {
            () = server::serve(self.listeners, app, limits, stopped) => {}
            () = drained => {}
        }
    }
}

/// Ready at the first SIGINT or SIGTERM. Another SIGINT ends the process at once, for whoever waits at a
/// terminal; another SIGTERM changes nothing, as some supervisors send it again and again.
///
/// # Errors
///
/// When the system refuses to watch for signals.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            tracing::info!("stopping; live pages are asked to reconnect first");
            tokio::spawn(async move {
                interrupt.recv().await;
                std::process::exit(130);
            });
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || error.raw_os_error() == Some(97) // EAFNOSUPPORT on Linux, of no stable kind in std
}

fn listen_error(address: SocketAddr, source: io::Error) -> ServeError {
    match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse { address },
        io::ErrorKind::PermissionDenied => ServeError::PortForbidden { address },
        _ => ServeError::Listen { address, source },
    }
}

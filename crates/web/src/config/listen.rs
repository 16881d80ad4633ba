//! `HOST` and `PORT`: where the server listens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The port when none is named.
const DEFAULT_PORT: u16 = 4000;

/// The addresses to listen on, all with one port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// Which addresses.
    pub host: Host,
    /// The port; 0 lets the system choose a free one.
    pub port: u16,
}

/// Which addresses of this machine are listened on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// Both loopback addresses, 127.0.0.1 and ::1, so that `localhost` works however it resolves.
    Loopback,
    /// One address; `::` takes every address, IPv4 ones too.
    Address(IpAddr),
}

/// Why `HOST` or `PORT` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// `HOST` is a name or nonsense.
    #[error(
        "HOST is {0:?}, which is no IP address; leave it out for this machine only, or set \
         HOST=:: to listen on every address"
    )]
    Host(String),
    /// `PORT` is no port.
    #[error("PORT is {0:?}; set it to a number from 0 to 65535, such as PORT=4000")]
    Port(String),
}

impl Listen {
    /// Reads both settings, either of which may be missing.
    ///
    /// # Errors
    ///
    /// [`ListenError`] names the one that cannot be used.
    pub fn parse(host: Option<&str>, port: Option<&str>) -> Result<Self, ListenError> {
        let host = match host {
            None | Some("localhost") => Host::Loopback,
            Some(text) => {
                // URLs write an IPv6 address in brackets; people copy it so.
                let address = text.trim_start_matches('[').trim_end_matches(']');
                let address = address.parse().map_err(|_| ListenError::Host(text.to_owned()))?;
                Host::Address(address)
            }
        };
        let port = match port {
            None => DEFAULT_PORT,
            Some(text) => text.parse().map_err(|_| ListenError::Port(text.to_owned()))?,
        };
        Ok(Self { host, port })
    }

    /// The addresses, the one that must work first.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let with_port = |address: IpAddr| SocketAddr::new(address, self.port);
        match self.host {
            Host::Loopback => {
                vec![with_port(Ipv4Addr::LOCALHOST.into()), with_port(Ipv6Addr::LOCALHOST.into())]
            }
            Host::Address(address) => vec![with_port(address)],
        }
    }
}

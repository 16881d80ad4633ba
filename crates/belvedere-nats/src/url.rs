//! Where NATS is, and who asks: read from the text of a setting.

use std::io;

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;

/// Addresses of servers of one NATS, and who may use them.
#[derive(Clone)]
pub(crate) struct NatsUrl {
    pub(crate) servers: Vec<ServerAddr>,
    pub(crate) login: Option<Login>,
}

/// How this one proves who it is.
#[derive(Clone)]
pub(crate) enum Login {
    User { name: String, password: String },
    Token(String),
}

/// Why a text does not say where NATS is. None of them shows a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NatsUrlError {
    /// There is none.
    #[error("no address of a NATS server; one is such as nats://localhost:4222")]
    Empty,
    /// It is no address.
    #[error("not an address of a NATS server, such as nats://localhost:4222: {0}")]
    Address(#[source] io::Error),
    /// It is an address of something else.
    #[error("an address of a NATS server begins with nats:// or tls://, and this one with {0}://")]
    Scheme(String),
    /// The host is missing.
    #[error("the address of a NATS server names no host; one is such as nats://localhost:4222")]
    Host,
    /// User, password or token are not UTF-8 under their percent signs.
    #[error("the user or the password in the address of a NATS server is not UTF-8")]
    Login,
}

impl NatsUrl {
    /// Reads addresses that are parted by commas. User and password are those of the first that has any.
    pub(crate) fn parse(text: &str) -> Result<Self, NatsUrlError> {
        let servers: Vec<_> = text
            .split(',')
            .map(str::trim)
            .filter(|address| !address.is_empty())
            .map(server)
            .collect::<Result<_, _>>()?;
        if servers.is_empty() {
            return Err(NatsUrlError::Empty);
        }
        let login = servers.iter().find_map(|server| login(server).transpose()).transpose()?;
        Ok(Self { servers, login })
    }

    /// Hosts and ports, for people.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let host = |server: &ServerAddr| format!("{}:{}", server.host(), server.port());
        self.servers.iter().map(host).collect()
    }
}

fn server(address: &str) -> Result<ServerAddr, NatsUrlError> {
    let server: ServerAddr = match address.split_once("://") {
        Some((scheme, _)) if !["nats", "tls"].contains(&scheme) => {
            return Err(NatsUrlError::Scheme(scheme.to_owned()));
        }
        _ => address.parse().map_err(NatsUrlError::Address)?,
    };
    if server.host().is_empty() { Err(NatsUrlError::Host) } else { Ok(server) }
}

fn login(server: &ServerAddr) -> Result<Option<Login>, NatsUrlError> {
    let text = |encoded: &str| match percent_decode_str(encoded).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(NatsUrlError::Login),
    };
    Ok(match (server.username(), server.password()) {
        (Some(name), Some(password)) => {
            Some(Login::User { name: text(name)?, password: text(password)? })
        }
        (Some(token), None) => Some(Login::Token(text(token)?)),
        (None, _) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_ports_and_a_login() {
        let url =
            NatsUrl::parse("nats://a:p%40ss@one, tls://[::1]:4333,three:4444").expect("valid");
        assert_eq!(url.hosts(), ["one:4222", "::1:4333", "three:4444"]);
        assert!(matches!(url.login, Some(Login::User { name, password })
            if name == "a" && password == "p@ss"));
        let token = NatsUrl::parse("nats://s3cr3t@one").expect("valid").login;
        assert!(matches!(token, Some(Login::Token(token)) if token == "s3cr3t"));
        assert!(NatsUrl::parse("localhost").expect("valid").login.is_none());
    }

    #[test]
    fn what_is_none_is_refused_in_words_without_its_password() {
        for (text, words) in [
            ("", "no address"),
            (" , ", "no address"),
            ("http://secret@one", "begins with nats:// or tls://, and this one with http://"),
            ("nats://secret@one:port", "not an address"),
            ("nats://", "host"),
            ("nats://%ff@one", "not UTF-8"),
        ] {
            let error = NatsUrl::parse(text).err().expect(text).to_string();
            assert!(error.contains(words) && !error.contains("secret"), "{text}: {error}");
        }
    }
}

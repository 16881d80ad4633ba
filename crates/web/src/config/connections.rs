//! `MAX_CONNECTIONS`: how many visitors at a time.

use belvedere::http::server::ServerLimits;

/// Why `MAX_CONNECTIONS` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("MAX_CONNECTIONS is {0:?}; set it to a number from 1 on, such as 10000")]
pub struct ConnectionsError(String);

/// The server's limits, with this many connections or the default.
pub(super) fn limits(setting: Option<&str>) -> Result<ServerLimits, ConnectionsError> {
    let defaults = ServerLimits { reserved_paths: vec!["/health/".into()], ..Default::default() };
    let Some(text) = setting else { return Ok(defaults) };
    match text.parse() {
        Ok(max_connections) if max_connections > 0 => {
            Ok(ServerLimits { max_connections, ..defaults })
        }
        _ => Err(ConnectionsError(text.to_owned())),
    }
}

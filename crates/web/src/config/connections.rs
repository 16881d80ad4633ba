//! `MAX_CONNECTIONS` and `DATABASE_CONNECTIONS`: how many visitors at a time, and how many of their
//! queries.

use belvedere::http::server::ServerLimits;

/// Why a number of connections cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{name} is {value:?}; set it to a number from 1 to {most}, such as {example}")]
pub struct ConnectionsError {
    name: &'static str,
    value: String,
    most: usize,
    example: usize,
}

/// The server's limits, with this many connections or the default.
pub(super) fn limits(setting: Option<&str>) -> Result<ServerLimits, ConnectionsError> {
    let file_paths = vec!["/live/client/".into(), "/assets/".into(), "/inspector/assets/".into()];
    let reserved_paths = vec!["/health/".into()];
    let defaults = ServerLimits { reserved_paths, file_paths, ..Default::default() };
    let max_connections = number("MAX_CONNECTIONS", setting, 1_000_000, 10_000)?;
    let max_connections = max_connections.unwrap_or(defaults.max_connections);
    Ok(ServerLimits { max_connections, ..defaults })
}

/// How many connections the database may have.
pub(super) fn to_database(setting: Option<&str>) -> Result<Option<usize>, ConnectionsError> {
    number("DATABASE_CONNECTIONS", setting, 1_000, 10)
}

fn number(
    name: &'static str,
    setting: Option<&str>,
    most: usize,
    example: usize,
) -> Result<Option<usize>, ConnectionsError> {
    let Some(text) = setting else { return Ok(None) };
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(Some(number)),
        _ => Err(ConnectionsError { name, value: text.to_owned(), most, example }),
    }
}

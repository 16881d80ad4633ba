//! The system's limit of open files, of which each connection is one.

use super::ServerLimits;

/// Files for everything but connections: the database, the log, the sockets that listen.
const KEPT: u64 = 64;

/// Connections that are served however low the limit is.
const MIN_CONNECTIONS: usize = 8;

/// Raises the limit as far as the system allows, and says what it is then; `None` for no limit, or
/// where the system has no such thing.
#[cfg(unix)]
pub(super) fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    if current == maximum || setrlimit(Resource::Nofile, raised).is_err() {
        return current;
    }
    maximum
}

/// Elsewhere there is nothing to raise.
#[cfg(not(unix))]
pub(super) fn raise() -> Option<u64> {
    None
}

/// `limits` with no more connections than `max_files` leaves room for.
pub(super) fn fit(limits: ServerLimits, max_files: Option<u64>) -> ServerLimits {
    let Some(max_files) = max_files else { return limits };
    let n_reserved = u64::try_from(limits.n_reserved).unwrap_or(u64::MAX);
    let left = max_files.saturating_sub(KEPT).saturating_sub(n_reserved);
    let fitting = usize::try_from(left).unwrap_or(usize::MAX).max(MIN_CONNECTIONS);
    if fitting >= limits.max_connections {
        return limits;
    }
    tracing::warn!(
        max_files,
        max_connections = fitting,
        wanted = limits.max_connections,
        "the system lets this process open too few files for all connections it may have; raise \
         the limit (`ulimit -n`)"
    );
    ServerLimits { max_connections: fitting, ..limits }
}

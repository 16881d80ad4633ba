//! The system's limit of open files, of which each connection is one.

use super::ServerLimits;

/// Files for everything but connections: the database, the log, the sockets that listen.
const KEPT: u64 = 64;

/// Connections that are served however low the limit is.
const MIN_CONNECTIONS: usize = 8;

/// What systems grant that refuse more, be the hard limit ever so high: macOS allows `OPEN_MAX`.
#[cfg(unix)]
const GRANTED: u64 = 10_240;

/// Raises the limit as far as the system allows, and says what it is then; `None` for no limit, or
/// where the system has no such thing.
#[cfg(unix)]
pub(super) fn raise() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    highest(current, maximum, |current| {
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).is_ok()
    })
}

/// The highest limit that `set` takes, from `current` up to `maximum`; `None` is no limit.
#[cfg(unix)]
fn highest(
    current: Option<u64>,
    maximum: Option<u64>,
    set: impl Fn(Option<u64>) -> bool,
) -> Option<u64> {
    let now = current?;
    let granted = maximum.map_or(GRANTED, |maximum| maximum.min(GRANTED));
    [maximum, Some(granted)]
        .into_iter()
        .find(|&wanted| wanted.is_none_or(|wanted| wanted > now) && set(wanted))
        .unwrap_or(current)
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_system_that_refuses_the_hard_limit_is_asked_for_less() {
        let grants_some = |wanted: Option<u64>| wanted.is_some_and(|wanted| wanted <= 10_240);
        assert_eq!(highest(Some(256), None, grants_some), Some(10_240));
        assert_eq!(highest(Some(256), Some(1 << 40), grants_some), Some(10_240));
        assert_eq!(highest(Some(256), Some(4096), grants_some), Some(4096));
        // What it has is never lowered.
        assert_eq!(highest(Some(20_000), None, grants_some), Some(20_000));
    }

    #[test]
    fn the_hard_limit_is_taken_where_it_can_be_had() {
        assert_eq!(highest(Some(1024), Some(1 << 20), |_| true), Some(1 << 20));
        assert_eq!(highest(Some(1024), None, |_| true), None);
        assert_eq!(highest(Some(1024), Some(4096), |_| false), Some(1024));
        assert_eq!(highest(None, None, |_| panic!("there is nothing to raise")), None);
    }
}

//! `STOP_SECONDS`: how long a process that is told to stop may take.

use std::time::Duration;

/// What comes after the sockets: requests under way have a second and a half, the last spans five.
const AFTER_SOCKETS: Duration = Duration::from_secs(7);

/// The least that leaves sockets some time.
const SHORTEST: u64 = 8;

/// A day, more than any platform waits.
const LONGEST: u64 = 24 * 60 * 60;

/// What platforms give a process that say nothing of it.
const DEFAULT: Duration = Duration::from_secs(10);

/// How long the end of the process may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopTime(Duration);

/// Why `STOP_SECONDS` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "STOP_SECONDS is {0:?}; set it to a number of seconds from 8 to 86400, less than the platform waits"
)]
pub struct StopTimeError(String);

impl StopTime {
    /// The time that a setting says, or the default.
    pub(super) fn parse(setting: Option<&str>) -> Result<Self, StopTimeError> {
        let Some(text) = setting else { return Ok(Self::default()) };
        match text.parse() {
            Ok(seconds) if (SHORTEST..=LONGEST).contains(&seconds) => {
                Ok(Self(Duration::from_secs(seconds)))
            }
            _ => Err(StopTimeError(text.to_owned())),
        }
    }

    /// How much of it the sockets have to close.
    #[must_use]
    pub fn of_sockets(self) -> Duration {
        self.0.saturating_sub(AFTER_SOCKETS)
    }
}

impl Default for StopTime {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_have_what_requests_and_spans_leave() {
        let of_sockets = |setting| StopTime::parse(setting).expect("long enough").of_sockets();
        assert_eq!(of_sockets(None), Duration::from_secs(3));
        assert_eq!(of_sockets(Some("30")), Duration::from_secs(23));
        for wrong in ["7", "-1", "soon", "1.5", "86401", "18446744073709551615"] {
            let error = StopTime::parse(Some(wrong)).expect_err(wrong).to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}

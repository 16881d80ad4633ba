//! What browsers that poll ask for, as it is counted.

use super::attribute;

/// What has become of a request, or of a frame in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PollOutcome {
    /// It has opened a session.
    Opened,
    /// The answer before it was lost: it brought the same frames again.
    Again,
    /// A frame had come before, and was taken once.
    Repeated,
    /// Its session is over, or another visitor's.
    Gone,
    /// Its session is another server's.
    Elsewhere,
}

impl PollOutcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => attribute::OUTCOME_OPENED,
            Self::Again => attribute::OUTCOME_AGAIN,
            Self::Repeated => attribute::OUTCOME_REPEATED,
            Self::Gone => attribute::OUTCOME_GONE,
            Self::Elsewhere => attribute::OUTCOME_ELSEWHERE,
        }
    }
}

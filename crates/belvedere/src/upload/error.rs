//! Why a file is not taken, in words for whoever chose it.

use std::borrow::Cow;
use std::sync::Arc;

use crate::error::CallbackError;
use crate::wire::response::UploadRefusal;

/// Why a chosen file, or a selection, is not taken.
///
/// `Display` says it in English, for the visitor; a page in another language matches on it. The browser
/// is told [`reason`](Self::reason).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The file has more bytes than one may have.
    #[error("The file is too large; at most {} are allowed.", Size(*.max_bytes))]
    TooLarge {
        /// How many it may have.
        max_bytes: u64,
    },
    /// The file has nothing in it.
    #[error("The file is empty.")]
    Empty,
    /// The file is of none of the types that are [accepted](crate::upload::Accept): by its name, or by
    /// what it turned out to hold.
    #[error("Files of this type are not accepted.")]
    NotAccepted,
    /// More files are chosen than there may be.
    #[error("Too many files; at most {max_entries} may be chosen.")]
    TooManyFiles {
        /// How many there may be.
        max_entries: usize,
    },
    /// The application's own check refuses it.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// A guard of the page ([`EventGuard`](crate::EventGuard)) refuses it.
    #[error("Files may not be sent here now.")]
    Disallowed,
    /// The server has no room for more uploads now: those under way take all of
    /// [`UploadLimits`](crate::UploadLimits), or the disk is full, by the words of an
    /// [`io::Error`](std::io::Error) that a writer returns, or that has caused what it returns.
    #[error("There is no room for more files now. Please try again later.")]
    NoRoom,
    /// Nothing came of it for as long as is waited for the next part.
    #[error("The upload took too long.")]
    TimedOut,
    /// It was here for as long as one waits to be taken
    /// ([`take_timeout`](crate::upload::UploadOptions::take_timeout)), and was not.
    #[error("The file has waited for too long. Please choose it again.")]
    NotTaken,
    /// The upload ended before all of the file had come.
    #[error("The upload was interrupted.")]
    Interrupted,
    /// What takes the file has failed; the log says why.
    #[error("The file could not be stored.")]
    Failed(Arc<CallbackError>),
    /// The browser could not send it where it was told to.
    #[error("The file could not be sent.")]
    NotSent,
}

impl UploadError {
    /// The application's own words.
    #[must_use]
    pub fn refused(words: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(words.into())
    }

    /// One word for each variant: what the browser's script is told, and the value of a metric's
    /// attribute.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too_large",
            Self::Empty => "empty",
            Self::NotAccepted => "not_accepted",
            Self::TooManyFiles { .. } => "too_many_files",
            Self::Refused(_) => "refused",
            Self::Disallowed => "disallowed",
            Self::NoRoom => "no_room",
            Self::TimedOut => "timed_out",
            Self::NotTaken => "not_taken",
            Self::Interrupted => "interrupted",
            Self::Failed(_) => "failed",
            Self::NotSent => "not_sent",
        }
    }

    /// What the client is told of a file that is not written.
    pub(crate) fn refusal(&self) -> UploadRefusal {
        match self {
            Self::NoRoom => UploadRefusal::NoRoom,
            _ => UploadRefusal::Writer,
        }
    }

    /// What a writer, or whoever signs for another server, has failed with: an error of this type stands
    /// for itself.
    pub(crate) fn of_callback(error: CallbackError) -> Self {
        match error.cause().downcast_ref::<Self>() {
            Some(own) => own.clone(),
            None => Self::Failed(Arc::new(error)),
        }
    }
}

/// Bytes as a person says them: `8 MB`, `1.5 GB`, `700 bytes`.
struct Size(u64);

impl std::fmt::Display for Size {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")];
        let Some((unit, name)) = UNITS.into_iter().find(|(unit, _)| self.0 >= *unit) else {
            return write!(formatter, "{} bytes", self.0);
        };
        match (self.0 / unit, self.0 % unit * 10 / unit) {
            (whole, 0) => write!(formatter, "{whole} {name}"),
            (whole, tenth) => write!(formatter, "{whole}.{tenth} {name}"),
        }
    }
}

/// A selection is not complete: a file of it is still on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a file is still being uploaded")]
pub struct StillUploading;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_do() {
        for (bytes, said) in [
            (700, "700 bytes"),
            (8_000_000, "8 MB"),
            (8 << 20, "8.3 MB"),
            (1_500_000_000, "1.5 GB"),
            (64_000, "64 kB"),
        ] {
            assert_eq!(Size(bytes).to_string(), said);
        }
    }
}

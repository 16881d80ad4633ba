//! Why a secret or a token is refused.

/// Why a token is not believed.
///
/// The browser is told the same in every case (`stale`: load the page anew); the variants are for
/// the log and the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not base64url, or too short to hold a signature.
    #[error("the token is malformed")]
    Malformed,
    /// Not signed by this server for this purpose.
    #[error("the token's signature does not match")]
    Signature,
    /// Signed by this server, in a format it no longer (or not yet) reads.
    #[error("the token has version {0}")]
    Version(u8),
    /// Older than its kind may be.
    #[error("the token has expired")]
    Expired,
    /// Signed and in time, but its payload does not read as its kind.
    #[error("the token's payload is malformed")]
    Payload,
}

impl TokenError {
    /// One word per variant, as the value of a metric's attribute.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Signature => "signature",
            Self::Version(_) => "version",
            Self::Expired => "expired",
            Self::Payload => "payload",
        }
    }
}

/// Why a text cannot be the secret that tokens are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Shorter than [`super::MIN_SECRET_BYTES`].
    #[error(
        "the secret key base has {n_bytes} bytes, at least {} are needed",
        super::MIN_SECRET_BYTES
    )]
    TooShort {
        /// Its length.
        n_bytes: usize,
    },
}

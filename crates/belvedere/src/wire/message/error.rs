//! Why a frame is no message.

/// Why the payload of a well-formed frame is not what its event needs.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// The JSON has the wrong shape; the source names the field.
    #[error("malformed payload of `{event}`")]
    Payload {
        /// The frame's event, one of [`crate::wire::keys`].
        event: &'static str,
        /// What the JSON parser says.
        #[source]
        source: serde_json::Error,
    },
    /// A binary frame carries an event whose payload is JSON.
    #[error("payload of `{event}` is binary, expected JSON")]
    Binary {
        /// The frame's event, one of [`crate::wire::keys`].
        event: &'static str,
    },
}

impl MessageError {
    /// One word per variant, as the value of a metric's attribute.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Payload { .. } => "malformed_payload",
            Self::Binary { .. } => "binary_payload",
        }
    }
}

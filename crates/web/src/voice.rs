//! What the program says beside its log: the start-up banner, what a subcommand did, and why it
//! failed. With `LOG_FORMAT=json` all of it is JSON, one object a line, for whoever reads the log
//! does not expect anything else.

use std::io::{self, Write as _};

use crate::config::Environment;

/// How the program speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// In words for a person, on standard output.
    Text,
    /// In the log's own lines.
    Json,
}

impl Voice {
    /// The way that the environment asks for.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        if environment.speaks_json() { Self::Json } else { Self::Text }
    }

    /// Has panics speak the same way, which otherwise print several lines of text.
    pub fn take_over_panics(self) {
        if self == Self::Json {
            std::panic::set_hook(Box::new(|panic| {
                let location = panic.location().map(ToString::to_string).unwrap_or_default();
                let message = panic.payload_as_str().unwrap_or("no message");
                tracing::error!(location, "panicked: {message}");
            }));
        }
    }

    /// Says what was done. In JSON it is an `info` of the log.
    ///
    /// # Errors
    ///
    /// When standard output is closed.
    pub fn say(self, text: &str) -> io::Result<()> {
        match self {
            Self::Text => writeln!(io::stdout(), "{text}"),
            Self::Json => {
                tracing::info!("{text}");
                Ok(())
            }
        }
    }

    /// Says why the program ends. The log may not have been set up, so it is not asked.
    pub fn fail(self, error: &dyn std::error::Error) {
        match self {
            Self::Text => eprintln!("error: {error}"),
            Self::Json => {
                let message = error.to_string();
                eprintln!("{}", serde_json::json!({ "level": "ERROR", "message": message }));
            }
        }
    }
}

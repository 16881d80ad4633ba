//! What any bytes are tried on: the bodies of the fuzz targets.
//!
//! `cargo fuzz` runs them from the folder `fuzz` beside this one, a workspace of its own with a
//! nightly compiler; `tests/replay.rs` runs them over the kept corpus as `cargo test` builds them. Each is a
//! function of bytes that panics when a promise does not hold, and a promise is more than not to panic:
//! what was written is read as it was, our readers agree with those of others, a token of which a byte
//! was changed is refused. `docs/security.md` lists them.

pub mod corpus;
mod dice;
mod diff;
mod events;
mod forms;
mod frames;
#[cfg(feature = "incoming")]
mod long_poll;
mod macros;
mod messages;
mod opened;
#[cfg(feature = "csv")]
mod people_csv;
mod snapshots;
mod tokens;
#[cfg(feature = "incoming")]
mod uploads;
#[cfg(feature = "incoming")]
mod websocket;

// Whom modules of other crates look for at the root of theirs.
use macros::live_event;
#[cfg(feature = "csv")]
use people_csv::kit;

/// One fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its program in `fuzz/fuzz_targets`.
    pub name: &'static str,
    /// Tries bytes; panics when they show that something does not hold.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: &[Target] = &[
    #[cfg(feature = "csv")]
    Target { name: "csv", run: people_csv::run },
    Target { name: "diff", run: diff::run },
    Target { name: "events", run: events::run },
    Target { name: "forms", run: forms::run },
    Target { name: "frames", run: frames::run },
    #[cfg(feature = "incoming")]
    Target { name: "long_poll", run: long_poll::run },
    Target { name: "macros", run: macros::run },
    Target { name: "messages", run: messages::run },
    Target { name: "snapshots", run: snapshots::run },
    Target { name: "tokens", run: tokens::run },
    #[cfg(feature = "incoming")]
    Target { name: "uploads", run: uploads::run },
    #[cfg(feature = "incoming")]
    Target { name: "websocket", run: websocket::run },
];

/// Runs the target of this name.
///
/// # Panics
///
/// When there is none, and when what it holds does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of this name").run)(bytes);
}

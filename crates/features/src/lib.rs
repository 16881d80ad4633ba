//! Nothing but dependencies: cargo builds a crate once for each set of features, and anew all that
//! depends on it. This member brings the sets of `cargo build`, `cargo test` and the programs outside
//! the workspace together; no other crate depends on it, and nothing that is published does.
//!
//! A test compares the features of `cargo build` with those of `cargo test`, and says which line is
//! missing in `Cargo.toml`.

//! Nothing but dependencies: cargo builds a crate once for each set of features, and anew all that
//! depends on it. This member brings the sets of `cargo build`, `cargo test` and the programs outside
//! the workspace together; no other crate depends on it, and nothing that is published does.
//!
//! So a `cargo build` of the whole workspace has the features of its tests, the headless client among
//! them. Who builds one package, as the image of the server does, has none of them.
//!
//! A test compares what `cargo build` and `cargo test` build, and says which line is missing in
//! `Cargo.toml`.

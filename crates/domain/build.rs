//! Rebuilds the crate when a migration is added or removed, which `embed_migrations!` cannot ask
//! for itself.

#![expect(
    clippy::print_stdout,
    reason = "cargo reads a build script's instructions from there"
)]

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}

//! Rebuilds the crate when a migration is added or removed, which `embed_migrations!` cannot ask
//! for itself.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}

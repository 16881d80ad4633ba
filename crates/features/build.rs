//! For its dependencies' features alone.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}

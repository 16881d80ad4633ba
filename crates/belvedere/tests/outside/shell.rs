//! A cargo that is started as from a shell.

use std::process::Command;

/// Does not tell `cargo` on what cargo has told this test of its package. Build scripts of others ask for that: they
/// would run again, and what is made of them would be compiled again, for each crate's programs and then for the
/// workspace.
pub(crate) fn as_from_a_shell(cargo: &mut Command) {
    cargo.env_remove("RUSTFLAGS");
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("CARGO_MANIFEST_")
            || name.starts_with("CARGO_PKG_")
            || name == "OUT_DIR"
        {
            cargo.env_remove(&variable);
        }
    }
}

//! A crate outside the workspace, as a stranger writes it: own manifest, public API, path
//! dependencies. Shared by the `outside` tests of all crates that are made for others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

#[path = "shell.rs"]
mod shell;

use shell::as_from_a_shell;

/// A program with a manifest of its own.
pub(crate) struct Program<'a> {
    /// Its name, unlike that of any other program that is built so.
    pub(crate) name: &'a str,
    /// The lines of `[dependencies]`; the workspace's crates by [`path_to`].
    pub(crate) dependencies: &'a str,
    /// `src/main.rs`.
    pub(crate) source: &'a str,
}

impl Program<'_> {
    /// Writes and builds the program, and returns the binary.
    pub(crate) fn build(&self) -> PathBuf {
        let folder = self.folder();
        fs::create_dir_all(folder.join("src")).expect("writable");
        write(&folder.join("src/main.rs"), self.source);
        let built = self.cargo_build("").output().expect("cargo starts");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        target().join("debug").join(format!("{}{}", self.name, std::env::consts::EXE_SUFFIX))
    }

    /// Writes the manifest, with `targets` at its end, and returns what builds it.
    ///
    /// All programs share the target folder, the lock file and, by the crate `features`, what other
    /// people's crates are built with: nothing is fetched, and of those nothing is compiled twice.
    /// The workspace's own crates have the features that the program asks for.
    pub(crate) fn cargo_build(&self, targets: &str) -> Command {
        let Program { name, dependencies, .. } = self;
        let folder = self.folder();
        let manifest = format!(
            "[package]\nname = {name:?}\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nfeatures = {{ path = {}, default-features = false }}\n{dependencies}\n\n\
             [profile.dev]\ndebug = false\nincremental = false\n\n{targets}",
            path_to("features")
        );
        fs::create_dir_all(&folder).expect("writable");
        write(&folder.join("Cargo.toml"), &manifest);
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("writable");

        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--offline", "--target-dir"]).arg(target());
        cargo.current_dir(&folder);
        as_from_a_shell(&mut cargo);
        cargo
    }

    fn folder(&self) -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside").join(self.name)
    }
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder")
}

/// The folder of one of the workspace's crates, quoted for a manifest.
pub(crate) fn path_to(crate_name: &str) -> String {
    format!("{:?}", workspace().join("crates").join(crate_name))
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Writes what has changed, so that cargo builds only then.
fn write(file: &Path, text: &str) {
    if fs::read_to_string(file).is_ok_and(|known| known == text) {
        return;
    }
    fs::write(file, text).expect("writable");
}

/// Ends the process with the test, however the test ends.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

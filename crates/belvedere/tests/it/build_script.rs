//! What the build script asks cargo to watch.

use std::fs;
use std::path::Path;

#[test]
fn nothing_is_watched_that_the_build_has_written_itself() {
    let written = Path::new(env!("OUT_DIR"));
    // Where cargo keeps what a build script printed.
    let printed = fs::read_to_string(written.with_file_name("output")).expect("a build script ran");
    let watched: Vec<_> = printed
        .lines()
        .filter_map(|line| line.trim_start_matches("cargo:").strip_prefix(":rerun-if-changed="))
        .collect();
    assert!(watched.contains(&"client"), "{printed}");
    // It is newer than the start of the script, so that the next build would do it all again.
    assert!(watched.iter().all(|path| !Path::new(path).starts_with(written)), "{watched:?}");
}

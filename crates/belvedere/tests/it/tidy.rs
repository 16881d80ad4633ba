//! House rules that no lint knows: layers (`layers`), sizes, and what the README shows.

use std::fs;
use std::path::{Path, PathBuf};

mod builds;
mod layers;

/// Lines of a source file, its unit tests included.
const MAX_FILE_LINES: usize = 400;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Rust file below `folder` of the workspace, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut waiting = vec![workspace().join(folder)];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.ends_with("target") {
            // What `cargo fuzz` builds.
            continue;
        }
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder can be listed");
            waiting.extend(entries.map(|entry| entry.expect("an entry can be read").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a source is text");
            files.push((path, text));
        }
    }
    assert!(!files.is_empty(), "no sources in {folder}");
    files
}

/// Code without comments, which may speak of anything.
fn code(text: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_file_outgrows_its_subject() {
    let long: Vec<_> = sources("crates")
        .into_iter()
        .filter(|(_, text)| text.lines().count() > MAX_FILE_LINES)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn templates_diffs_and_the_wire_know_no_network_and_no_clock() {
    for module in ["template", "diff", "wire"] {
        let mut files = sources(&format!("crates/belvedere/src/{module}"));
        let root = workspace().join(format!("crates/belvedere/src/{module}.rs"));
        files.push((root.clone(), fs::read_to_string(root).expect("a module has its root")));
        for (path, text) in files {
            if path.ends_with("tests.rs") {
                continue;
            }
            for forbidden in ["async ", "tokio::", "axum::", "::now()"] {
                let found = code(&text).contains(forbidden);
                assert!(!found, "{} has `{forbidden}`", path.display());
            }
        }
    }
}

#[test]
fn only_the_http_module_names_axum() {
    for (path, text) in sources("crates/belvedere/src") {
        let in_http = path.components().any(|part| part.as_os_str() == "http");
        let in_testing = path.components().any(|part| part.as_os_str() == "testing");
        if !in_http && !in_testing {
            assert!(!code(&text).contains("axum::"), "{} names axum", path.display());
        }
    }
}

#[test]
fn only_the_domain_speaks_sql() {
    for folder in [
        "crates/belvedere/src",
        "crates/belvedere-inspector/src",
        "crates/belvedere-telemetry/src",
        "crates/web/src",
    ] {
        for (path, text) in sources(folder) {
            // The library around Diesel is known by its name; Diesel itself is not.
            let text = code(&text).replace("belvedere_diesel::", "");
            assert!(!text.contains("diesel"), "{} names diesel", path.display());
        }
    }
}

#[test]
fn the_library_around_diesel_knows_no_application() {
    for (path, text) in sources("crates/belvedere-diesel/src") {
        // What live views have of it has features of its own.
        if path.ends_with("bus.rs") || path.ends_with("snapshots.rs") {
            continue;
        }
        let named = ["domain::", "todo_list_items::", "belvedere::", "belvedere_telemetry::"]
            .into_iter()
            .find(|name| code(&text).contains(name));
        assert_eq!(named, None, "{}", path.display());
    }
}

#[test]
fn the_readme_shows_the_example_as_it_is() {
    let readme = fs::read_to_string(workspace().join("README.md")).expect("there is a README");
    let example = include_str!("../../examples/counter.rs");
    let program = example.split_once("\n\n").expect("a header, then the program").1;
    assert!(readme.contains(&format!("```rust\n{program}```")), "README and example differ");
}

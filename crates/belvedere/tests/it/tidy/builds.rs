//! `cargo test` builds nothing that `cargo build` has built, and leaves no test out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::Value;

use super::{sources, workspace};

/// The features of each crate of other people in what `selected` builds, by the edges that cargo
/// follows.
fn features(selected: &str, edges: &str) -> BTreeMap<String, BTreeSet<String>> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix=none", "--format={p} [{f}]", "--no-dedupe"])
        .args(["--edges", edges])
        .args(selected.split(' '))
        .current_dir(workspace())
        .output()
        .expect("cargo starts");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let mut features: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&tree.stdout).lines() {
        // An empty line stands between the members.
        let Some((package, set)) = line.split_once(" [") else { continue };
        if !package.contains("(/") {
            features.entry(package.to_owned()).or_default().insert(set.to_owned());
        }
    }
    features
}

/// The README's first command names no program, and the workspace has several.
#[test]
fn cargo_run_starts_the_application() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version=1"])
        .current_dir(workspace())
        .output()
        .expect("cargo starts");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("the workspace has packages");
    let runs: Vec<_> = packages.iter().filter_map(|it| it["default_run"].as_str()).collect();
    assert_eq!(runs, ["web"], "`default-run` of all packages");
}

/// Elsewhere other crates are built, and no more is lost than time.
#[cfg(target_os = "linux")]
#[test]
fn tests_need_no_crate_with_other_features_than_the_build() {
    let build = features("--workspace", "normal,build");
    let tests = features("--workspace", "normal,build,dev");
    let again: Vec<_> = build
        .iter()
        .filter(|(package, sets)| !tests[*package].is_subset(sets))
        .map(|(package, sets)| {
            format!("{package}: {sets:?} in a build, {:?} in tests", tests[package])
        })
        .collect();
    assert!(
        again.is_empty(),
        "cargo test builds these again: give crates/features the features of tests\n{again:#?}"
    );
}

/// As the programs of `tests/outside` and the starter have them, beside the crate `features`.
#[cfg(target_os = "linux")]
#[test]
fn a_crate_of_ones_own_needs_no_crate_with_other_features_than_the_build() {
    let build = features("--workspace", "normal,build");
    for library in [
        "-p belvedere",
        "-p belvedere-telemetry",
        "-p belvedere-inspector",
        "-p belvedere-nats",
        "-p belvedere-diesel --no-default-features --features belvedere-diesel/sqlite",
    ] {
        let again: Vec<_> = features(&format!("-p features {library}"), "normal,build")
            .into_iter()
            .filter(|(package, sets)| build.get(package).is_some_and(|b| !sets.is_subset(b)))
            .collect();
        assert!(
            again.is_empty(),
            "{library}: give crates/features the features that the workspace has\n{again:#?}"
        );
    }
}

#[test]
fn a_target_without_a_harness_has_no_tests() {
    for entry in fs::read_dir(workspace().join("crates")).expect("the crates") {
        let folder = entry.expect("an entry").path();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let (_, library) = manifest.split_once("[lib]\n").unwrap_or_default();
        let library = library.split("\n[").next().unwrap_or_default();
        let leaves_out = |what: &str| library.lines().any(|line| line == what);
        let name = folder.file_name().expect("a name").to_string_lossy();
        for (path, text) in sources(&format!("crates/{name}/src")) {
            if leaves_out("test = false") || path.ends_with("src/main.rs") {
                assert!(!text.contains("test]\n"), "{}: its tests never run", path.display());
            }
            if leaves_out("doctest = false") {
                assert_eq!(example(&text), None, "{}: it never runs", path.display());
            }
        }
    }
}

/// The first fence of a documentation's example that is code.
fn example(text: &str) -> Option<&str> {
    let fences = text.lines().map(str::trim_start).filter(|line| {
        line.strip_prefix("//")
            .is_some_and(|line| line.trim_start_matches(['!', '/']).starts_with(" ```"))
    });
    fences.step_by(2).find(|fence| !fence.ends_with("```text"))
}

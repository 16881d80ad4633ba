//! `cargo test` builds nothing that `cargo build` has built, and leaves no test out.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::process::Command;
#[cfg(target_os = "linux")]
use std::sync::LazyLock;

use serde_json::Value;

use super::{sources, workspace};

/// A crate as cargo builds it.
struct Unit {
    /// Which one, and which of its targets.
    name: String,
    features: String,
    /// Of both, of the profile, and of all that it is built on.
    hash: u64,
    is_own: bool,
}

/// What a command of cargo builds, but for what it tests.
fn units(command: &str) -> Vec<Unit> {
    let output = Command::new(env!("CARGO"))
        .args(command.split(' '))
        .args(["--offline", "--unit-graph", "-Zunstable-options"])
        .env("RUSTC_BOOTSTRAP", "1")
        .current_dir(workspace())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let graph: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let nodes = graph["units"].as_array().expect("there are units");
    let mut hashes = vec![None; nodes.len()];
    let built = |node: &Value| node["mode"] == "build" || node["mode"] == "run-custom-build";
    (0..nodes.len())
        .map(|index| (hash(nodes, index, &mut hashes), &nodes[index]))
        .filter(|(_, node)| built(node))
        .map(|(hash, node)| {
            let package = node["pkg_id"].as_str().expect("a package");
            let package_name = package.rsplit('/').next().expect("it ends");
            let target = &node["target"];
            Unit {
                name: format!(
                    "{package_name} {} {} {}",
                    target["kind"], target["name"], node["mode"]
                ),
                features: node["features"].to_string(),
                hash,
                is_own: package.starts_with("path"),
            }
        })
        .collect()
}

fn hash(nodes: &[Value], index: usize, known: &mut Vec<Option<u64>>) -> u64 {
    if let Some(hash) = known[index] {
        return hash;
    }
    let node = &nodes[index];
    let mut hasher = DefaultHasher::new();
    for what in ["pkg_id", "target", "mode", "features"] {
        node[what].to_string().hash(&mut hasher);
    }
    for setting in ["opt_level", "debuginfo", "strip", "incremental", "panic"] {
        node["profile"][setting].to_string().hash(&mut hasher);
    }
    let below = node["dependencies"].as_array().expect("dependencies");
    let below = below.iter().map(|edge| edge["index"].as_u64().expect("an index") as usize);
    let mut below: Vec<_> = below.map(|below| hash(nodes, below, known)).collect();
    below.sort_unstable();
    below.hash(&mut hasher);
    let hash = hasher.finish();
    known[index] = Some(hash);
    hash
}

/// What of `others` is built by `build` too, but in another way.
fn again(build: &[Unit], others: Vec<Unit>) -> Vec<String> {
    let hashes: HashSet<_> = build.iter().map(|unit| unit.hash).collect();
    let mut ways: HashMap<_, BTreeSet<_>> = HashMap::new();
    for unit in build {
        ways.entry(&*unit.name).or_default().insert(&*unit.features);
    }
    let again = others.into_iter().filter(|unit| !hashes.contains(&unit.hash));
    again
        .filter_map(|unit| {
            let ways = ways.get(&*unit.name)?;
            Some(format!("{}: {ways:?} in a build, {} here", unit.name, unit.features))
        })
        .collect()
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

/// What a build builds.
#[cfg(target_os = "linux")]
static BUILD: LazyLock<Vec<Unit>> = LazyLock::new(|| units("build --workspace"));

/// Elsewhere other crates are built, and no more is lost than time.
#[cfg(target_os = "linux")]
#[test]
fn tests_build_nothing_again_that_the_build_has_built() {
    let again = again(&BUILD, units("test --no-run --workspace"));
    assert!(again.is_empty(), "give crates/features the features of tests\n{again:#?}");
}

/// As the programs of `tests/outside` and the starter have them, beside the crate `features`.
#[cfg(target_os = "linux")]
#[test]
fn a_crate_of_ones_own_builds_none_of_other_people_again() {
    for library in [
        "belvedere",
        "belvedere-telemetry",
        "belvedere-inspector",
        "belvedere-nats",
        "belvedere-diesel --features belvedere-diesel/sqlite",
    ] {
        let mut units = units(&format!("build --no-default-features -p features -p {library}"));
        units.retain(|unit| !unit.is_own);
        let again = again(&BUILD, units);
        let advice = "give crates/features the features that the workspace has";
        assert!(again.is_empty(), "{library}: {advice}\n{again:#?}");
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

//! The law against the client's own merge, in Node: the same random trees, edits and components,
//! and the HTML that our merge shows for them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::{
    component_farewells, component_trees, components,
    diff::{law, stream_pages},
};

/// Cases of templates, of streams, and of running views with components beside each other, in each
/// other, and in rows of streams with streams of their own.
const N_TREES: usize = 2000;
const N_STREAMS: usize = 1500;
const N_BOARDS: usize = 60;
const N_FOLDERS: usize = 120;
const N_HALLS: usize = 120;

const SOURCES: [&str; 5] = ["package.json", "package-lock.json", ".npmrc", "compare.js", "page.js"];

#[test]
fn the_clients_own_merge_shows_what_ours_shows() {
    let has = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !has("node") || !has("npm") {
        assert!(std::env::var_os("CI").is_none(), "node and npm are needed in CI");
        // The harness hides what `eprintln!` writes.
        writeln!(std::io::stderr(), "SKIPPED the_clients_own_merge_shows_what_ours_shows: node")
            .expect("stderr is open");
        return;
    }
    let folder = bundle();
    let cases = cases();
    let n_cases = cases.len();
    let file = folder.join("cases.json");
    fs::write(&file, Value::Array(cases).to_string()).expect("writable");
    let compared = Command::new("node")
        .arg(folder.join("compare.bundle.mjs"))
        .arg(&file)
        .output()
        .expect("node runs");
    let report = String::from_utf8_lossy(&compared.stdout);
    assert!(compared.status.success(), "{report}{}", String::from_utf8_lossy(&compared.stderr));
    let report: Value = serde_json::from_str(&report).expect("a report");
    assert_eq!(report["run"], n_cases);
    let n_skipped = report["skipped"].as_u64().unwrap_or_default();
    assert!(n_skipped > 1000, "the client left only {n_skipped} elements as they were");
}

fn cases() -> Vec<Value> {
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    let edits = vec(vec(any::<u8>(), 0..24), 1..6);
    let mut cases = Vec::new();
    for _ in 0..N_TREES {
        let tree = pick(&law::tree(), &mut runner);
        cases.push(steps(law::play(tree, &pick(&edits, &mut runner))));
    }
    for _ in 0..N_STREAMS {
        cases.push(steps(stream_pages::play(pick(&stream_pages::acts(), &mut runner))));
    }
    for _ in 0..N_BOARDS {
        let acts = pick(&components::acts(), &mut runner);
        cases.push(steps(runtime.block_on(components::play(acts))));
    }
    for _ in 0..N_FOLDERS {
        let acts = pick(&component_trees::acts(), &mut runner);
        cases.push(steps(runtime.block_on(component_trees::play(acts))));
    }
    for _ in 0..N_HALLS {
        let acts = pick(&component_farewells::acts(), &mut runner);
        cases.push(steps(runtime.block_on(component_farewells::play(acts))));
    }
    cases
}

fn pick<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).expect("a case").current()
}

fn steps(steps: Vec<(Value, String)>) -> Value {
    steps.into_iter().map(|(diff, html)| json!({ "diff": diff, "html": html })).collect()
}

/// The client's source bundled with the comparison, in a folder that outlives the test: packages
/// are fetched only when the lock file has changed.
fn bundle() -> PathBuf {
    let sources = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client_rendered"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client_rendered");
    fs::create_dir_all(&folder).expect("writable");
    let lock = fs::read(sources.join("package-lock.json")).expect("a lock file");
    let is_current = fs::read(folder.join("installed.json")).is_ok_and(|known| known == lock);
    for source in SOURCES {
        fs::copy(sources.join(source), folder.join(source)).expect("writable");
    }
    if !is_current {
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
        run(Command::new("npm").args(arguments).current_dir(&folder));
        fs::write(folder.join("installed.json"), lock).expect("writable");
    }
    run(Command::new("node").current_dir(&folder).args([
        "node_modules/esbuild/bin/esbuild",
        "compare.js",
        "--bundle",
        "--platform=node",
        "--format=esm",
        "--outfile=compare.bundle.mjs",
        "--log-level=error",
    ]));
    folder
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program is there");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

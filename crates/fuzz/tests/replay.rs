//! The kept inputs of every fuzz target, run again.

use fuzz::{TARGETS, corpus};

/// Most bytes of all files together: the corpus is kept with the sources.
const MAX_BYTES: u64 = 500 * 1024;

#[test]
fn what_fuzzing_has_found_holds() {
    for target in TARGETS {
        let inputs = corpus::read(target.name).expect("a corpus for each target");
        assert!(inputs.len() > 10, "{} has {} inputs", target.name, inputs.len());
        for input in inputs {
            let run = std::panic::catch_unwind(|| (target.run)(&input));
            assert!(run.is_ok(), "{}: {}", target.name, input.escape_ascii());
        }
    }
}

#[test]
fn the_corpus_is_small() {
    let length = |name| std::fs::metadata(corpus::file(name)).expect("a corpus").len();
    let n_bytes: u64 = TARGETS.iter().map(|target| length(target.name)).sum();
    assert!(n_bytes <= MAX_BYTES, "{n_bytes} bytes");
}

/// As `cargo fuzz` finds them.
#[test]
fn each_target_has_its_program() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz");
    let manifest = std::fs::read_to_string(format!("{folder}/Cargo.toml")).expect("a manifest");
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    for target in TARGETS {
        let name = target.name;
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        let program = std::fs::read_to_string(format!("{folder}/fuzz_targets/{name}.rs"));
        let call = format!("fuzz::run(\"{name}\", bytes)");
        assert!(program.expect("a program").contains(&call), "{name}");
    }
}

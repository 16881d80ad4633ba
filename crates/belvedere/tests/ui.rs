//! What compiles, and what an author reads when it does not.
//!
//! `UI=overwrite cargo test -p belvedere --test ui` writes the messages anew; they are read by people
//! who meet the crate for the first time, and a change to one is reviewed like a change to a page.
//!
//! What compiles is part of this binary. What does not is built as a program outside the workspace
//! with a binary for each mistake, so that nothing is compiled for it but `belvedere` itself.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

#[path = "ui/live/pass"]
mod live {
    mod commands;
    mod events;
    mod lints;
    mod view;
}

/// Public, since what the derive writes for a public enum must be documented.
#[path = "ui/live_event/pass"]
pub mod live_event {
    pub mod every_shape;
    mod in_a_live_template;
    mod names_of_the_prelude;
    mod private_enum;
}

/// Public for the same reason.
#[path = "ui/form/pass"]
pub mod form {
    pub mod every_shape;
}

#[path = "outside/program.rs"]
#[expect(dead_code, reason = "nothing that is built here runs")]
mod program;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");
const FOLDERS: [&str; 3] = ["tests/ui/live/fail", "tests/ui/live_event/fail", "tests/ui/form/fail"];

/// How messages begin that only count the others.
const COUNTS: [&str; 3] = ["error: aborting due to", "For more", "Some errors have detailed"];

/// Where the compiler leaves a long type, whose file has another name each time.
const LONG_TYPE: [&str; 2] =
    ["the full name for the type has been written", "consider using `--verbose`"];

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether to overwrite is a wish of who calls the test"
)]
fn mistakes_are_explained() {
    let said = compile(&mistakes());
    let mut differ = Vec::new();
    for (mistake, said) in said {
        let file = mistake.with_extension("stderr");
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if comparable(&said) == comparable(&expected) && !said.is_empty() {
            continue;
        }
        if env::var("UI").is_ok_and(|wish| wish == "overwrite") {
            fs::write(&file, format!("{}\n", said.trim_end())).expect("writable");
        } else {
            let name = mistake.display();
            differ.push(format!("{name}\n\nEXPECTED\n{expected}\nSAID\n{said}"));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

/// The files with a mistake each.
fn mistakes() -> Vec<PathBuf> {
    let entries = FOLDERS.map(|folder| fs::read_dir(Path::new(CRATE).join(folder)).expect(folder));
    let paths = entries.into_iter().flatten().map(|entry| entry.expect("an entry").path());
    let mut mistakes: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    mistakes.sort();
    mistakes
}

/// What the compiler says of each mistake.
fn compile(mistakes: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let bins = mistakes.iter().map(|path| {
        let name = path.file_stem().expect("a name").to_string_lossy();
        format!("[[bin]]\nname = {name:?}\npath = {path:?}\n")
    });
    let dependencies = format!(
        "belvedere = {{ path = {}, features = [\"otel\"] }}\nmaud = \"0.27\"\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}",
        program::path_to("belvedere")
    );
    let program =
        program::Program { name: "outside-mistakes", dependencies: &dependencies, source: "" };
    let mut cargo = program.cargo_build(&bins.collect::<String>());
    let output = cargo.args(["--bins", "--keep-going", "--message-format=json"]).output();
    let output = output.expect("cargo starts");

    let mut said: BTreeMap<_, _> =
        mistakes.iter().map(|mistake| (mistake.clone(), String::new())).collect();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: Value = serde_json::from_str(line).expect("a message of cargo");
        let source = line["target"]["src_path"].as_str().map(Path::new);
        let Some(said) = source.and_then(|source| said.get_mut(source)) else { continue };
        let message = line["message"]["rendered"].as_str().unwrap_or_default();
        if !COUNTS.iter().any(|count| message.starts_with(count)) {
            said.push_str(&portable(message));
        }
    }
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(said.values().any(|said| !said.is_empty()), "nothing was compiled\n{words}");
    said
}

/// A message as it reads on every machine, and however the lines of other files are numbered.
fn portable(message: &str) -> String {
    let workspace = Path::new(CRATE).parent().and_then(Path::parent).expect("the workspace");
    let message = message.replace(&format!("{CRATE}/tests"), "tests");
    let message = message.replace(&workspace.display().to_string(), "$WORKSPACE");
    let mut is_elsewhere = false;
    let is_said = |line: &&str| !LONG_TYPE.iter().any(|words| line.contains(words));
    let lines = message.lines().filter(is_said).map(|line| {
        if let Some((arrow, place)) = line.split_once("--> ").or_else(|| line.split_once("::: ")) {
            is_elsewhere = !place.starts_with("tests/");
            let file = place.split_once(".rs:").map_or(place, |(file, _)| file);
            return if is_elsewhere {
                format!("{arrow}--> {file}.rs\n")
            } else {
                format!("{line}\n")
            };
        }
        if line.starts_with(char::is_alphabetic) {
            is_elsewhere = false;
        }
        if line.trim_start().starts_with("and ") && line.ends_with(" others") {
            return "          and $N others\n".to_owned();
        }
        let number = line.trim_start().split_once(" |").filter(|(number, _)| {
            is_elsewhere && number.chars().all(|digit| digit.is_ascii_digit())
        });
        number.map_or(format!("{line}\n"), |(_, code)| format!("   |{code}\n"))
    });
    lines.collect()
}

/// Without the space before the line numbers, which is as wide as the longest of them.
fn comparable(message: &str) -> Vec<&str> {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

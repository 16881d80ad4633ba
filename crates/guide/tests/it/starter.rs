//! The starter, from its template to green tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "../../../belvedere/tests/outside/shell.rs"]
mod shell;
#[path = "starter/template.rs"]
mod template;

use shell::as_from_a_shell;
use template::{MissingVariable, expand};

fn workspace() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).expect("it is there")
}

/// Every file of the template but its own settings, by its path in it.
fn files() -> Vec<(PathBuf, String)> {
    let starter = workspace().join("starter");
    let mut waiting = vec![starter.clone()];
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder can be listed");
            waiting.extend(entries.map(|entry| entry.expect("an entry can be read").path()));
        } else if !path.ends_with("cargo-generate.toml") {
            let text = fs::read_to_string(&path).expect("the template is text");
            files.push((path.strip_prefix(&starter).expect("it is below").to_owned(), text));
        }
    }
    files
}

#[test]
fn what_is_made_of_the_template_is_green() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("starter");
    let root = workspace();
    let root = root.to_str().expect("its path is text");
    for (path, text) in files() {
        let text = expand(&text, &[("project-name", "starter"), ("belvedere", root)]);
        let mut text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if path.ends_with("Cargo.toml") {
            // It stands within this workspace, and is none of it; other people's crates are built as
            // the workspace has built them.
            let profile = "debug = \"line-tables-only\"\n";
            assert!(text.contains(profile), "{text}");
            text = text.replace(profile, "debug = false\nincremental = false\n");
            text += &format!(
                "\n[workspace]\n\n[dependencies.features]\npath = \"{root}/crates/features\"\n\
                 default-features = false\n\n[profile.dev.package]\n{}",
                optimized()
            );
        }
        write(&folder.join(&path), &text);
    }
    // The versions of the workspace, so that nothing is fetched and little is compiled.
    fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("writable");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--quiet", "--offline", "--target-dir"]).arg(target);
    cargo.current_dir(&folder);
    as_from_a_shell(&mut cargo);
    let tested = cargo.output().expect("cargo starts");
    let (words, said) =
        (String::from_utf8_lossy(&tested.stdout), String::from_utf8_lossy(&tested.stderr));
    assert!(tested.status.success() && !said.contains("warning"), "{words}{said}");
    assert!(words.contains("1 passed"), "{words}");
}

/// The lines of the workspace's manifest for crates that are built with an `opt-level` of their own.
fn optimized() -> String {
    let manifest = fs::read_to_string(workspace().join("Cargo.toml")).expect("it is there");
    let lines = manifest.lines().filter(|line| line.contains("{ opt-level = "));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn without_a_checkout_the_published_crates_are_taken() {
    let manifest =
        files().into_iter().find(|(path, _)| path.ends_with("Cargo.toml")).expect("it has one").1;
    let manifest =
        expand(&manifest, &[("project-name", "desk"), ("belvedere", "")]).expect("complete");
    assert!(!manifest.contains("[patch"), "{manifest}");
}

#[test]
fn a_missing_variable_is_named() {
    assert_eq!(
        expand("name = \"{{project-name}}\"", &[]),
        Err(MissingVariable("project-name".to_owned()))
    );
    let words = MissingVariable("project-name".to_owned()).to_string();
    assert_eq!(words, "the template names `project-name`, which has no value");
}

/// Writes what has changed, so that cargo builds only then.
fn write(file: &Path, text: &str) {
    if fs::read_to_string(file).is_ok_and(|known| known == text) {
        return;
    }
    fs::create_dir_all(file.parent().expect("a file has a folder")).expect("writable");
    fs::write(file, text).expect("writable");
}

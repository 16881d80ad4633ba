//! What holds for all chapters.

use std::fs;
use std::path::Path;

fn text(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in the macro's list.
fn known_to_the_macro() -> Vec<String> {
    let source = include_str!("../../../belvedere-macros/src/live/bindings.rs");
    let list = source
        .split_once("const BINDINGS")
        .expect("the list")
        .1
        .split_once("];")
        .expect("its end")
        .0;
    let names = list.lines().filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("\","));
    names.map(|name| format!("phx-{name}")).collect()
}

#[test]
fn the_reference_has_every_attribute_that_compiles() {
    let reference = text("attributes.md");
    let known = known_to_the_macro();
    assert!(known.len() > 30, "{known:?}");
    let missing: Vec<_> =
        known.iter().filter(|name| !reference.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "attributes.md does not tell of {missing:?}");
}

#[test]
fn the_contents_name_every_chapter() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.expect("a README");
    let contents = text("guide.md");
    let chapters =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("a folder");
    for chapter in chapters.map(|entry| entry.expect("an entry").file_name()) {
        let chapter = chapter.to_string_lossy();
        let Some(name) = chapter.strip_suffix(".md").filter(|name| *name != "guide") else {
            continue;
        };
        assert!(contents.contains(&format!("]({name})")), "guide.md does not link to {name}");
        assert!(readme.contains(&format!("](src/{name}.md)")), "README.md does not link to {name}");
    }
}

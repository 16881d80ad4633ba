//! Puts the program of the guide together, for `tests`: the files that a reader has after each chapter.
//!
//! A block whose first line is a comment with a path, `// src/main.rs`, is that file, and replaces the
//! one of an earlier chapter. Of `attributes.md` every line of template becomes a function.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The files of a program by their paths.
type Files = BTreeMap<String, String>;

const CHAPTERS: [&str; 9] = [
    "_1_first_page",
    "_2_state_and_events",
    "_3_lists_and_components",
    "_4_url_and_forms",
    "_5_layout_and_assets",
    "_6_sign_in",
    "_7_database_and_traces",
    "_8_tests",
    "_9_deploy",
];

/// Pages beside the path. The files of each are modules of the test of the same name.
const BESIDE: [&str; 1] = ["object_store"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src");
    let out = env::var_os("OUT_DIR").expect("cargo sets it");
    let out = Path::new(&out);
    let mut files = Files::new();
    let mut programs = String::new();
    let add = |name: &str, files: &Files, programs: &mut String| {
        for (path, text) in files {
            write_file(&out.join(name).join(path), text);
        }
        programs.push_str(&program(name, files, out));
    };
    for chapter in CHAPTERS {
        let text = fs::read_to_string(format!("src/{chapter}.md")).expect("a chapter");
        let written: Vec<_> = blocks(&text).filter_map(file).collect();
        let first: Files = written.iter().rev().cloned().collect();
        let last: Files = written.iter().cloned().collect();
        if first != last {
            // A file that the chapter makes better: the program as it was before.
            let mut before = files.clone();
            before.extend(first);
            add(&format!("{chapter}_before"), &before, &mut programs);
        }
        files.extend(last);
        add(chapter, &files, &mut programs);
    }
    write_file(&out.join("programs.rs"), &programs);
    for page in BESIDE {
        let text = fs::read_to_string(format!("src/{page}.md")).expect("a page");
        write_file(&out.join(page).with_extension("rs"), &modules(page, &text));
    }
    let reference = fs::read_to_string("src/attributes.md").expect("the reference");
    write_file(&out.join("attributes.rs"), &templates(&reference));
}

/// The text of each fenced block.
fn blocks(chapter: &str) -> impl Iterator<Item = &str> {
    chapter.split("\n```").skip(1).step_by(2).filter_map(|block| Some(block.split_once('\n')?.1))
}

/// The path that a block's first line names, and the file.
fn file(block: &str) -> Option<(String, String)> {
    let (first, text) = block.split_once('\n')?;
    let mut words = first.split_whitespace();
    let comment = words.next().is_some_and(|word| ["//", "--", "/*", "#"].contains(&word));
    let path = words.next().filter(|path| comment && is_path(path))?;
    Some((path.to_owned(), format!("{text}\n")))
}

fn is_path(word: &str) -> bool {
    let ends = [".rs", ".css", ".js", ".sql", "Dockerfile"];
    word.contains(['/', 'D']) && ends.iter().any(|end| word.ends_with(end))
}

/// Writes what has changed, so that nothing else is compiled anew.
fn write_file(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|known| known == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("writable");
    fs::write(path, text).expect("writable");
}

/// The whole program as one module, with the chapter's test in it, which so sees what the program's
/// own modules see.
fn program(chapter: &str, files: &Files, out: &Path) -> String {
    let folder = out.join(chapter);
    let main = module("main", files);
    let own = main
        .replace("crate::", &format!("crate::programs::{chapter}::"))
        .replace("\"../assets/", &format!("\"{}/assets/", folder.display()))
        .replace(
            "embed_migrations!()",
            &format!("embed_migrations!({:?})", folder.join("migrations")),
        );
    let tests = env::current_dir().expect("cargo sets it").join(format!("tests/it/{chapter}.rs"));
    format!("pub(crate) mod {chapter} {{\n{own}\n#[path = {tests:?}]\nmod used;\n}}\n")
}

/// A module's text, with those that it declares in their places.
fn module(name: &str, files: &Files) -> String {
    let path = format!("src/{name}.rs");
    let text = files.get(&path).unwrap_or_else(|| panic!("no chapter has {path}"));
    let mut whole = String::new();
    for line in text.lines() {
        let declared = line.trim_start_matches("pub ").strip_prefix("mod ");
        match declared.and_then(|rest| rest.strip_suffix(';')) {
            Some(child) => {
                let start = line.trim_end_matches(';');
                let _ = writeln!(whole, "{start} {{\n{}\n}}", module(child, files));
            }
            None => whole.extend([line, "\n"]),
        }
    }
    whole
}

/// The files of a page, each as a module.
fn modules(page: &str, text: &str) -> String {
    let files = blocks(text).filter_map(file);
    let modules = files.map(|(path, text)| {
        let name = path.trim_start_matches("src/").trim_end_matches(".rs");
        let own = text.replace("crate::", &format!("crate::{page}::"));
        format!("pub(crate) mod {name} {{\n{own}}}\n")
    });
    modules.collect()
}

/// A method for the last cell of each row of the tables whose last column is a line of template.
fn templates(reference: &str) -> String {
    let mut methods = String::from("impl Page {\n");
    let tables =
        reference.split("| Template |\n").skip(1).filter_map(|rest| rest.split("\n\n").next());
    let cells =
        tables.flat_map(str::lines).filter_map(|row| row.strip_suffix("` |")?.rsplit_once("| `"));
    for (number, (_, template)) in cells.enumerate() {
        let _ = writeln!(
            methods,
            "fn row_{number}(&self, target: ComponentId) -> impl Render {{\n\
             live! {{ {template} }}\n}}",
        );
    }
    methods + "}\n"
}

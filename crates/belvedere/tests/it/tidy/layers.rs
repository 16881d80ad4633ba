//! Imports only go down: the layers of the runtime, as `ARCHITECTURE.md` lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{code, sources, workspace};

/// The heading under which the layers stand, the highest first, a layer on each line. Modules of one
/// layer know nothing of each other, but for those with a `+` between them.
const HEADING: &str = "## The layers\n";

/// Where each module stands, counted from the top, and which it is one with.
struct Layers(BTreeMap<String, (usize, String)>);

impl Layers {
    fn read() -> Self {
        let text = std::fs::read_to_string(workspace().join("ARCHITECTURE.md"));
        let text = text.expect("there is an ARCHITECTURE.md");
        let section = text.split_once(HEADING).expect("a heading of the layers").1;
        let list = section.split_once("```text\n").expect("their list").1;
        let list = list.split_once("```").expect("the list's end").0;
        let mut layers = BTreeMap::new();
        for (depth, line) in list.lines().enumerate() {
            for unit in line.split_whitespace() {
                for module in unit.split('+') {
                    let twice = layers.insert(module.to_owned(), (depth, unit.to_owned()));
                    assert_eq!(twice, None, "{module} is listed twice");
                }
            }
        }
        Self(layers)
    }

    /// The listed module to which a path of the crate leads.
    fn module_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut module = path;
        while !self.0.contains_key(module) {
            module = module.rsplit_once("::")?.0;
        }
        Some(module)
    }

    fn goes_down(&self, from: &str, to: &str) -> bool {
        let ((from, from_unit), (to, to_unit)) = (&self.0[from], &self.0[to]);
        from < to || from_unit == to_unit
    }
}

/// The modules of the crate, with their code. What is only compiled for tests may name anything.
fn modules() -> BTreeMap<String, String> {
    let root = workspace().join("crates/belvedere/src");
    let files = sources("crates/belvedere/src").into_iter();
    let files = files.filter(|(path, _)| !path.ends_with("tests.rs") && !path.ends_with("lib.rs"));
    files
        .map(|(path, text)| {
            let code = code(&text);
            let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            (module_name(path.strip_prefix(&root).expect("it is in there")), code.to_owned())
        })
        .collect()
}

fn module_name(file: &Path) -> String {
    let parts = file.with_extension("");
    let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("::")
}

/// Names, `::` and signs, in order.
fn tokens(code: &str) -> Vec<&str> {
    let mut rest = code.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let is_named = |letter: char| letter.is_alphanumeric() || letter == '_';
        let n_bytes = match rest.find(|letter| !is_named(letter)) {
            Some(0) if rest.starts_with("::") => 2,
            Some(0) => first.len_utf8(),
            Some(end) => end,
            None => rest.len(),
        };
        tokens.push(&rest[..n_bytes]);
        rest = rest[n_bytes..].trim_start();
    }
    tokens
}

/// Every path in the code, those of a `use` with braces one by one.
fn paths(code: &str) -> BTreeSet<String> {
    let tokens = tokens(code);
    let (mut found, mut prefix) = (BTreeSet::new(), String::new());
    // What stood before each brace, a path's if it is one of a `use`.
    let mut braces = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let follows = |sign| tokens.get(at + 1) == Some(&sign);
        match *token {
            "{" => {
                braces.push(std::mem::take(&mut prefix));
                prefix.clone_from(braces.last().expect("it was just put there"));
            }
            "}" => {
                braces.pop();
                prefix.clear();
            }
            "::" => prefix.push_str("::"),
            "<" if prefix.ends_with("::") => {
                found.insert(prefix.trim_end_matches(':').to_owned());
                prefix.clear();
            }
            word if word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') => {
                prefix.push_str(word);
                if !follows("::") {
                    found.insert(prefix.clone());
                    prefix.clear();
                }
            }
            _ => prefix.clear(),
        }
        if prefix.is_empty() && token == &"," {
            prefix = braces.last().cloned().unwrap_or_default();
        }
    }
    found
}

/// The path from the root of the crate, if it is one of the crate's, as the module `module` says it.
fn absolute(path: &str, module: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    if let Some(path) = path.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    let (mut base, mut path) = (module, path);
    if let Some(rest) = path.strip_prefix("self::") {
        path = rest;
    } else if path.starts_with("super::") {
        while let Some(rest) = path.strip_prefix("super::") {
            base = base.rsplit_once("::").map_or("", |(outer, _)| outer);
            path = rest;
        }
    } else {
        let child = format!("{module}::{}", path.split_once("::")?.0);
        modules.get(&child)?;
    }
    Some(if base.is_empty() { path.to_owned() } else { format!("{base}::{path}") })
}

/// Which macros, which the root may export, are written in which modules.
fn macros(modules: &BTreeMap<String, String>) -> BTreeMap<&str, &str> {
    let homes = modules.iter().flat_map(|(module, code)| {
        let definitions = code.split("macro_rules! ").skip(1);
        definitions.map(move |definition| {
            let name = definition.split_once(' ').map_or(definition, |(name, _)| name);
            (name, module.as_str())
        })
    });
    homes.collect()
}

/// Which module names which path of the crate.
fn arrows() -> BTreeSet<(String, String)> {
    let modules = modules();
    let macros = macros(&modules);
    let mut arrows = BTreeSet::new();
    for (module, code) in &modules {
        for path in paths(code) {
            let Some(path) = absolute(&path, module, &modules) else { continue };
            let path = macros.get(&*path).map_or(path.clone(), ToString::to_string);
            arrows.insert((module.clone(), path));
        }
    }
    arrows
}

#[test]
fn every_module_stands_in_a_layer_and_every_layer_has_its_modules() {
    let (layers, modules) = (Layers::read(), modules());
    let homeless: Vec<_> = modules.keys().filter(|name| layers.module_of(name).is_none()).collect();
    assert!(homeless.is_empty(), "in no layer: {homeless:#?}");
    let gone: Vec<_> = layers.0.keys().filter(|name| !modules.contains_key(*name)).collect();
    assert!(gone.is_empty(), "no such modules: {gone:#?}");
}

#[test]
fn imports_only_go_down() {
    let layers = Layers::read();
    let mut up = Vec::new();
    for (from, path) in arrows() {
        let Some(module) = layers.module_of(&from) else { continue };
        match layers.module_of(&path) {
            Some(to) if layers.goes_down(module, to) => {}
            Some(to) => up.push(format!("{from} -> {path}, of {module} -> {to}")),
            None => up.push(format!("{from} -> {path}, of the root, which is above all")),
        }
    }
    assert!(up.is_empty(), "{up:#?}");
}

#[test]
fn paths_are_seen_however_they_are_written() {
    let code = "use crate::{a::B, c::{self, D as E}};\npub(super) use super::f::g;\n\
                fn h(x: &crate::i::J<super::K>) { crate::l::m::<N>(o::p); q!({ crate::r::S {} }) }";
    let found = paths(code);
    for path in [
        "crate::a::B",
        "crate::c::self",
        "crate::c::D",
        "super::f::g",
        "crate::i::J",
        "super::K",
        "crate::l::m",
        "o::p",
        "crate::r::S",
    ] {
        assert!(found.contains(path), "{path} in {found:?}");
    }
}

#[test]
fn the_arrows_that_are_known_are_found() {
    let arrows = arrows();
    for (from, to) in [
        ("template::renderer", "diff::Differ"),
        ("runtime::view_task", "socket::Socket"),
        ("http", "http::live_runtime::LiveRuntime"),
        ("testing", "testing::diff_bytes"),
    ] {
        assert!(arrows.contains(&(from.to_owned(), to.to_owned())), "{from} -> {to}");
    }
}

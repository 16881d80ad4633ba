//! Embeds the application's script and style sheet, precompressed, under hashed names.
#![expect(clippy::disallowed_methods, reason = "cargo speaks to a build script by environment")]

#[path = "../belvedere/build/embed.rs"]
mod embed;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use embed::Source;

/// The style sheet's parts, in the order in which they are joined.
const STYLES: [&str; 4] =
    ["css/app.css", "css/layout.css", "css/components.css", "css/inspector.css"];

fn main() -> io::Result<()> {
    for script in ["build.rs", "../belvedere/build/embed.rs"] {
        println!("cargo::rerun-if-changed={script}");
    }
    let out_dir = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let script = read("js/app.js")?;
    let styles = STYLES.into_iter().map(read).collect::<io::Result<Vec<_>>>()?.join("\n");

    let mut text = String::new();
    for (constant, extension, content) in [("APP_JS", "js", script), ("APP_CSS", "css", styles)] {
        let bytes = content.as_bytes();
        let source = Source { constant, folder: "/assets/", stem: "app", extension, bytes };
        text.push_str(&embed::embed(&out_dir, &source)?);
    }
    fs::write(out_dir.join("assets.rs"), text)
}

fn read(name: &str) -> io::Result<String> {
    let file = Path::new("../../assets").join(name);
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read_to_string(file)
}

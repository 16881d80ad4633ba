//! Fetches the official browser client and embeds it, precompressed, with its version.
//!
//! The packages come from `LIVE_VIEW_CLIENT_DIR` when it is set. The published crate has them in
//! `client/packages`; a checkout fetches them with `npm ci` in `OUT_DIR`, again only when
//! `client/package-lock.json` changed. A documentation build (`DOCS_RS`) embeds empty files.
#![expect(clippy::disallowed_methods, reason = "cargo speaks to a build script by environment")]

#[path = "build/embed.rs"]
mod embed;
#[path = "build/packages.rs"]
mod packages;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use embed::Source;
use packages::{ClientError, PACKAGES};

/// The program that fetches the packages.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The client's files, as read or, for a documentation build, empty.
#[derive(Default)]
struct Client {
    phoenix: Vec<u8>,
    live_view: Vec<u8>,
    licenses: String,
}

fn main() {
    for path in ["build.rs", "build", "client"] {
        println!("cargo::rerun-if-changed={path}");
    }
    for variable in ["LIVE_VIEW_CLIENT_DIR", "DOCS_RS"] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    if let Err(error) = build() {
        if let ClientError::NpmFailed(words) = &error {
            // Standard error of a build script that exits cleanly is not shown.
            words.lines().for_each(|line| println!("cargo::error={line}"));
        }
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), ClientError> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out_dir = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let source = root.join("client");
    let version = packages::pinned_version(&source, "phoenix_live_view")?;
    let client = if env::var_os("DOCS_RS").is_some() {
        Client::default()
    } else {
        let given = env::var_os("LIVE_VIEW_CLIENT_DIR").filter(|folder| !folder.is_empty());
        let given = given.map(PathBuf::from);
        let is_given = given.is_some();
        let folder = packages::locate(&source, &out_dir, given, NPM)?;
        if is_given {
            watch(&folder);
        }
        read_client(&folder)?
    };
    let own = [read(&source.join("belvedere.js"))?, read(&source.join("bootstrap.js"))?];
    write_constants(&out_dir, &version, &client, &own)
}

/// Runs this script again when a package in somebody's own folder changes.
///
/// What npm fetched is not watched: it is newer than the start of this run, after which cargo calls
/// it changed and builds everything a second time. It follows the lock file, which is watched.
fn watch(folder: &Path) {
    for (package, bundle) in PACKAGES {
        for file in ["package.json", "LICENSE.md", bundle] {
            println!("cargo::rerun-if-changed={}", folder.join(package).join(file).display());
        }
    }
}

fn read_client(folder: &Path) -> Result<Client, ClientError> {
    let mut bundles = Vec::new();
    let mut licenses = String::new();
    for (package, bundle) in PACKAGES {
        let bundle = folder.join(package).join(bundle);
        let licence = folder.join(package).join("LICENSE.md");
        bundles.push(read(&bundle)?.into_bytes());
        licenses.push_str(&format!("{package}\n\n{}\n\n", read(&licence)?.trim()));
    }
    let [phoenix, live_view] = bundles.try_into().expect("there are two packages");
    Ok(Client { phoenix, live_view, licenses })
}

fn write_constants(
    out_dir: &Path,
    version: &str,
    client: &Client,
    [belvedere, bootstrap]: &[String; 2],
) -> Result<(), ClientError> {
    let file = out_dir.join("client.rs");
    let file_error = |source| ClientError::File { file: file.clone(), source };
    let mut text = format!(
        "pub(crate) const VERSION: &str = {version:?};\n\
         pub(crate) const LICENSES: &str = {:?};\n",
        client.licenses
    );
    for (constant, stem, bytes) in [
        ("PHOENIX", "phoenix", &client.phoenix[..]),
        ("PHOENIX_LIVE_VIEW", "phoenix_live_view", &client.live_view),
        ("BELVEDERE", "belvedere", belvedere.as_bytes()),
        ("BOOTSTRAP", "bootstrap", bootstrap.as_bytes()),
    ] {
        let source = Source { constant, folder: "/live/client/", stem, extension: "js", bytes };
        text.push_str(&embed::embed(out_dir, &source).map_err(file_error)?);
    }
    fs::write(&file, text).map_err(file_error)
}

fn read(file: &Path) -> Result<String, ClientError> {
    fs::read_to_string(file).map_err(|source| ClientError::File { file: file.to_owned(), source })
}

//! What the build says when the browser client cannot be had.

// The build script's own module: nothing else can run it with a program of the test's choice.
#[path = "../../build/packages.rs"]
mod packages;

use std::fs;
use std::path::{Path, PathBuf};

use packages::{ClientError, PACKAGES, locate, pinned_version};

fn client() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/client"))
}

/// An empty folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("client-packages").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).expect("removable");
    }
    fs::create_dir_all(&folder).expect("writable");
    folder
}

/// Writes both packages below `folder`, with the second in `version` or as pinned.
fn write_packages(folder: &Path, version: Option<&str>) {
    for (package, bundle) in PACKAGES {
        let pinned = pinned_version(client(), package).expect("pinned");
        let version = version.filter(|_| package == "phoenix_live_view").unwrap_or(&pinned);
        let bundle = folder.join(package).join(bundle);
        fs::create_dir_all(bundle.parent().expect("a folder")).expect("writable");
        fs::write(bundle, "script").expect("writable");
        let manifest = format!("{{\n  \"name\": \"{package}\",\n  \"version\": \"{version}\"\n}}");
        fs::write(folder.join(package).join("package.json"), manifest).expect("writable");
    }
}

fn refusal(given: Option<&Path>, npm: &str) -> ClientError {
    let given = given.map(Path::to_owned);
    locate(client(), &folder(npm), given, npm).expect_err("no client can be had")
}

#[test]
fn a_given_folder_needs_no_npm() {
    let folder = folder("given");
    write_packages(&folder, None);
    let found = locate(client(), &folder, Some(folder.clone()), "no-such-npm");
    assert_eq!(found.ok(), Some(folder.clone()));

    let nested = folder.join("nested");
    write_packages(&nested.join("node_modules"), None);
    let found = locate(client(), &folder, Some(nested.clone()), "no-such-npm");
    assert_eq!(found.ok(), Some(nested.join("node_modules")));
}

#[test]
fn a_published_crate_brings_the_packages_along() {
    let folder = folder("packed");
    fs::copy(client().join("package.json"), folder.join("package.json")).expect("writable");
    write_packages(&folder.join("packages"), None);
    let found = locate(&folder, &folder, None, "no-such-npm");
    assert_eq!(found.ok(), Some(folder.join("packages")));
}

#[test]
fn missing_npm_says_what_to_install() {
    let error = refusal(None, "no-such-npm").to_string();
    assert!(error.contains("install Node.js") && error.contains("LIVE_VIEW_CLIENT_DIR"), "{error}");
    assert_eq!(error.lines().count(), 1);
}

#[cfg(unix)]
#[test]
fn failing_npm_is_not_taken_for_installed() {
    let folder = folder("failing");
    for _ in 0..2 {
        match locate(client(), &folder, None, "false") {
            Err(ClientError::NpmFailed(words)) => assert_eq!(words, ""),
            other => panic!("npm failed, but {other:?}"),
        }
    }
}

#[test]
fn an_incomplete_folder_is_named() {
    let folder = folder("incomplete");
    write_packages(&folder, None);
    fs::remove_file(folder.join(PACKAGES[1].0).join(PACKAGES[1].1)).expect("removable");
    let error = refusal(Some(&folder), "unused").to_string();
    assert!(error.contains("phoenix_live_view.min.js"), "{error}");
    let error = refusal(Some(&folder.join("nowhere")), "unused-2").to_string();
    assert!(error.contains("nowhere") && error.contains("LIVE_VIEW_CLIENT_DIR"), "{error}");
}

#[test]
fn another_version_is_refused() {
    let folder = folder("version");
    write_packages(&folder, Some("1.0.0"));
    let error = refusal(Some(&folder), "unused-3").to_string();
    assert!(error.contains("1.0.0") && error.contains("client/package.json"), "{error}");
}

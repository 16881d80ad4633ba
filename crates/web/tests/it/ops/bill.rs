//! The bill of materials of the image: it names all that is in the program, and the image below.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use super::{json, list, path, read, text};

/// What tests link into the program besides, as their folders of sources are called: the headless client, and
/// folders of their own.
fn of_tests() -> BTreeSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--package=scraper", "--package=tempfile"])
        .args(["--edges=normal", "--prefix=none", "--format={p}"])
        .current_dir(path(""))
        .output()
        .expect("cargo starts");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout);
    let words = tree.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    words
        .filter_map(|words| {
            Some(format!("{}-{}", words.first()?, words.get(1)?.strip_prefix('v')?))
        })
        .collect()
}

/// The bill, with a folder of Debian packages as the image below has it.
static BILL: LazyLock<Value> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let package = "Package: libc6\nVersion: 2.41-12+deb13u1\nArchitecture: amd64\n";
    fs::write(folder.path().join("libc6"), package).expect("a file");
    fs::write(folder.path().join("libc6.md5sums"), "").expect("a file");
    let written = Command::new(path(".ci/bill-of-materials"))
        .arg(folder.path())
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .expect("Node.js runs");
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    serde_json::from_slice(&written.stdout).expect("a bill is JSON")
});

/// Names with versions, `tokio-1.54.0`, as folders of sources are called.
fn names(bill: &Value) -> BTreeSet<String> {
    let name = |it| format!("{}-{}", text(it, "/name"), text(it, "/version"));
    list(bill, "/components").iter().map(name).collect()
}

/// The crates of others whose code is in a program: it has the paths of their sources, for panics.
fn crates_in(program: &[u8]) -> BTreeSet<String> {
    let program = String::from_utf8_lossy(program);
    let after = program.split("/registry/src/").skip(1);
    let paths = after.filter_map(|path| path.split('\0').next());
    paths.filter_map(|path| path.split('/').nth(1)).map(ToOwned::to_owned).collect()
}

#[test]
fn the_bill_names_every_crate_whose_code_is_in_the_program() {
    let names = names(&BILL);
    let found = crates_in(&fs::read(env!("CARGO_BIN_EXE_web")).expect("the program"));
    assert!(found.len() > 100, "{found:?}");
    let of_tests = of_tests();
    let missing: Vec<_> = found.difference(&names).filter(|it| !of_tests.contains(*it)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(!names.iter().any(|name| name.starts_with("scraper-")), "what only tests need");
}

#[test]
fn what_the_bill_names_is_pinned_and_licensed() {
    let lock = read("Cargo.lock");
    for it in list(&BILL, "/components") {
        let (name, version) = (text(it, "/name"), text(it, "/version"));
        let Some(purl) = it.get("purl").and_then(Value::as_str) else { continue };
        if purl.starts_with("pkg:cargo/") {
            let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n");
            assert!(lock.contains(&locked), "{purl}");
            let is_ours = path("crates").join(name).exists();
            assert!(is_ours || lock.contains(text(it, "/hashes/0/content")), "{purl}");
        }
        assert!(purl.starts_with("pkg:deb/") || it.get("licenses").is_some(), "{purl}");
    }
}

#[test]
fn the_bill_names_the_browser_client_the_database_and_the_image_below() {
    let names = names(&BILL);
    let client = json("crates/belvedere/client/package-lock.json");
    let of_client = client["packages"].as_object().expect("packages").iter();
    let mut expected: Vec<_> = of_client
        .filter_map(|(place, it)| {
            let name = place.strip_prefix("node_modules/")?;
            Some(format!("{name}-{}", text(it, "/version")))
        })
        .collect();
    assert_eq!(expected.len(), 2);
    expected.push("gcr.io/distroless/cc-debian13-nonroot".to_owned());
    expected.push("libc6-2.41-12+deb13u1".to_owned());
    for name in expected {
        assert!(names.contains(&name), "{name}");
    }
    for name in ["sqlite-3.", "rust-std-1."] {
        assert!(names.iter().any(|it| it.starts_with(name)), "{name}");
    }
}

#[test]
fn the_image_carries_its_bill() {
    let dockerfile = read("Dockerfile");
    let (_, last) = dockerfile.rsplit_once("\nFROM ").expect("a final stage");
    let base = last.lines().next().expect("its image");
    assert!(last.contains("COPY --from=bill /bill.cdx.json /bill.cdx.json"));
    assert!(dockerfile.contains(&format!("COPY --from={base} /var/lib/dpkg/status.d /debian")));
    assert!(dockerfile.contains("RUN .ci/bill-of-materials /debian >/bill.cdx.json"));
    assert!(read(".dockerignore").contains("!.ci/bill-of-materials\n"));
}

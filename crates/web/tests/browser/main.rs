//! The browser tests of `assets/test`, in Chromium, as part of `cargo test`.
//!
//! They open the pages of this build of the binary, and the tiny pages of [`pages`], which are
//! served from here and show one thing each that only a browser can prove. A new one is a view in
//! `pages/`, its route in `pages.rs`, and a `<topic>.test.mjs` that calls `startPages()`. With
//! `startMortalPages()` they have a process of their own, this binary again, which a test may kill.
//!
//! They need Node.js with npm and Chromium. Where one is missing the test says so and passes; with
//! `CI` set it fails. Without `nats-server` only the tests of several servers are left out.
//! One Node runs the files one after the other, and one Chromium shows their pages, each with its
//! own cookies and storage; on more than two cores there are several. A file has its own server, or
//! that of the tiny pages. `BROWSER_TESTS=stream` runs only the files whose names begin so, and
//! `BROWSER_LATENCY_MS=150` runs them with a slow way to the server, at which they pass as well.
//! With `BROWSER_SCREENSHOTS=true` `assets/test/output` shows how pages look.
//! `BROWSER_ENGINE=firefox` shows the pages in Firefox instead, see docs/browsers.md.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use belvedere_nats::NatsBus;

mod pages;

/// Where Chromium is looked for, after `CHROMIUM`; the same list as `support/browser.mjs`. The
/// headless shell is the same engine without a window, at a third of the processor time.
const CHROMIUM: [&str; 5] = [
    "/usr/bin/chromium-headless-shell",
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// Where Firefox is looked for, after `FIREFOX`; the same list as `support/browser.mjs`.
const FIREFOX: [&str; 2] = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

#[test]
fn pages_work_in_chromium() {
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    if let Some(port) = env::var_os("MORTAL_PAGES_PORT") {
        let port = port.to_str().and_then(|port| port.parse().ok()).expect("a port");
        let nats = env::var_os("NATS_URL");
        let nats = nats.map(|url| NatsBus::new(url.to_str().expect("a URL")).expect("a NATS"));
        return runtime.block_on(pages::serve_until_killed(port, nats));
    }
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets");
    let (engine, is_there) = if env::var_os("BROWSER_ENGINE").is_some_and(|name| name == "firefox")
    {
        ("firefox", is_installed("FIREFOX", &FIREFOX))
    } else {
        ("chromium", is_installed("CHROMIUM", &CHROMIUM))
    };
    for (tool, is_there) in [(engine, is_there), ("node", answers("node")), ("npm", answers("npm"))]
    {
        if !is_there {
            return skip(tool);
        }
    }
    end_with_the_caller();
    install(&assets);
    let mut files = files(&assets);
    if !answers("nats-server") && !Path::new("/usr/sbin/nats-server").exists() {
        skip("nats-server");
        files.retain(|file| !file.ends_with("servers.test.mjs"));
    }

    let pages_url = runtime.block_on(pages::serve());
    let n_runners = n_runners().min(files.len());
    let outputs: Vec<_> = thread::scope(|scope| {
        let run = |first| {
            let mut node = node(&assets, &pages_url);
            node.args(files.iter().skip(first).step_by(n_runners));
            scope.spawn(move || {
                let mut node = node.spawn().expect("node starts");
                // Kept until it has ended, by which it knows that somebody waits for it.
                let _stdin = node.stdin.take();
                node.wait_with_output().expect("what it has said")
            })
        };
        let runners: Vec<_> = (0..n_runners).map(run).collect();
        runners.into_iter().map(|runner| runner.join().expect("no runner panics")).collect()
    });
    let failed = outputs.iter().filter(|output| !output.status.success());
    let words: Vec<_> = failed
        .map(|Output { stdout, stderr, .. }| {
            format!("{}\n{}", String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr))
        })
        .collect();
    assert!(words.is_empty(), "browser tests failed\n{}", words.join("\n"));
}

/// How many files may run at once: Chromium and a server are busy together.
fn n_runners() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().max(2) - 1)
}

/// Ends this process when whoever started it is gone: Cargo leaves it alone when it is ended itself.
fn end_with_the_caller() {
    #[cfg(unix)]
    thread::spawn(|| {
        use std::os::unix::process::parent_id;
        let caller = parent_id();
        while parent_id() == caller {
            thread::park_timeout(std::time::Duration::from_secs(1));
        }
        std::process::exit(1);
    });
}

/// A Node that runs the files which it is given.
fn node(assets: &Path, pages_url: &str) -> Command {
    let mut node = Command::new("node");
    node.args(["--test-reporter=spec", "test/support/suites.mjs"])
        .current_dir(assets)
        .env("WEB_BINARY", env!("CARGO_BIN_EXE_web"))
        .env("PAGES_URL", pages_url)
        .env("PAGES_BINARY", env::current_exe().expect("this binary"))
        .env("ENDS_WITH_STDIN", "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    node
}

/// The test files, in order.
fn files(assets: &Path) -> Vec<PathBuf> {
    let wanted = env::var_os("BROWSER_TESTS").unwrap_or_default().into_string().expect("a name");
    let is_wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".test.mjs") && name.starts_with(&wanted)
    };
    let entries = fs::read_dir(assets.join("test")).expect("assets/test");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(is_wanted);
    files.sort();
    assert!(!files.is_empty(), "no test file begins with {wanted:?}");
    files
}

/// Installs what the tests need, unless it was installed from the same lock file.
fn install(assets: &Path) {
    let lock = fs::read(assets.join("package-lock.json")).expect("a lock file");
    let installed = assets.join("node_modules/.installed.lock");
    if fs::read(&installed).is_ok_and(|last| last == lock) {
        return;
    }
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"])
        .current_dir(assets)
        .output()
        .expect("npm starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "npm ci in assets failed\n{words}");
    fs::write(installed, lock).expect("assets/node_modules is writable");
}

/// Whether a browser is there: where a setting says, or one of these places.
fn is_installed(setting: &str, paths: &[&str]) -> bool {
    let given = env::var_os(setting).map(PathBuf::from);
    given.into_iter().chain(paths.iter().map(PathBuf::from)).any(|path| path.exists())
}

fn answers(program: &str) -> bool {
    let version = Command::new(program).arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Says so where the harness cannot hide it.
fn skip(tool: &str) {
    assert!(env::var_os("CI").is_none(), "CI must run the browser tests, but {tool} is missing");
    let _ = writeln!(io::stderr(), "SKIPPED browser: {tool}");
}

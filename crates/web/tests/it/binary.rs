//! The binary as a person runs it: its words when something is wrong, and its end.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The binary in an empty environment, with its data in `folder`.
fn web(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_web"));
    command.args(arguments).env_clear().envs(settings.iter().copied()).current_dir(folder);
    command
}

fn run(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    web(folder, arguments, settings).output().expect("the binary starts")
}

/// What a failed start says, on one line.
fn complaint(folder: &Path, settings: &[(&str, &str)]) -> String {
    let output = run(folder, &[], settings);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty(), "nothing is announced");
    let words = String::from_utf8(output.stderr).expect("text");
    assert!(words.starts_with("error: ") && words.lines().count() == 1, "{words}");
    words
}

#[test]
fn help_lists_the_settings() {
    let output = run(folder().path(), &["--help"], &[]);
    let help = String::from_utf8(output.stdout).expect("text");
    for word in ["serve", "migrate", "seed", "secret", "DATABASE_URL", "SECRET_KEY_BASE", "PORT"] {
        assert!(help.contains(word), "{word}");
    }
}

#[test]
fn secrets_are_long_and_new() {
    let secret = || run(folder().path(), &["secret"], &[]).stdout;
    let first = secret();
    assert!(first.len() > 64);
    assert_ne!(first, secret());
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let folder = folder();
    let words = complaint(folder.path(), &[("PORT", &port)]);
    assert!(words.contains(&format!("port {port} is already in use")), "{words}");
    assert!(words.contains("PORT="), "{words}");
    assert!(!folder.path().join("data/belvedere.sqlite3").exists(), "no database was made");
}

#[test]
fn wrong_settings_are_explained() {
    let folder = folder();
    for (name, value, advice) in [
        ("PORT", "http", "PORT=4000"),
        ("HOST", "example.org", "HOST=::"),
        ("DATABASE_URL", "mysql://localhost/x", "postgres://"),
        ("NATS_URL", "http://localhost:4222", "nats://"),
        ("SNAPSHOT_STORE", "disk", "browser or database"),
        ("SECRET_KEY_BASE", "short", "web secret"),
        ("PUBLIC_URL", "users.example", "https://users.example"),
        ("MAX_CONNECTIONS", "many", "such as 10000"),
        ("DATABASE_CONNECTIONS", "0", "from 1 to 1000, such as 10"),
        ("CLIENT_ADDRESS_HEADER", "Forwarded", "Fly-Client-IP"),
        ("STOP_SECONDS", "3", "from 8 to 86400"),
        ("READ_ONLY", "perhaps", "true or false"),
        ("TRUST_INCOMING_TRACE", "perhaps", "true or false"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier-pigeon", "OTEL_EXPORTER_OTLP_PROTOCOL"),
    ] {
        let port = [("PORT", "0")].into_iter().filter(|_| name != "PORT");
        let settings: Vec<_> = port
            .chain([(name, value), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://[::1]:9")])
            .collect();
        let words = complaint(folder.path(), &settings);
        assert!(words.contains(name) && words.contains(advice), "{words}");
    }
}

#[test]
fn an_unusable_database_is_explained() {
    let folder = folder();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "this is no database, but long enough to look like one ".repeat(50))
        .expect("written");
    for url in ["sqlite://notes.txt", "sqlite://notes.txt/below.sqlite3"] {
        let secret = "s".repeat(64);
        let settings = [("PORT", "0"), ("DATABASE_URL", url), ("SECRET_KEY_BASE", &secret)];
        let words = complaint(folder.path(), &settings);
        assert!(words.contains("notes.txt"), "{words}");
    }
    let unreachable = "postgres://nobody@127.0.0.1:1/nothing";
    let words = complaint(folder.path(), &[("PORT", "0"), ("DATABASE_URL", unreachable)]);
    assert!(words.contains("127.0.0.1:1"), "{words}");
}

#[test]
fn a_second_start_keeps_the_data() {
    let folder = folder();
    let migrated = run(folder.path(), &["migrate"], &[]);
    assert!(String::from_utf8_lossy(&migrated.stdout).contains("ran "));
    let again = run(folder.path(), &["migrate"], &[]);
    assert!(String::from_utf8_lossy(&again.stdout).contains("is up to date"));
    let seeded = run(folder.path(), &["seed", "--users", "3"], &[]);
    assert!(String::from_utf8_lossy(&seeded.stdout).contains("added 3 users"));
    assert!(!banner_and_stop(folder.path()).contains("sample users"));
}

#[test]
fn seeding_can_leave_users_alone() {
    let folder = folder();
    assert!(run(folder.path(), &["migrate"], &[]).status.success());
    let seed = || {
        let output = run(folder.path(), &["seed", "--users", "2", "--if-empty"], &[]);
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(seed().contains("added 2 users"));
    assert!(seed().contains("has users already"));
}

#[test]
fn migrations_take_the_direct_address() {
    let folder = folder();
    let settings = [("DATABASE_URL", "pooled.sqlite3"), ("DIRECT_DATABASE_URL", "direct.sqlite3")];
    let output = run(folder.path(), &["migrate"], &settings);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let exists = |name| folder.path().join(name).exists();
    assert_eq!(["pooled.sqlite3", "direct.sqlite3"].map(exists), [false, true]);
}

#[test]
fn the_first_start_says_what_it_made_and_a_signal_ends_it() {
    let folder = folder();
    let banner = banner_and_stop(folder.path());
    assert!(banner.contains("http://localhost:"), "{banner}");
    assert!(
        banner.contains("sqlite://data/belvedere.sqlite3 (new, with sample users)"),
        "{banner}"
    );
    assert!(banner.contains("Traces"), "{banner}");
    assert!(!banner_and_stop(folder.path()).contains("new"));
}

#[test]
fn with_json_logs_everything_is_json() {
    let folder = folder();
    let json = [("PORT", "0"), ("LOG_FORMAT", "json")];
    let refused = run(folder.path(), &[], &[("PORT", "http"), ("LOG_FORMAT", "json")]);
    let mut lines = String::from_utf8(refused.stderr).expect("text");
    assert!(refused.stdout.is_empty() && lines.contains("PORT=4000"), "{lines}");
    for arguments in [&["migrate"][..], &["seed", "--users", "3"]] {
        let output = run(folder.path(), arguments, &json);
        assert!(output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        lines += &String::from_utf8(output.stderr).expect("text");
    }
    let mut command = web(folder.path(), &["serve"], &json);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().expect("the binary starts");
    let mut log = BufReader::new(server.stderr.take().expect("piped"));
    while !lines.contains("serving") {
        assert_ne!(log.read_line(&mut lines).expect("text"), 0, "ended early: {lines}");
    }
    stop(&mut server);
    log.read_to_string(&mut lines).expect("text");
    let mut output = String::new();
    server.stdout.take().expect("piped").read_to_string(&mut output).expect("text");
    assert_eq!(output, "");
    let lines: Vec<_> = lines.lines().map(json_line).collect();
    let message = |text: &str| lines.iter().find(|line| line["message"] == text);
    assert!(message("added 3 users to sqlite://data/belvedere.sqlite3").is_some(), "{lines:?}");
    let serving = message("serving").expect("the banner");
    assert!(serving["url"].as_str().expect("an address").starts_with("http://localhost:"));
    assert_eq!(serving["database"], "sqlite://data/belvedere.sqlite3");
    assert_eq!(serving["traces"], "off, set OTEL_EXPORTER_OTLP_ENDPOINT");
}

#[test]
fn without_its_nats_it_serves_and_says_so_once() {
    let folder = folder();
    let settings = [("PORT", "0"), ("LOG_FORMAT", "json"), ("NATS_URL", "nats://127.0.0.1:1")];
    let mut command = web(folder.path(), &["serve"], &settings);
    let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut server = command.spawn().expect("the binary starts");
    let mut log = BufReader::new(server.stderr.take().expect("piped"));
    let mut lines = String::new();
    while !lines.contains("serving") || !lines.contains("the bus between the servers is lost") {
        assert_ne!(log.read_line(&mut lines).expect("text"), 0, "ended early: {lines}");
    }
    stop(&mut server);
    log.read_to_string(&mut lines).expect("text");
    assert_eq!(lines.matches("the bus between the servers").count(), 1, "{lines}");
    assert!(!lines.contains("async_nats"), "{lines}");
}

fn json_line(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[test]
#[cfg(unix)]
fn silent_connections_do_not_keep_visitors_out() {
    use std::io::Write as _;
    use std::net::TcpStream;
    use std::time::Duration;

    let folder = folder();
    let program = env!("CARGO_BIN_EXE_web");
    // Room for some thirty connections.
    let mut server = Command::new("sh")
        .args(["-c", "ulimit -n 128 && exec \"$0\"", program])
        .env_clear()
        .env("PORT", "0")
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell starts");
    let mut output = BufReader::new(server.stdout.take().expect("piped"));
    let mut banner = String::new();
    while !banner.contains("Traces") {
        assert_ne!(output.read_line(&mut banner).expect("text"), 0, "ended early: {banner}");
    }
    let port = banner.split("localhost:").nth(1).and_then(|rest| rest.split_whitespace().next());
    let port: u16 = port.expect("a port").parse().expect("a number");
    let get = |path: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the system accepts");
        // Without an answer the test fails instead of waiting for ever.
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a duration");
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    let silent: Vec<_> = (0..400).map(|_| TcpStream::connect(("127.0.0.1", port))).collect();
    for path in ["/health/ready", "/counter"] {
        assert!(get(path).starts_with("HTTP/1.1 200"), "{path}");
    }
    drop(silent);
    let log = stop(&mut server);
    for words in ["too few files", "as many connections as may be"] {
        assert_eq!(log.matches(words).count(), 1, "{log}");
    }
}

/// Asks a server to end, expects that it does cleanly, and returns what is left of its log.
fn stop(server: &mut Child) -> String {
    let kill = Command::new("kill").arg("-TERM").arg(server.id().to_string()).status();
    assert!(kill.expect("kill runs").success());
    let mut log = String::new();
    if let Some(mut stderr) = server.stderr.take() {
        stderr.read_to_string(&mut log).expect("text");
    }
    assert!(server.wait().expect("it ends").success(), "{log}");
    log
}

/// Starts the server, reads its banner, asks it to end, and expects a clean end.
fn banner_and_stop(folder: &Path) -> String {
    let mut server = web(folder, &["serve"], &[("PORT", "0")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut output = BufReader::new(server.stdout.take().expect("piped"));
    let mut banner = String::new();
    while !banner.contains("Traces") {
        assert_ne!(output.read_line(&mut banner).expect("text"), 0, "ended early: {banner}");
    }
    stop(&mut server);
    banner
}

//! A disk that is full: words, nothing lost that was answered, and no restart when there is room.

use std::fs::{self, File};
use std::process::Command;

use belvedere_diesel::testing::skipped;

use super::process::{Server, Visitor};

/// Mounts a small disk of its own for the server's data, with something on it that can be removed.
const ON_A_SMALL_DISK: &str = "mkdir -p data && mount -t tmpfs -o size=600k tmpfs data && \
                               head -c 200000 /dev/zero > data/ballast && exec \"$0\"";

fn add(visitor: &mut Visitor, name: &str) -> u16 {
    let form = format!("user[name]={}&user[age]=40", name.replace(' ', "+"));
    let answer = visitor.post("/users/new", &form).expect("an answer");
    if answer.status != 303 {
        assert!(answer.text.contains("Try again in a moment"), "{}", answer.text);
    }
    answer.status
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_of_and_used_again_when_there_is_room() {
    let may_mount = Command::new("unshare").args(["--mount", "true"]).status();
    if !may_mount.is_ok_and(|status| status.success()) {
        return skipped("a_full_disk_is_told_of_and_used_again_when_there_is_room", "unshare");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let log = File::create(folder.path().join("log")).expect("a file");
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", ON_A_SMALL_DISK, env!("CARGO_BIN_EXE_web")]);
    let path = [("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")];
    let server = Server::run(command, folder.path(), &path, log);
    let mut visitor = server.visitor();

    // Long names fill it sooner.
    let name = |number: usize| format!("Ann {number:04} {}", "x".repeat(70));
    let n_saved = (0..20_000).take_while(|number| add(&mut visitor, &name(*number)) == 303).count();
    assert!((1..20_000).contains(&n_saved), "{n_saved}");
    assert_eq!(visitor.page("/users").status, 200, "reading goes on");
    assert_eq!(visitor.page("/health/ready").status, 200);
    let said = fs::read_to_string(folder.path().join("log")).expect("text");
    assert!(said.contains("the disk of the database is full; make room"), "{said}");

    let ballast = format!("/proc/{}/root{}/data/ballast", server.id(), folder.path().display());
    fs::remove_file(ballast).expect("it is there");
    assert_eq!(add(&mut visitor, "Room Again"), 303);
    for name in [&name(0), &name(n_saved - 1), "Room Again"] {
        let found = visitor.page(&format!("/users?q={}", name.replace(' ', "+")));
        assert!(found.text.contains(&format!(">{name}<")), "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_log_on_a_full_disk_keeps_nobody_from_their_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = File::options().write(true).open("/dev/full").expect("a device");
    // Nobody is there to hear the traces, which is a line in the log as well.
    let settings = [("RUST_LOG", "debug"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")];
    let command = Command::new(env!("CARGO_BIN_EXE_web"));
    let server = Server::run(command, folder.path(), &settings, full);
    let mut visitor = server.visitor();
    for path in ["/users", "/counter", "/health/ready"] {
        assert_eq!(visitor.page(path).status, 200, "{path}");
    }
    assert_eq!(add(&mut visitor, "Ann Logged"), 303);
    assert_eq!(visitor.page("/nothing/here").status, 404);
}

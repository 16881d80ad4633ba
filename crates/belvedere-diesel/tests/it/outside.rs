//! A crate outside the workspace, with `belvedere-diesel` as an ordinary path dependency, built for
//! SQLite alone: it serves its page, and says what it was built without.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[path = "../../../belvedere/tests/outside/program.rs"]
mod program;

use program::{Program, Running, path_to};

/// The example, which prints the port that the system chooses for it, with its migrations beside it.
fn program() -> String {
    let example = include_str!("../../examples/notes.rs");
    let bind = "tokio::net::TcpListener::bind(format!(\"localhost:{port}\")).await?;";
    assert!(example.contains(bind), "the example listens where the test replaces it");
    let announced = "tokio::net::TcpListener::bind(format!(\"127.0.0.1:{port}\")).await?;\n    \
                     println!(\"{}\", listener.local_addr()?);";
    let migrations = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/migrations");
    example.replace(bind, announced).replace("\"examples/migrations\"", &format!("{migrations:?}"))
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the program listens");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn a_crate_of_its_own_shows_an_n_plus_one_and_its_cure() {
    let dependencies = format!(
        "axum = \"0.8\"\nmaud = {{ version = \"0.27\", features = [\"axum\"] }}\n\
         diesel = {{ version = \"2.3\", default-features = false }}\ndiesel_migrations = \"2.3\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }}\n\
         belvedere-diesel = {{ path = {}, default-features = false, features = [\"sqlite\"] }}",
        path_to("belvedere-diesel")
    );
    let outside =
        Program { name: "outside-diesel", dependencies: &dependencies, source: &program() };
    let binary = outside.build();

    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("notes.sqlite3");
    let started = Command::new(&binary).arg(&database).arg("0").stdout(Stdio::piped()).spawn();
    let mut server = Running(started.expect("it starts"));
    let mut address = String::new();
    let output = server.0.stdout.take().expect("piped");
    BufReader::new(output).read_line(&mut address).expect("an address");
    let slow = get(address.trim(), "/");
    assert!(slow.contains("4 queries") && slow.contains("cats"), "{slow}");
    let cured = get(address.trim(), "/cured");
    assert!(cured.contains("1 query") && cured.contains("cats"), "{cured}");

    let refused =
        Command::new(&binary).arg("postgres://localhost/notes").output().expect("it runs");
    assert!(!refused.status.success());
    let words = String::from_utf8_lossy(&refused.stderr);
    assert!(words.contains("built without: give it the feature `postgres`"), "{words}");
}

//! A crate outside the workspace is inspected, with nothing but the public interfaces.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

#[path = "../../../belvedere/tests/outside/program.rs"]
mod program;

use program::{Program, Running, path_to};

fn get(address: &str, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    // Without an answer the test fails instead of waiting for ever.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_crate_of_its_own_shows_its_traces() {
    let dependencies = format!(
        "axum = \"0.8\"\nbelvedere = {{ path = {} }}\nbelvedere-inspector = {{ path = {} }}\n\
         belvedere-telemetry = {{ path = {} }}\nmaud = \"0.27\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\", \
         \"signal\", \"time\"] }}\ntracing = \"0.1\"",
        path_to("belvedere"),
        path_to("belvedere-inspector"),
        path_to("belvedere-telemetry"),
    );
    let source = include_str!("../../examples/inspected.rs");
    let outside = Program { name: "outside_inspected", dependencies: &dependencies, source };
    let mut server = Command::new(outside.build());
    let server = server.arg("0").env("NO_COLOR", "1").stderr(Stdio::piped());
    let mut server = Running(server.spawn().unwrap());
    let mut log = BufReader::new(server.0.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("http://") {
        line.clear();
        assert_ne!(log.read_line(&mut line).unwrap(), 0, "it ended early");
    }
    let address = line.rsplit("http://").next().unwrap().trim();

    assert!(get(address, "localhost", "/slow").contains("Honey: 620"));
    // A response is here a moment before its span has ended.
    let mut lists = (0..1000).map(|_| get(address, "localhost", "/inspector?n_plus_one=on"));
    let list = lists.find(|list| list.contains("GET /slow")).expect("the trace is listed");
    assert!(list.contains("N+1 ×8"), "{list}");
    let refused = get(address, "shop.example", "/inspector");
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    assert!(refused.contains("This inspector has no guard"), "{refused}");
}

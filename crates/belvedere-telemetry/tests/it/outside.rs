//! A crate outside the workspace, as a stranger writes it: one page, one table, `sqlx`, and the trace
//! of its own N+1.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

#[path = "../../../belvedere/tests/outside/program.rs"]
mod program;

use program::{Program, Running, path_to};

/// The example of the README, which prints the port that the system chooses for it.
fn source() -> String {
    let example = include_str!("../../examples/sqlx.rs");
    let bind = "tokio::net::TcpListener::bind(format!(\"localhost:{port}\")).await?;";
    assert!(example.contains(bind), "the example listens where the test replaces it");
    let announced = "tokio::net::TcpListener::bind(format!(\"127.0.0.1:{port}\")).await?;\n    \
                     println!(\"{}\", listener.local_addr()?);";
    example.replace(bind, announced)
}

async fn get(address: &str, path: &str) -> String {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let request = Request::get(format!("http://{address}{path}")).body(Body::empty()).unwrap();
    let body = client.request(request).await.unwrap().into_body();
    String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

#[tokio::test]
async fn a_strangers_page_on_sqlx_shows_its_n_plus_one_in_its_trace() {
    let dependencies = format!(
        "axum = \"0.8\"\nbelvedere = {{ path = {} }}\nbelvedere-telemetry = {{ path = {} }}\n\
         maud = \"0.27\"\n\
         sqlx = {{ version = \"0.9\", default-features = false, features = [\"runtime-tokio\", \"sqlite\"] }}\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\", \"signal\"] }}",
        path_to("belvedere"),
        path_to("belvedere-telemetry"),
    );
    let outside =
        Program { name: "outside-telemetry", dependencies: &dependencies, source: &source() };

    let mut server = Command::new(outside.build());
    server.arg("0").stdout(Stdio::piped()).stderr(Stdio::piped());
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("OTEL_") {
            server.env_remove(variable);
        }
    }
    let mut server = Running(server.spawn().unwrap());
    let mut address = String::new();
    let stdout = server.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut address).unwrap();
    let address = address.trim();

    assert!(get(address, "/").await.contains("data-phx-main"));
    // A response is here a moment before its span has ended.
    let trace = loop {
        let trace = get(address, "/trace").await;
        if trace.starts_with("GET /") {
            break trace;
        }
        tokio::task::yield_now().await;
    };
    let names: Vec<_> =
        trace.lines().map(|line| line.split("  ").find(|w| !w.is_empty())).collect();
    assert_eq!(names[..3], [Some("GET /"), Some("Desks mount"), Some("SELECT desks")], "{trace}");
    assert_eq!(names.iter().filter(|name| **name == Some("SELECT tickets")).count(), 5, "{trace}");
    assert!(trace.contains("N+1: SELECT count(*) FROM tickets WHERE desk_id = ? ran 5 times"));

    // Said in the log as well, which a person who starts the program reads.
    let stderr = BufReader::new(server.0.stderr.take().unwrap());
    let warned = stderr.lines().map_while(Result::ok).find(|line| line.contains("WARN"));
    assert!(warned.unwrap().contains("Desks mount ran `SELECT count(*) FROM tickets"));
}

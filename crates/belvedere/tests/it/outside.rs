//! A crate outside the workspace, with `belvedere` as an ordinary path dependency, builds and
//! serves a live view and the browser client.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[path = "../outside/program.rs"]
mod program;

use program::{Program, Running, path_to};

/// The example of the README, which prints the port that the system chooses for it.
fn program() -> String {
    let example = include_str!("../../examples/counter.rs");
    let bind = "tokio::net::TcpListener::bind(format!(\"localhost:{port}\")).await?;";
    assert!(example.contains(bind), "the example listens where the test replaces it");
    let announced = "tokio::net::TcpListener::bind(format!(\"127.0.0.1:{port}\")).await?;\n    \
                     println!(\"{}\", listener.local_addr()?);";
    example.replace(bind, announced)
}

/// As from a shell: what cargo tells this test of its package is not told on.
#[test]
fn what_others_have_built_is_not_built_again() {
    let outside = Program { name: "outside-as-a-stranger", dependencies: "", source: "" };
    let cargo = outside.cargo_build("");
    for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "OUT_DIR"] {
        assert!(std::env::var_os(name).is_some(), "{name}");
        assert!(cargo.get_envs().any(|told| told == (name.as_ref(), None)), "{name}");
    }
}

#[tokio::test]
async fn a_crate_of_its_own_serves_a_live_view_and_the_client() {
    let dependencies = format!(
        "axum = \"0.8\"\nbelvedere = {{ path = {}, features = [\"otel\"] }}\nmaud = \"0.27\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }}",
        path_to("belvedere")
    );
    let outside = Program { name: "outside", dependencies: &dependencies, source: &program() };

    let mut server = Command::new(outside.build());
    let mut server = Running(server.arg("0").stdout(Stdio::piped()).spawn().unwrap());
    let mut address = String::new();
    let stdout = server.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut address).unwrap();

    let page = crate::http_client::get(address.trim(), "/").await;
    assert!(page.contains("data-phx-main"), "{page}");
    let script = belvedere::http::assets::client_scripts()[1].path;
    assert!(page.contains(script), "{page}");
    assert!(crate::http_client::get(address.trim(), script).await.contains("LiveSocket"));
}

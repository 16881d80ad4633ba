//! A crate outside the workspace, with `belvedere` as an ordinary path dependency, builds and
//! serves a live view and the browser client.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// The example of the README, on a port that the system chooses and prints.
fn program() -> String {
    let example = include_str!("../../examples/counter.rs");
    let bind = "tokio::net::TcpListener::bind((\"localhost\", 4000)).await?;";
    assert!(example.contains(bind), "the example listens where the test replaces it");
    let announced = "tokio::net::TcpListener::bind((\"127.0.0.1\", 0)).await?;\n    \
                     println!(\"{}\", listener.local_addr()?);";
    example.replace(bind, announced)
}

fn manifest(live_view: &Path) -> String {
    format!(
        "[package]\nname = \"outside\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         axum = \"0.8\"\nbelvedere = {{ path = {live_view:?} }}\nmaud = \"0.27\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\"] }}\n\n\
         [profile.dev]\ndebug = false\n"
    )
}

/// Ends the program with the test, however the test ends.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the test has noticed then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_crate_of_its_own_serves_a_live_view_and_the_client() {
    let live_view = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest(live_view)).unwrap();
    fs::write(folder.join("src/main.rs"), program()).unwrap();
    // The versions of this workspace, so that nothing new has to be fetched.
    fs::copy(live_view.join("../../Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--target-dir"])
        .arg(folder.join("target"))
        .current_dir(&folder)
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let mut server = Command::new(folder.join("target/debug/outside"));
    let mut server = Running(server.stdout(Stdio::piped()).spawn().unwrap());
    let mut address = String::new();
    let stdout = server.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut address).unwrap();

    let page = crate::http_client::get(address.trim(), "/").await;
    assert!(page.contains("data-phx-main"), "{page}");
    let script = belvedere::http::assets::client_scripts()[1].path;
    assert!(page.contains(script), "{page}");
    assert!(crate::http_client::get(address.trim(), script).await.contains("LiveSocket"));
}

//! A NATS server for a test, made from the installed program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::NatsBus;

const KEEPER: &str = include_str!("testing/nats_server.sh");

/// Where Debian puts the program, which is not on every user's `PATH`.
const DEBIAN: &str = "/usr/sbin/nats-server";

/// A running server on a port of the loopback interface. Dropping it kills it, and so does whatever ends
/// this process.
#[derive(Debug)]
pub struct NatsServer {
    program: PathBuf,
    configuration: String,
    port: u16,
    /// It kills the server when its input closes; nothing while there is none.
    keeper: Option<Child>,
}

impl NatsServer {
    /// Starts a server on a free port. It blocks its thread until the server listens.
    ///
    /// `configuration` is added to its configuration, such as `max_payload: 16384`.
    ///
    /// None where NATS is not installed; then standard error says that `test` was skipped.
    ///
    /// # Panics
    ///
    /// When the server does not start, and when it is not installed while `CI` is set.
    #[must_use]
    pub fn start(test: &str, configuration: &str) -> Option<Self> {
        let Some(program) = find() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "{test} needs nats-server, which CI must have"
            );
            // A test that cannot say that it was skipped has nobody to say it to.
            let _ = writeln!(std::io::stderr(), "SKIPPED {test}: nats-server");
            return None;
        };
        let configuration = configuration.to_owned();
        let mut server = Self { program, configuration, port: 0, keeper: None };
        server.restart();
        Some(server)
    }

    /// Kills the server where it is. It blocks its thread until it is gone.
    pub fn kill(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            // That it cannot be waited for changes nothing: it has its order.
            let _ = keeper.wait();
        }
    }

    /// Starts it again after [`kill`](Self::kill), on the same port.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn restart(&mut self) {
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&self.program)
            .args([self.port.to_string(), self.configuration.clone()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let mut output =
            BufReader::new(keeper.stdout.take().expect("output was asked to be a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("the keeper says how it goes");
        let port = line.strip_prefix("listens ").and_then(|port| port.trim().parse().ok());
        self.port = port.unwrap_or_else(|| panic!("nats-server did not start: {line}"));
        self.keeper = Some(keeper);
    }

    /// Where it is reached.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// A bus over it.
    ///
    /// # Panics
    ///
    /// Never: its address is one.
    #[must_use]
    pub fn bus(&self) -> NatsBus {
        NatsBus::new(&self.url()).expect("the server's address is valid")
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    on_path.chain([Path::new(DEBIAN).to_owned()]).find(|file| file.is_file())
}

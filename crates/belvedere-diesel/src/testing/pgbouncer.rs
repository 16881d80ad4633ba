//! A connection pooler before a test's PostgreSQL server.

use std::net::TcpListener;
use std::process::{ChildStdin, Command, Stdio};

use super::PostgresServer;
use super::postgres_server::{StartError, find_in_path, keeper_command, wait_until_ready};

const KEEPER: &str = include_str!("pgbouncer.sh");

/// Where Debian puts the program, which is not on every user's `PATH`.
const DEBIAN: &str = "/usr/sbin/pgbouncer";

/// PgBouncer in transaction mode with three connections to each database; dropping it stops it.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    /// The keeper stops the pooler when this closes.
    _input: ChildStdin,
}

/// What a pooler does with settings that a client gives while connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartupOptions {
    /// It refuses the connection, as PgBouncer does by default.
    Refused,
    /// It takes the connection and forgets them.
    Swallowed,
}

impl PgBouncer {
    /// Starts a pooler before this server.
    ///
    /// # Errors
    ///
    /// [`StartError::NotInstalled`], or PgBouncer's own words.
    pub fn start(server: &PostgresServer, options: StartupOptions) -> Result<Self, StartError> {
        let installed = std::path::Path::new(DEBIAN);
        let program = find_in_path("pgbouncer")
            .or_else(|| installed.exists().then(|| installed.to_owned()))
            .ok_or(StartError::NotInstalled)?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let swallowed = match options {
            StartupOptions::Refused => "extra_float_digits",
            StartupOptions::Swallowed => "extra_float_digits,options",
        };
        spawn(
            keeper_command(KEEPER)?.arg(program).args([
                port.to_string(),
                server.port().to_string(),
                swallowed.to_owned(),
            ]),
            port,
        )
    }

    /// The URL of one of the server's databases, through the pooler.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

fn spawn(keeper: &mut Command, port: u16) -> Result<PgBouncer, StartError> {
    let pipes = keeper.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.current_dir("/").spawn()?;
    wait_until_ready(&mut child)?;
    let input = child.stdin.take().expect("standard input was asked to be a pipe");
    Ok(PgBouncer { port, _input: input })
}

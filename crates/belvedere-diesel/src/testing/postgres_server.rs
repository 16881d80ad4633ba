//! A PostgreSQL server for one test process, made from the installed programs.
//!
//! A shell script keeps it (`postgres_server.sh`): its standard input is a pipe from this process,
//! so the end of this process, be it a panic or a kill, is the end of the input, and the script
//! stops the server and removes its files. PostgreSQL refuses to run as root, so root hands the
//! script to another user.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use thiserror::Error;

const KEEPER: &str = include_str!("postgres_server.sh");

/// Where Debian keeps the programs of each version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// How often to try again when another process took the port first.
const MAX_ATTEMPTS: usize = 3;

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct PostgresServer {
    port: u16,
    keeper: Mutex<Keeper>,
}

/// The shell script, as seen from here.
#[derive(Debug)]
struct Keeper {
    /// Takes orders. The keeper stops the server when this closes.
    input: ChildStdin,
    /// Says when an order is carried out.
    output: BufReader<ChildStdout>,
}

/// What a server proves itself with, both in PEM.
#[derive(Debug, Clone)]
pub struct ServerCertificate {
    /// The certificate.
    pub certificate_pem: String,
    /// Its private key.
    pub key_pem: String,
}

/// Why there is no server.
#[derive(Debug, Error)]
pub enum StartError {
    /// Neither `PATH` nor Debian's folders hold PostgreSQL's programs.
    #[error("PostgreSQL's initdb and pg_ctl are not installed")]
    NotInstalled,
    /// A program could not be run.
    #[error("cannot run the programs of PostgreSQL: {0}")]
    Run(#[from] std::io::Error),
    /// The server ended before it accepted connections.
    #[error("PostgreSQL did not start: {0}")]
    Failed(String),
}

impl PostgresServer {
    /// Starts a server on a free port of the loopback interface; takes a second or two and blocks
    /// its thread. With a certificate it also speaks TLS. Its files are in memory, in `/dev/shm`,
    /// where a GiB is free there, else in the folder for temporary files.
    ///
    /// # Errors
    ///
    /// When PostgreSQL is not installed, or does not start; then with its own words.
    pub fn start(certificate: Option<&ServerCertificate>) -> Result<Self, StartError> {
        let programs = find_programs().ok_or(StartError::NotInstalled)?;
        let mut result = Err(StartError::NotInstalled);
        for _ in 0..MAX_ATTEMPTS {
            result = start_on_free_port(&programs, certificate);
            let port_was_taken = matches!(
                &result,
                Err(StartError::Failed(log)) if log.contains("Address already in use")
            );
            if !port_was_taken {
                break;
            }
        }
        result
    }

    /// The URL of one of its databases, for the user that may do everything.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Stops all its processes where they are: the server keeps its connections, and is silent.
    ///
    /// # Panics
    ///
    /// When the server is not there any more.
    pub fn freeze(&self) {
        self.order("freeze");
    }

    /// Lets a frozen server go on.
    ///
    /// # Panics
    ///
    /// As for [`freeze`](Self::freeze).
    pub fn thaw(&self) {
        self.order("thaw");
    }

    fn order(&self, order: &str) {
        let mut keeper = self.keeper.lock().expect("no order panicked");
        writeln!(keeper.input, "{order}").expect("the keeper listens");
        let mut answer = String::new();
        keeper.output.read_line(&mut answer).expect("the keeper answers");
        assert_eq!(answer.trim_end(), "done", "{order}");
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

fn start_on_free_port(
    programs: &Path,
    certificate: Option<&ServerCertificate>,
) -> Result<PostgresServer, StartError> {
    // Free when asked; the server is told to fail rather than to share it.
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut keeper = keeper_command(KEEPER)?;
    keeper.arg(programs).arg(port.to_string());
    if let Some(certificate) = certificate {
        keeper.args([&certificate.certificate_pem, &certificate.key_pem]);
    }
    let mut child = keeper
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let output = wait_until_ready(&mut child)?;
    let input = child.stdin.take().expect("standard input was asked to be a pipe");
    Ok(PostgresServer { port, keeper: Mutex::new(Keeper { input, output }) })
}

/// The keeper says one word when the server accepts connections, or ends.
pub(super) fn wait_until_ready(child: &mut Child) -> Result<BufReader<ChildStdout>, StartError> {
    let output = child.stdout.take().expect("standard output was asked to be a pipe");
    let mut output = BufReader::new(output);
    let mut line = String::new();
    output.read_line(&mut line)?;
    if line.trim_end() == "ready" {
        return Ok(output);
    }
    let mut log = String::new();
    let mut errors = child.stderr.take().expect("standard error was asked to be a pipe");
    errors.read_to_string(&mut log)?;
    child.wait()?;
    Err(StartError::Failed(log))
}

/// A shell that runs a keeper, as another user when this one is root.
pub(super) fn keeper_command(script: &str) -> Result<Command, StartError> {
    if id(&["-u"])?.as_deref() != Some("0") {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "keeper"]);
        return Ok(shell);
    }
    let user = if id(&["-u", "postgres"])?.is_some() { "postgres" } else { "nobody" };
    if find_in_path("setpriv").is_some() {
        let group = id(&["-g", user])?.unwrap_or_else(|| "65534".to_owned());
        let mut shell = Command::new("setpriv");
        shell.args(["--reuid", user, "--regid", &group, "--clear-groups"]);
        shell.args(["sh", "-c", script, "keeper"]);
        return Ok(shell);
    }
    let mut shell = Command::new("su");
    shell.args(["-s", "/bin/sh", user, "-c", script, "keeper"]);
    Ok(shell)
}

/// What `id` prints, or none when there is no such user.
fn id(arguments: &[&str]) -> Result<Option<String>, StartError> {
    let output = Command::new("id").args(arguments).stderr(Stdio::null()).output()?;
    let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(output.status.success().then_some(printed))
}

/// The folder of `initdb` and `pg_ctl`: on `PATH`, else Debian's newest.
fn find_programs() -> Option<PathBuf> {
    if let Some(program) = find_in_path("initdb") {
        // A link elsewhere would miss its neighbours.
        let real = program.canonicalize().ok()?;
        return real.parent().filter(|folder| folder.join("pg_ctl").exists()).map(Path::to_owned);
    }
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(VERSIONS)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").exists())
        .collect();
    versions.sort_unstable();
    versions.pop().map(|(_, folder)| folder)
}

pub(super) fn find_in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

//! A server in a process of its own.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;

use crate::mark;
use crate::process::Process;
use crate::server::{self, Limits, Tracing};

/// A running server, which has said where it listens. It ends with this value.
#[derive(Debug)]
pub struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    /// Starts the program that runs once more, with this argument.
    ///
    /// # Errors
    /// What [`start`](Self::start) returns.
    pub fn start_own(argument: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(argument);
        Self::start(command)
    }

    /// Starts a program, and waits until it has said its address.
    ///
    /// # Errors
    /// When it cannot be started, or says something else.
    pub fn start(mut command: Command) -> anyhow::Result<Self> {
        let started = command.stdout(Stdio::piped()).spawn();
        let mut child =
            started.with_context(|| format!("cannot start {:?}", command.get_program()))?;
        match told_address(&mut child) {
            Ok(address) => Ok(Self { child, address }),
            Err(error) => {
                let _ = child.kill();
                Err(error.context("the server did not say its address"))
            }
        }
    }

    /// Its process, to be measured.
    #[must_use]
    pub fn process(&self) -> Process {
        Process::new(self.child.id())
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Whether it can be killed or not, there is nothing more to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What such a program does: says where it listens, and serves until it is killed.
///
/// With one worker, what an act costs does not depend on who runs which task.
///
/// # Errors
/// When it cannot listen, or cannot trace.
pub fn serve(n_workers: usize, limits: Limits, tracing: Tracing) -> anyhow::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(n_workers).enable_all().build()?;
    opentelemetry::global::set_meter_provider(server::meters());
    runtime.block_on(async {
        let _telemetry = tracing.init()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        let app = mark::routed(server::app(tracing, limits));
        server::serve(listener, app).await;
        bail!("the server has ended")
    })
}

/// The address in the first line that it says.
fn told_address(child: &mut Child) -> anyhow::Result<SocketAddr> {
    let output = child.stdout.take().context("no output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    Ok(line.trim().parse()?)
}

//! One of several servers behind a balancer: this program again, in a process of its own.

use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use belvedere::http::server::{self, ServerLimits};
use belvedere::{AddressLimit, AdmissionLimits, LiveConfig, LiveRuntime, SecretKeyBase};
use http::StatusCode;
use rustix::process::Signal;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use crate::browser::HttpConnection;
use crate::process::Process;

/// How a program calls itself to serve; an address follows.
pub const SERVE: &str = "serve";

/// Joins that an instance takes in a second.
pub const JOINS_PER_SECOND: usize = 400;

/// Sockets that an instance tells to move in a second.
pub const MOVED_PER_SECOND: u32 = 200;

/// Where its balancer asks whether visitors may be sent.
pub(crate) const READY: &str = "/ready";

/// Between two looks at a process.
const LOOK: Duration = Duration::from_millis(20);

/// How long an instance may take to answer, or to be gone when it is killed.
const START: Duration = Duration::from_secs(20);

/// A running server. It ends with this value.
#[derive(Debug)]
pub struct Instance {
    process: Child,
    address: SocketAddr,
}

impl Instance {
    /// Starts the program that runs once more, with [`SERVE`], the address and what follows it. Returns when
    /// it answers, which it does once it calls [`serve`].
    ///
    /// # Errors
    /// When it cannot be started, or does not answer.
    pub async fn start(address: SocketAddr, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([SERVE, &address.to_string()]).args(arguments);
        let instance = Self { process: command.spawn()?, address };
        timeout(START, until_ready(address)).await.context("an instance does not answer")?;
        Ok(instance)
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process, to be measured.
    #[must_use]
    pub fn process(&self) -> Process {
        Process::new(self.process.id())
    }

    /// Tells it to stop, and returns when it has.
    ///
    /// # Errors
    /// When that takes longer than `limit`, or the instance has failed.
    pub async fn stop(&mut self, limit: Duration) -> anyhow::Result<()> {
        let ended = self.end(Signal::TERM, limit).await?;
        ensure!(ended.success(), "an instance failed");
        Ok(())
    }

    /// Kills it.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.end(Signal::KILL, START).await.map(drop)
    }

    async fn end(&mut self, how: Signal, limit: Duration) -> anyhow::Result<ExitStatus> {
        self.process().signal(how)?;
        let ends = async {
            loop {
                if let Some(status) = self.process.try_wait()? {
                    return anyhow::Ok(status);
                }
                sleep(LOOK).await;
            }
        };
        timeout(limit, ends).await.context("an instance does not stop")?
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns when whoever listens there says that visitors may be sent.
pub(crate) async fn until_ready(address: SocketAddr) {
    loop {
        if let Ok(mut connection) = HttpConnection::open(address).await
            && connection.get(READY, None).await.is_ok()
        {
            return;
        }
        sleep(LOOK).await;
    }
}

/// What an instance is set to, which all of a program are alike.
///
/// # Errors
/// When the secret is too short.
pub fn config(secret: &str) -> anyhow::Result<LiveConfig> {
    let joins_per_second = AddressLimit { total: JOINS_PER_SECOND, per_address: 20 };
    Ok(LiveConfig {
        client_address: "X-Forwarded-For".parse()?,
        admission: AdmissionLimits { joins_per_second, ..AdmissionLimits::default() },
        drain_per_second: MOVED_PER_SECOND,
        drain_within: Duration::from_secs(60),
        ..LiveConfig::new(SecretKeyBase::new(secret)?)
    })
}

/// Serves until SIGTERM, and then until its sockets have moved.
///
/// # Errors
/// When it cannot listen there.
pub async fn serve(address: SocketAddr, live: LiveRuntime, app: Router) -> anyhow::Result<()> {
    let app = app.route(READY, get(ready).with_state(live.clone()));
    let listener = TcpListener::bind(address).await?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        terminate.recv().await;
        live.drain().await;
    };
    server::serve([listener], app, ServerLimits::default(), stop).await;
    Ok(())
}

async fn ready(State(live): State<LiveRuntime>) -> StatusCode {
    if live.is_draining() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
}

/// An address of this machine that nobody listens on.
///
/// # Errors
/// When there is none.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

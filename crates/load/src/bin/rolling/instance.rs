//! One of the servers: this program again.

use std::net::SocketAddr;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use belvedere::http::server::{self, ServerLimits};
use belvedere::{
    AddressLimit, AdmissionLimits, LiveConfig, LiveRouter, LiveRuntime, SecretKeyBase,
};
use http::StatusCode;
use load::browser::HttpConnection;
use load::pages::Counter;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

use crate::SERVE;

/// Joins that one instance takes in a second.
pub(crate) const JOINS_PER_SECOND: usize = 400;

/// Sockets that an instance tells to move in a second.
pub(crate) const MOVED_PER_SECOND: u32 = 200;

/// Where its balancer asks whether visitors may be sent.
pub(crate) const READY: &str = "/ready";

/// Between two looks at a process.
const LOOK: Duration = Duration::from_millis(20);

/// How long an instance may take to answer.
const START: Duration = Duration::from_secs(20);

/// A running server.
pub(crate) struct Instance {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Instance {
    /// Returns when it answers.
    pub(crate) async fn start(address: SocketAddr) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let process = Command::new(program).args([SERVE, &address.to_string()]).spawn()?;
        let instance = Self { process, address };
        timeout(START, until_ready(address)).await.context("an instance does not answer")?;
        Ok(instance)
    }

    /// Tells it to stop, and returns when it has; an error when that takes longer than `limit`.
    pub(crate) async fn stop(&mut self, limit: Duration) -> anyhow::Result<()> {
        let pid = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw);
        kill_process(pid.context("it has an id")?, Signal::TERM)?;
        let ends = async {
            loop {
                match self.process.try_wait() {
                    Ok(None) => sleep(LOOK).await,
                    ended => return ended,
                }
            }
        };
        let ended = timeout(limit, ends).await.context("an instance does not stop")??;
        anyhow::ensure!(ended.is_some_and(|status| status.success()), "an instance failed");
        Ok(())
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

/// Serves until SIGTERM, and then until its sockets have moved.
pub(crate) async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let joins_per_second = AddressLimit { total: JOINS_PER_SECOND, per_address: 20 };
    let live = LiveRuntime::new(LiveConfig {
        // What all instances share.
        client_address: "X-Forwarded-For".parse()?,
        admission: AdmissionLimits { joins_per_second, ..AdmissionLimits::default() },
        drain_per_second: MOVED_PER_SECOND,
        drain_within: Duration::from_secs(60),
        ..LiveConfig::new(SecretKeyBase::new(&"rolling ".repeat(8))?)
    });
    let app = live.clone().serve(Router::new().live::<Counter>("/counter"));
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

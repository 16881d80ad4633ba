//! Debian's `haproxy` in front of the instances.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context as _;
use tokio::time::timeout;

use crate::instance::{READY, until_ready};

/// A running balancer.
pub(crate) struct Balancer {
    process: Child,
    settings: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Balancer {
    /// Returns when it sends visitors to an instance.
    pub(crate) async fn start(
        address: SocketAddr,
        instances: &[SocketAddr],
    ) -> anyhow::Result<Self> {
        let settings = std::env::temp_dir().join(format!("rolling-{}.cfg", std::process::id()));
        std::fs::write(&settings, text(address, instances))?;
        let process = Command::new("haproxy").arg("-f").arg(&settings).spawn();
        let process =
            process.context("haproxy cannot be started; Debian's package is `haproxy`")?;
        let balancer = Self { process, settings, address };
        let ready = timeout(Duration::from_secs(10), until_ready(address));
        ready.await.context("haproxy does not answer")?;
        Ok(balancer)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.settings);
    }
}

/// An instance that is not ready gets no visitors, and what it refused meanwhile another one is asked.
fn text(address: SocketAddr, instances: &[SocketAddr]) -> String {
    let mut text = format!(
        "global
    maxconn 9000
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
    option forwardfor
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response 503
frontend visitors
    bind {address}
    default_backend instances
backend instances
    balance roundrobin
    option httpchk GET {READY}
"
    );
    for (number, instance) in instances.iter().enumerate() {
        text += &format!("    server i{number} {instance} check inter 200ms fall 1 rise 1\n");
    }
    text
}

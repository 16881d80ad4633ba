//! What stands in front of several servers: Debian's `haproxy` or `nginx`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context as _;
use clap::ValueEnum;
use rustix::process::Signal;
use tokio::time::timeout;

use crate::instance::{READY, until_ready};
use crate::process::Process;

/// How long a balancer may take to answer.
const START: Duration = Duration::from_secs(10);

/// Where Debian has programs of which not every user's `PATH` knows.
const SYSTEM_PROGRAMS: &str = "/usr/sbin";

/// Which one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Asks each server whether it is ready.
    #[default]
    Haproxy,
    /// Asks none, and tries another one where one fails.
    Nginx,
}

/// Which server a visitor is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The next one.
    Turns,
    /// The one of the visitor's address, as long as it is there. Long polling needs such a rule.
    ByAddress,
}

/// A running balancer. It ends with this value.
#[derive(Debug)]
pub struct Balancer {
    process: Child,
    folder: PathBuf,
    address: SocketAddr,
}

impl Kind {
    /// The program, which is Debian's package too.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
        }
    }

    fn program(self) -> PathBuf {
        let installed = Path::new(SYSTEM_PROGRAMS).join(self.name());
        if installed.exists() { installed } else { self.name().into() }
    }

    /// Whether it can be started.
    #[must_use]
    pub fn is_installed(self) -> bool {
        Command::new(self.program()).arg("-v").output().is_ok()
    }
}

impl Balancer {
    /// Returns when it sends visitors to an instance.
    ///
    /// # Errors
    /// When it cannot be started, or does not answer.
    pub async fn start(
        kind: Kind,
        spread: Spread,
        address: SocketAddr,
        instances: &[SocketAddr],
    ) -> anyhow::Result<Self> {
        let name = kind.name();
        let folder = std::env::temp_dir().join(format!("{name}-{}", address.port()));
        std::fs::create_dir_all(&folder)?;
        let settings = folder.join("settings");
        let mut command = Command::new(kind.program());
        let text = match kind {
            Kind::Haproxy => {
                command.arg("-f");
                haproxy(spread, address, instances)
            }
            Kind::Nginx => {
                command.arg("-p").arg(&folder).arg("-c");
                nginx(spread, address, instances)
            }
        };
        std::fs::write(&settings, text)?;
        let process = command.arg(&settings).spawn();
        let process = process
            .with_context(|| format!("{name} cannot be started; Debian's package is `{name}`"))?;
        let balancer = Self { process, folder, address };
        let ready = timeout(START, until_ready(address)).await;
        ready.with_context(|| format!("{name} does not answer"))?;
        Ok(balancer)
    }

    /// Where visitors go.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        // In order, since nginx has processes of its own. It may have ended by itself.
        let _ = Process::new(self.process.id()).signal(Signal::TERM);
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An instance that is not ready gets no visitors, and what it refused meanwhile another one is asked.
fn haproxy(spread: Spread, address: SocketAddr, instances: &[SocketAddr]) -> String {
    let balance = match spread {
        Spread::Turns => "balance roundrobin",
        Spread::ByAddress => "balance source\n    hash-type consistent",
    };
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
    {balance}
    option httpchk GET {READY}
"
    );
    for (number, instance) in instances.iter().enumerate() {
        text += &format!("    server i{number} {instance} check inter 200ms fall 1 rise 1\n");
    }
    text
}

/// What an instance refuses, or is not there to answer, another one is asked. It is asked again with the next
/// request: nginx would take an instance that has failed for well once a request to it has ended, and a WebSocket
/// does not end, so that one visitor a second would be let in.
fn nginx(spread: Spread, address: SocketAddr, instances: &[SocketAddr]) -> String {
    let by_address = match spread {
        Spread::Turns => "",
        Spread::ByAddress => "hash $remote_addr consistent;",
    };
    let servers = instances.iter();
    let servers: String = servers.map(|server| format!("server {server} max_fails=0; ")).collect();
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let folders: String = folders.iter().map(|name| format!("{name}_temp_path {name}; ")).collect();
    format!(
        "daemon off;
pid pid;
error_log stderr crit;
worker_processes 1;
worker_rlimit_nofile 20000;
events {{ worker_connections 9000; }}
http {{
    access_log off;
    {folders}
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream instances {{ {by_address} {servers}}}
    server {{
        listen {address} backlog=4096;
        location / {{
            proxy_pass http://instances;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_connect_timeout 2s;
            proxy_read_timeout 1h;
            proxy_next_upstream error timeout http_503;
        }}
    }}
}}
"
    )
}

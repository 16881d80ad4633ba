//! The program `{{project-name}}`: its settings, its start and its end.

mod app;
mod desk;
mod layout;
#[cfg(test)]
mod tests;
mod tickets;

use std::env;
use std::error::Error;

use belvedere::http::page::Layout;
use belvedere::http::server::{self, ServerLimits};
use belvedere::{LiveConfig, LiveRuntime, SecretKeyBase};
use belvedere_inspector::{Guard, Inspector};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = belvedere_inspector::trace_store();
    let telemetry = belvedere_telemetry::init_storing("{{project-name}}", &store)?;
    let repo = tickets::open(&setting("DATABASE_URL", "sqlite://data/tickets.sqlite3")).await?;

    let live = LiveRuntime::new(live_config()?);
    let inspector = Inspector::new(&live, store, Guard::ThisMachine);
    let app = app::app(&live, inspector.router(), repo);

    let address = format!("{}:{}", setting("HOST", "localhost"), setting("PORT", "4000"));
    let listener = TcpListener::bind(&address).await?;
    tracing::info!("http://{}", listener.local_addr()?);
    let stopped = async move {
        stop_signal().await;
        live.drain().await;
    };
    server::serve([listener], app, ServerLimits::default(), stopped).await;
    telemetry.shutdown().await;
    Ok(())
}

fn live_config() -> Result<LiveConfig, Box<dyn Error>> {
    let secret = match env::var("SECRET_KEY_BASE") {
        Ok(secret) => SecretKeyBase::new(&secret)?,
        // Whoever builds for others has a secret that outlives a restart.
        Err(_) if cfg!(debug_assertions) => SecretKeyBase::random(),
        Err(_) => return Err("set SECRET_KEY_BASE: `openssl rand -hex 64` prints one".into()),
    };
    Ok(LiveConfig {
        layout: Layout::new(layout::page),
        public_url: env::var("PUBLIC_URL").ok(),
        ..LiveConfig::new(secret)
    })
}

fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Ready at Ctrl-C, and where there are signals at SIGTERM.
async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = terminate.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

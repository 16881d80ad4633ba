//! The server of `load::server`, to be measured from outside.
//!
//! ```text
//! taskset -c 0 cargo run -r -p load --example bench_server -- [--listen ADDRESS] [--trace sampled]
//! ```

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

use std::net::SocketAddr;

use clap::{Parser, ValueEnum};
use load::server::{self, Limits, Tracing};

/// Share of the pages that are traced with `--trace sampled`.
const SAMPLED_SHARE: f64 = 0.1;

/// Serves the pages that the load client measures
#[derive(Parser)]
struct Options {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:4100")]
    listen: SocketAddr,
    /// Whether pages and their acts are traced
    #[arg(long, value_enum, default_value = "off")]
    trace: Trace,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Trace {
    /// No OpenTelemetry layer at all
    Off,
    /// One page in ten, in batches to an exporter that drops them
    Sampled,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let tracing = match options.trace {
        Trace::Off => Tracing::Off,
        Trace::Sampled => Tracing::Sampled(SAMPLED_SHARE),
    };
    let _telemetry = tracing.init()?;
    opentelemetry::global::set_meter_provider(server::meters());
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    println!("bench server {} at http://{}", std::process::id(), listener.local_addr()?);
    server::serve(listener, server::app(tracing, Limits::Lifted)).await;
    Ok(())
}

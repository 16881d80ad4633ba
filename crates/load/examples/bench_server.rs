//! The pages that are measured, a plain page to compare them with, and a bare WebSocket echo.
//!
//! ```text
//! taskset -c 0 cargo run -r -p load --example bench_server -- [--listen ADDRESS] [--trace sampled]
//! ```
//!
//! Beside the pages: `/echo` (WebSocket), `/table-plain`, `/announce` (one message to every open
//! `/feed`) and `/pid`.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use belvedere::http::page::{Page, default_layout};
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::{BasePath, LiveConfig, LiveRouter, LiveRuntime, SecretKeyBase};
use belvedere_telemetry::settings::Sampling;
use belvedere_telemetry::{Extras, Settings};
use clap::{Parser, ValueEnum};
use futures_util::{SinkExt, StreamExt};
use http::{Extensions, HeaderMap, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use load::pages::{Announcement, Counter, Feed, Form, Subscribers, Table, plain_table, users};
use maud::PreEscaped;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanExporter};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// Buffers of the echo, as the live socket has them.
const ECHO_BUFFER_BYTES: usize = 4096;

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
    let _telemetry = match options.trace {
        Trace::Off => None,
        Trace::Sampled => Some(sampled_telemetry()?),
    };
    let listener = tokio::net::TcpListener::bind(options.listen).await?;
    println!("bench server {} at http://{}", std::process::id(), listener.local_addr()?);
    let listener = listener.tap_io(|stream| {
        // Without it small replies wait for the acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, app(options.trace)?).await?;
    Ok(())
}

fn app(trace: Trace) -> anyhow::Result<Router> {
    let mut config = LiveConfig::new(SecretKeyBase::new(&"bench".repeat(16))?);
    // A load test is what this limit is there to stop.
    config.max_frames_per_second = u32::MAX;
    let subscribers = Subscribers::default();
    let mut pages = Router::new()
        .live::<Counter>("/counter")
        .live::<Table>("/table")
        .live::<Form>("/form")
        .live::<Feed>("/feed");
    if trace != Trace::Off {
        pages = pages.layer(trace_layer(TraceOptions::default()));
    }
    let pages = LiveRuntime::new(config).serve(pages.with_state(subscribers.clone()));
    Ok(pages
        .route("/table-plain", get(table_plain))
        .route("/announce", get(announce).with_state(subscribers))
        .route("/pid", get(|| async { std::process::id().to_string() }))
        .route("/echo", get(echo)))
}

fn sampled_telemetry() -> anyhow::Result<belvedere_telemetry::Telemetry> {
    let mut settings = Settings::from_vars("bench_server", |_| None)?;
    settings.sampling = Sampling { ratio: SAMPLED_SHARE, parent_based: true };
    let null = BatchSpanProcessor::builder(NullExporter).build();
    let extras = Extras { processors: vec![Box::new(null)], ..Extras::default() };
    Ok(belvedere_telemetry::init_with(&settings, extras)?)
}

/// Takes finished spans and forgets them.
#[derive(Debug)]
struct NullExporter;

impl SpanExporter for NullExporter {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// The table as a page of axum and maud alone.
async fn table_plain() -> Html<String> {
    let table = plain_table(&users());
    let page = default_layout(&Page {
        title: None,
        csrf_token: "",
        view: PreEscaped(table.0.as_str()),
        path: "/table-plain",
        base_path: &BasePath::default(),
        extensions: &Extensions::new(),
    });
    Html(page.0)
}

/// Sends one message to every open feed.
async fn announce(State(subscribers): State<Subscribers>) -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let announced = subscribers.announce(Announcement {
        number,
        text: format!("message {number}"),
        at_micros: u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX),
    });
    announced.to_string()
}

/// The yardstick: a WebSocket that sends back what it gets, and nothing of the runtime.
async fn echo(headers: HeaderMap, mut request: Request) -> Response {
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let on_upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let (Some(key), Some(on_upgrade)) = (key, on_upgrade) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let accept = derive_accept_key(key.as_bytes());
    tokio::spawn(async move {
        let Ok(upgraded) = on_upgrade.await else { return };
        let config = WebSocketConfig::default()
            .read_buffer_size(ECHO_BUFFER_BYTES)
            .write_buffer_size(ECHO_BUFFER_BYTES);
        let io = TokioIo::new(upgraded);
        let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await;
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() && socket.send(message).await.is_err() {
                return;
            }
        }
    });
    let headers = [
        (header::CONNECTION, "upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_ACCEPT, &*accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

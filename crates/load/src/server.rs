//! The server that is measured: the pages, a plain page to compare them with, and a bare echo.
//!
//! Beside the pages: `/echo` (WebSocket), `/table-plain`, `/files-plain` and `/counted-plain` (bodies of
//! requests), `/announce` (one message to every open `/feed`), `/publish` (one to every open `/listen`, over a
//! topic) and `/pid`. It serves as an application does: by the runtime's own server, with metrics
//! that a reader collects.

use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use belvedere::http::page::{Page, default_layout};
use belvedere::http::server::{self, ServerLimits};
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::{
    AddressLimit, AdmissionLimits, BasePath, LiveConfig, LiveRouter, LiveRuntime, PubSub,
    SecretKeyBase,
};
use belvedere_telemetry::settings::Sampling;
use belvedere_telemetry::{Extras, Settings, Telemetry, TelemetryError};
use futures_util::{SinkExt, StreamExt};
use http::{Extensions, HeaderMap, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use maud::PreEscaped;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider, Temporality};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanExporter};
use tokio::net::TcpListener;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::pages::{
    Announcement, Counted, Counter, Feed, Files, Form, KeptCounter, KeptForm, KeptTable, Listener,
    NUMBERS, Parts, People, Rows, Streamed, Subscribers, Table, plain_table, users,
};

mod bodies;

/// As long as the frame of a click on `/counter`.
pub const ECHO_TEXT: &str = r#"["4","12345","lv:phx-0123456789ABCDEF","event",{"type":"click","event":"inc","value":{"value":""}}]"#;

/// Buffer of the echo for what it reads, as the live socket has it.
const ECHO_READ_BYTES: usize = 2048;
/// Buffer of the echo for what it writes.
const ECHO_WRITE_BYTES: usize = 4096;

/// More sockets than any test opens.
const MAX_CONNECTIONS: usize = 100_000;

/// Longer than any test runs. Figures are exported so seldom that what is measured is recording them.
const LONG: Duration = Duration::from_secs(3600);

/// Whether pages and their acts have spans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tracing {
    /// They have none.
    Off,
    /// This share of the pages is traced, from 0 to 1, in batches to an exporter that drops them.
    Sampled(f64),
}

impl Tracing {
    /// Traces from now on, until what it returns is dropped.
    ///
    /// # Errors
    /// When the process has a subscriber already.
    pub fn init(self) -> Result<Option<Telemetry>, TelemetryError> {
        let Self::Sampled(ratio) = self else { return Ok(None) };
        let mut settings = Settings::from_vars("bench_server", |_| None)?;
        settings.sampling = Sampling { ratio, parent_based: true };
        let null = BatchSpanProcessor::builder(NullExporter).build();
        let extras = Extras { processors: vec![Box::new(null)], ..Extras::default() };
        belvedere_telemetry::init_with(&settings, extras).map(Some)
    }
}

/// Whether visitors may do only what an application lets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limits {
    /// The runtime's own bounds.
    Default,
    /// None on what a load test has to do.
    Lifted,
}

/// What the routes share.
#[derive(Clone, Default)]
struct Shared {
    subscribers: Subscribers,
    pub_sub: PubSub,
}

impl FromRef<Shared> for Subscribers {
    fn from_ref(shared: &Shared) -> Self {
        shared.subscribers.clone()
    }
}

impl FromRef<Shared> for PubSub {
    fn from_ref(shared: &Shared) -> Self {
        shared.pub_sub.clone()
    }
}

/// The routes.
pub fn app(tracing: Tracing, limits: Limits) -> Router {
    let mut config = LiveConfig::new(SecretKeyBase::random());
    if limits == Limits::Lifted {
        // A load test is what these limits are there to stop.
        config.max_frames_per_second = u32::MAX;
        let any = AddressLimit { total: usize::MAX, per_address: usize::MAX };
        config.admission = AdmissionLimits {
            sockets: any,
            polls: any,
            joins_per_second: any,
            views: any,
            kept_bytes: any,
            waiting_bytes: any,
        };
        // And a tab that was opened first waits until ten thousand others are.
        config.idle_timeout = LONG;
        // Under callgrind all takes its fifty times as long, and no view is to end in the act of another.
        config.reconnect_grace = LONG;
        (config.page_hold, config.join_timeout, config.send_timeout) = (LONG, LONG, LONG);
    }
    // However large, a state goes out with each answer, so that what that costs can be counted.
    config.snapshots.prompt_bytes = usize::MAX;
    let shared = Shared::default();
    let mut pages = Router::new()
        .live::<Counter>("/counter")
        .live::<Table>("/table")
        .live::<Form>("/form")
        .live::<KeptCounter>("/counter-kept")
        .live::<KeptTable>("/table-kept")
        .live::<KeptForm>("/form-kept")
        .live::<Files>("/files")
        .live::<Counted>("/counted")
        .live::<Feed>("/feed")
        .live::<Listener>("/listen")
        .live::<Rows>("/rows/{n_rows}")
        .live::<Streamed>("/stream/{n_items}")
        .live::<Parts>("/parts/{n_parts}")
        .live::<People>("/people");
    if tracing != Tracing::Off {
        pages = pages.layer(trace_layer(TraceOptions::default()));
    }
    let pages = LiveRuntime::new(config).serve(pages.with_state(shared.clone()));
    pages
        .route("/table-plain", get(table_plain))
        .route("/announce", get(announce).with_state(shared.clone()))
        .route("/publish", get(publish).with_state(shared))
        .route("/files-plain", post(bodies::to_file))
        .route("/counted-plain", post(bodies::counted))
        .route("/pid", get(|| async { std::process::id().to_string() }))
        .route("/echo", get(echo))
}

/// Serves `app` until the process is killed.
pub async fn serve(listener: TcpListener, app: Router) {
    let limits = ServerLimits {
        max_connections: MAX_CONNECTIONS,
        // Between two requests ten thousand tabs are opened.
        idle_timeout: LONG,
        head_timeout: LONG,
        write_timeout: LONG,
        ..ServerLimits::default()
    };
    server::serve([listener], app, limits, pending()).await;
}

/// Meters whose figures are exported, as those of an application are, to a receiver that drops them.
#[must_use]
pub fn meters() -> SdkMeterProvider {
    let reader = PeriodicReader::builder(NullExporter).with_interval(LONG).build();
    SdkMeterProvider::builder().with_reader(reader).build()
}

/// Takes figures and spans, and forgets them.
#[derive(Debug)]
struct NullExporter;

impl SpanExporter for NullExporter {
    async fn export(&self, _batch: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

impl PushMetricExporter for NullExporter {
    async fn export(&self, _metrics: &ResourceMetrics) -> OTelSdkResult {
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
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

/// Counts messages.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Publishes one message to all who listen.
async fn publish(State(pub_sub): State<PubSub>) -> Result<String, StatusCode> {
    let number = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    let published = pub_sub.publish(&NUMBERS, number);
    published.map(|()| number.to_string()).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

/// Sends one message to every open feed.
async fn announce(State(subscribers): State<Subscribers>) -> String {
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
            .read_buffer_size(ECHO_READ_BYTES)
            .write_buffer_size(ECHO_WRITE_BYTES);
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

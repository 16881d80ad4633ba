//! A shop of two pages with an inspector: one asks once for all prices, the other once for each.
//!
//! Run it with `cargo run -p belvedere-inspector --example inspected`, another port as an argument, and
//! open both pages and the inspector.

#![expect(clippy::disallowed_methods, reason = "a program of one file reads its settings there")]

use std::env;
use std::error::Error;
use std::time::Duration;

use axum::Router;
use belvedere::http::server::{self, ServerLimits};
use belvedere::http::{TraceOptions, trace_layer};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result};
use belvedere::{SecretKeyBase, Socket, live};
use belvedere_inspector::{Guard, Inspector};
use belvedere_telemetry::{Extras, Settings};
use tracing::Instrument as _;

const PRODUCTS: [(&str, u32); 8] = [
    ("Apple", 40),
    ("Bread", 320),
    ("Cheese", 450),
    ("Dates", 280),
    ("Eggs", 300),
    ("Flour", 150),
    ("Grapes", 390),
    ("Honey", 620),
];

/// Stands for a database: whatever sends a statement writes a span like this one.
async fn query(name: &'static str, statement: &'static str) {
    let span = tracing::info_span!(
        "query",
        otel.name = name,
        otel.kind = "client",
        db.system.name = "postgresql",
        db.query.text = statement,
    );
    tokio::time::sleep(Duration::from_millis(2)).instrument(span).await;
}

/// One query for all products.
struct Fast;

/// One query for the products, and one more for the price of each.
struct Slow;

impl LiveView for Fast {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _socket: &mut Socket<Self>) -> Result<Self, MountError> {
        query("SELECT products", "SELECT name, price FROM products").await;
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        products("Products, one query")
    }
}

impl LiveView for Slow {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _socket: &mut Socket<Self>) -> Result<Self, MountError> {
        query("SELECT products", "SELECT id, name FROM products").await;
        for _ in PRODUCTS {
            query("SELECT prices", "SELECT price FROM prices WHERE product_id = $1").await;
        }
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        products("Products, a query for each")
    }
}

fn products(title: &'static str) -> impl Render {
    live! {
        h1 { (title) }
        ul { @for (name, price) in PRODUCTS { li { (name) ": " (price) } } }
        p { a href="/" { "Fast" } " · " a href="/slow" { "Slow" } " · " a href="/inspector/compare" { "Inspector" } }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = belvedere_inspector::trace_store();
    let settings = Settings::from_vars("shop", |name| env::var(name).ok())?;
    let extras = Extras { processors: vec![Box::new(store.clone())], ..Extras::default() };
    let telemetry = belvedere_telemetry::init_with(&settings, extras)?;

    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let inspector = Inspector::new(&live, store, Guard::ThisMachine);
    let pages = Router::new().live::<Fast>("/").live::<Slow>("/slow").merge(inspector.router());
    let app = live.clone().serve(pages.layer(trace_layer(TraceOptions::default())));

    let port = env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    tracing::info!("http://{}", listener.local_addr()?);
    let stopped = async move {
        let _ = tokio::signal::ctrl_c().await;
        live.drain().await;
    };
    server::serve([listener], app, ServerLimits::default(), stopped).await;
    telemetry.shutdown().await;
    Ok(())
}

//! A counter: the smallest useful live view, served on http://localhost:4000.
//!
//! Run it with `cargo run -p belvedere --example counter`; another port is an argument, as in
//! `cargo run -p belvedere --example counter -- 4001`.

use axum::Router;
use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
use belvedere::{Result, SecretKeyBase, Socket, live};

struct Counter {
    count: i64,
}

#[derive(LiveEvent)]
enum Event {
    Inc,
    Dec,
}

impl LiveView for Counter {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { count: 0 })
    }

    async fn handle_event(&mut self, event: Event, _socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Inc => self.count += 1,
            Event::Dec => self.count -= 1,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Counter" }
            button phx-click=(Event::Dec) data-each-click { "−" }
            output { (self.count) }
            button phx-click=(Event::Inc) data-each-click { "+" }
        }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = live.serve(Router::new().live::<Counter>("/"));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}

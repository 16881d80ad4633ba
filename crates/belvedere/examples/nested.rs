//! A page of counters, each a live view of its own: one crashes, the others count on.
//!
//! Run it with `cargo run -p belvedere --example nested` and open http://localhost:4000; another port is
//! an argument, as in `cargo run -p belvedere --example nested -- 4001`.

use axum::Router;
use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
use belvedere::{Result, SecretKeyBase, Socket, live, nested};

/// The page: which counters it shows.
struct Desk {
    starts: Vec<i64>,
}

#[derive(LiveEvent)]
enum DeskEvent {
    Add,
    Remove,
}

impl LiveView for Desk {
    type Extract = ();
    type Params = ();
    type Event = DeskEvent;
    type Message = ();

    async fn mount((): (), _socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { starts: vec![0, 100] })
    }

    async fn handle_event(&mut self, event: DeskEvent, _socket: &mut Socket<Self>) -> Result {
        match event {
            DeskEvent::Add => self.starts.push(100 * self.starts.len() as i64),
            DeskEvent::Remove => drop(self.starts.pop()),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { (self.starts.len()) " counters" }
            button #add phx-click=(DeskEvent::Add) data-each-click { "Add one" }
            button #remove phx-click=(DeskEvent::Remove) data-each-click { "Remove the last" }
            @for start in &self.starts, key=(start) { (nested::<Counter>(start, *start)) }
        }
    }
}

struct Counter {
    count: i64,
}

#[derive(LiveEvent)]
enum CounterEvent {
    Inc,
    Crash,
}

impl LiveView for Counter {
    /// What the page gives it: where to start.
    type Extract = i64;
    type Params = ();
    type Event = CounterEvent;
    type Message = ();

    async fn mount(start: i64, _socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { count: start })
    }

    async fn handle_event(&mut self, event: CounterEvent, _socket: &mut Socket<Self>) -> Result {
        match event {
            CounterEvent::Inc => self.count += 1,
            CounterEvent::Crash => panic!("a counter crashes on purpose"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            output { (self.count) }
            button .inc phx-click=(CounterEvent::Inc) data-each-click { "+" }
            button .crash phx-click=(CounterEvent::Crash) { "Crash" }
        }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::random()));
    let app = live.serve(Router::new().live::<Desk>("/"));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}

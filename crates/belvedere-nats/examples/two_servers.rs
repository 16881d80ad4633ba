//! Two servers of one application that hear each other over NATS: one counter for all visitors of both.
//!
//! ```sh
//! nats-server &
//! cargo run -p belvedere-nats --example two_servers
//! ```
//!
//! Then open <http://localhost:4000> and <http://localhost:4001> side by side. Stop `nats-server`: each goes
//! on by itself. Start it again: both show the same number.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use belvedere::http::server::{ServerLimits, serve};
use belvedere::pub_sub::PubSubOptions;
use belvedere::{
    Heard, LiveConfig, LiveEvent, LiveRouter as _, LiveRuntime, LiveView, MountError, PubSub,
    Render, Result, SecretKeyBase, Socket, Topic, live,
};
use belvedere_nats::NatsBus;
use tokio::net::TcpListener;

/// The number has changed; whoever hears it looks at it.
const COUNTED: Topic<()> = Topic::new("counted");

#[derive(Clone)]
struct App {
    pub_sub: PubSub,
    /// What a database is in an application: the same for all servers.
    number: Arc<AtomicU64>,
}

struct Counter {
    app: App,
    shown: u64,
}

#[derive(LiveEvent)]
enum Event {
    Count,
}

impl LiveView for Counter {
    type Extract = State<App>;
    type Params = ();
    type Event = Event;
    type Message = Heard<()>;

    async fn mount(State(app): State<App>, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.subscribe_to(&app.pub_sub, &COUNTED, |heard| heard)?;
        let shown = app.number.load(Ordering::Relaxed);
        Ok(Self { app, shown })
    }

    async fn handle_event(&mut self, Event::Count: Event, _: &mut Socket<Self>) -> Result {
        self.app.number.fetch_add(1, Ordering::Relaxed);
        Ok(self.app.pub_sub.publish(&COUNTED, ())?)
    }

    /// A message or a word that some were missed: either way, what is shown is read anew.
    async fn handle_message(&mut self, _: Heard<()>, _: &mut Socket<Self>) -> Result {
        self.shown = self.app.number.load(Ordering::Relaxed);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { (self.shown) }
            button phx-click=(Event::Count) { "Count" }
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let (secret, number) = (SecretKeyBase::random(), Arc::<AtomicU64>::default());
    let bus = NatsBus::new("nats://localhost:4222")?;
    let server = async |port: u16| {
        let pub_sub = PubSub::over(bus.clone(), &secret, PubSubOptions::default());
        let config = LiveConfig { pub_sub: pub_sub.clone(), ..LiveConfig::new(secret.clone()) };
        let app = App { pub_sub, number: Arc::clone(&number) };
        let pages = Router::new().live::<Counter>("/").with_state(app);
        let pages = LiveRuntime::new(config).serve(pages);
        let listener = TcpListener::bind(("localhost", port)).await?;
        serve([listener], pages, ServerLimits::default(), std::future::pending()).await;
        Ok::<_, std::io::Error>(())
    };
    tokio::try_join!(server(4000), server(4001))?;
    Ok(())
}

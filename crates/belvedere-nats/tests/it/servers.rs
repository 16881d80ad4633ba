//! Two servers of one application: what is published, who is there, which sessions have ended.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use belvedere::pub_sub::{Presence, PubSubOptions};
use belvedere::testing::two_servers::check_bus;
use belvedere::testing::{TestApp, TestView};
use belvedere::{
    Heard, Joined, LiveConfig, LiveRouter as _, LiveRuntime, LiveView, MountError, PubSub, Render,
    Result, SecretKeyBase, Socket, Topic, live,
};
use belvedere_nats::NatsBus;
use belvedere_nats::testing::NatsServer;
use tracing::subscriber::DefaultGuard;

const HERE: Topic<Presence<String>> = Topic::new("here");

/// Longer than any answer of a machine at work; nobody waits for it but a test that fails.
const LONGEST: Duration = Duration::from_secs(60);

fn secret() -> SecretKeyBase {
    SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes are enough")
}

fn over(bus: NatsBus) -> PubSub {
    PubSub::over(bus, &secret(), PubSubOptions::default())
}

/// A page of a person, who is named in its path.
struct Lounge {
    pub_sub: PubSub,
    name: String,
    here: Vec<String>,
    n_missed: u32,
}

impl LiveView for Lounge {
    type Extract = (State<PubSub>, Path<String>);
    type Params = ();
    type Event = ();
    type Message = Heard<Presence<String>>;

    async fn mount(
        (State(pub_sub), Path(name)): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { pub_sub, name, here: Vec::new(), n_missed: 0 })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        socket.subscribe_to(&self.pub_sub, &HERE, |heard| heard)?;
        socket.track(&self.pub_sub, &HERE, &self.name, &self.name)?;
        self.look();
        Ok(())
    }

    async fn handle_message(&mut self, heard: Self::Message, _: &mut Socket<Self>) -> Result {
        self.n_missed += u32::from(heard == Heard::Missed);
        self.look();
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            p #here { (self.here.join(", ")) }
            p #missed { (self.n_missed) }
        }
    }
}

impl Lounge {
    fn look(&mut self) {
        self.here = self.pub_sub.present(&HERE).into_iter().map(|person| person.who).collect();
    }
}

struct Server {
    pub_sub: PubSub,
    live: LiveRuntime,
    app: TestApp,
}

impl Server {
    fn start(bus: NatsBus) -> Self {
        let pub_sub = over(bus);
        let config = LiveConfig { pub_sub: pub_sub.clone(), ..LiveConfig::new(secret()) };
        let live = LiveRuntime::new(config);
        let router = Router::new().live::<Lounge>("/{name}").with_state(pub_sub.clone());
        let app = TestApp::new(&live, live.clone().serve(router));
        Self { pub_sub, live, app }
    }
}

/// Waits until a page shows this.
async fn shows(page: &mut TestView, selector: &str, is_it: impl Fn(&str) -> bool) {
    let looking = async {
        loop {
            page.settle().await;
            if is_it(&page.text(selector)) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(LONGEST, looking).await;
    in_time.unwrap_or_else(|_| panic!("{selector}: {}", page.text(selector)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_on_one_server_is_heard_on_the_other_in_order() {
    let test = "what_is_published_on_one_server_is_heard_on_the_other_in_order";
    let Some(nats) = NatsServer::start(test, "max_payload: 16384") else { return };
    check_bus(&over(nats.bus()), &over(nats.bus()), 16_384).await;
}

/// What is logged by the runtime, as lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Of this thread, until the guard is dropped.
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn lines(&self, what: &str) -> usize {
        let bytes = self.0.lock().expect("no test panics while it logs").clone();
        String::from_utf8_lossy(&bytes).lines().filter(|line| line.contains(what)).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panics while it logs").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_nats_that_dies_and_comes_back_has_all_read_anew() {
    let test = "a_nats_that_dies_and_comes_back_has_all_read_anew";
    let Some(mut nats) = NatsServer::start(test, "") else { return };
    let (log, _logging) = Log::start();
    let (one, two) = (Server::start(nats.bus()), Server::start(nats.bus()));
    let mut ann = one.app.get("/Ann").await.join().await;
    let mut bob = two.app.get("/Bob").await.join().await;
    shows(&mut ann, "#here", |here| here == "Ann, Bob").await;
    shows(&mut bob, "#here", |here| here == "Ann, Bob").await;
    assert_eq!(log.lines("bus between the servers is there"), 2);
    let missed = bob.text("#missed");

    nats.kill();
    // Each goes on by itself.
    let mut eve = one.app.get("/Eve").await.join().await;
    shows(&mut eve, "#here", |here| here == "Ann, Bob, Eve").await;
    while log.lines("bus between the servers is lost") < 2 {
        tokio::task::yield_now().await;
    }
    nats.restart();
    shows(&mut bob, "#here", |here| here == "Ann, Bob, Eve").await;
    assert_ne!(bob.text("#missed"), missed, "all was read anew");
    assert_eq!(log.lines("bus between the servers is lost"), 2, "once on each");
    assert_eq!(log.lines("bus between the servers is there"), 4, "once on each");
}

#[tokio::test]
async fn the_people_of_a_killed_server_go_within_seconds() {
    let Some(nats) = NatsServer::start("the_people_of_a_killed_server_go", "") else { return };
    let (one, two) = (Server::start(nats.bus()), Server::start(nats.bus()));
    let mut ann = one.app.get("/Ann").await.join().await;
    let bob = two.app.get("/Bob").await.join().await;
    shows(&mut ann, "#here", |here| here == "Ann, Bob").await;
    two.pub_sub.kill();
    let since = std::time::Instant::now();
    shows(&mut ann, "#here", |here| here == "Ann").await;
    assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
    drop(bob);
}

#[tokio::test]
async fn a_session_that_ends_on_one_server_ends_on_all() {
    const COOKIE: &str = "_live_view_session";
    let Some(nats) = NatsServer::start("a_session_that_ends_on_one_server", "") else { return };
    let (one, two) = (Server::start(nats.bus()), Server::start(nats.bus()));
    let mut first = one.app.get("/Ann").await.join().await;
    two.app.set_cookie(COOKIE, &one.app.cookie(COOKIE).expect("a session"));
    let mut second = two.app.get("/Bob").await.join().await;
    assert_eq!(second.session(), first.session());
    shows(&mut first, "#here", |here| here == "Ann, Bob").await;
    shows(&mut second, "#here", |here| here == "Ann, Bob").await;
    one.live.end_session(first.session());
    tokio::time::timeout(LONGEST, second.disconnected()).await.expect("it has ended there, too");
}

#[tokio::test]
async fn without_nats_at_the_start_pages_are_served_and_the_log_says_so_once() {
    let test = "without_nats_at_the_start_pages_are_served_and_the_log_says_so_once";
    let Some(mut nats) = NatsServer::start(test, "") else { return };
    nats.kill();
    let (log, _logging) = Log::start();
    let server = Server::start(nats.bus());
    let mut ann = server.app.get("/Ann").await.join().await;
    shows(&mut ann, "#here", |here| here == "Ann").await;
    while log.lines("bus between the servers is lost") < 1 {
        tokio::task::yield_now().await;
    }
    nats.restart();
    shows(&mut ann, "#missed", |missed| missed != "0").await;
    assert_eq!(log.lines("bus between the servers is lost"), 1);
    assert_eq!(log.lines("bus between the servers is there"), 1);
}

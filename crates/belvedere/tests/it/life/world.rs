//! The page, its person, and the servers.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{LostSocket, Outcome, TestApp, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, SnapshotOptions};
use serde_json::json;
use tokio::time::sleep;

use super::page::{Life, Store, deploy};
use super::person::{At, Person, Seen};
use super::{Act, Deed, End, Noticed, Way};
use crate::views::{Counter, Senders, config, served};

/// Longer than a snapshot waits for the one before.
const PAUSE: Duration = Duration::from_secs(2);

/// Longer than a view waits for its browser.
const LONG: Duration = Duration::from_secs(70);

/// Servers at a time.
pub(super) const SERVERS: usize = 2;

struct Server {
    live: LiveRuntime,
    app: TestApp,
    at: At,
}

/// All that there is of one run.
pub(super) struct World {
    servers: Vec<Server>,
    n_servers: u32,
    interval: Duration,
    store: Store,
    /// Where the page's socket is, or was.
    here: usize,
    life: TestView,
    guest: TestView,
    /// What servers have not noticed.
    lost: Vec<LostSocket>,
    person: Person,
    next_row: u32,
}

impl World {
    pub(super) async fn begin(interval: Duration) -> Self {
        let store = Store::default();
        let servers: Vec<_> =
            (0..SERVERS as u32).map(|number| server(number, 1, interval, &store)).collect();
        deploy(1);
        let life = servers[0].app.get("/life").await.join().await;
        let guest = life.child("guest").await;
        let person = Person::begins(servers[0].at, 0, Vec::new());
        Self {
            servers,
            n_servers: SERVERS as u32,
            interval,
            store,
            here: 0,
            life,
            guest,
            lost: Vec::new(),
            person,
            next_row: 1,
        }
    }

    pub(super) async fn take(&mut self, act: Act) {
        match act {
            Act::Does(deed) => {
                if self.can(&deed) {
                    self.does(&deed).await;
                    self.answered(&deed);
                }
            }
            Act::Patch(page) => {
                self.life.patch(&format!("/life?page={page}")).await;
                self.turned(page);
            }
            Act::Go(page) => {
                self.life.send_event("click", "go", json!({ "page": page }), None).await;
                self.turned(page);
            }
            Act::Navigate => {
                self.life.navigate("/elsewhere").await;
                self.life.back().await;
                self.guest = self.life.child("guest").await;
                self.begin_anew();
            }
            Act::Pause => {
                sleep(PAUSE).await;
                self.settle().await;
                self.given();
            }
            Act::Crash => self.crash().await,
            Act::GuestCrashes => self.crash_guest().await,
            Act::Close(next) => self.close(next).await,
            Act::Lose { way, last, noticed } => self.lose(&way, last, noticed).await,
            Act::Replace { build, end, way, last } => {
                let open = self.end(end, last).await;
                self.replace(self.here, build);
                self.person.lives = false;
                self.come(&way, open, Noticed::AtOnce).await;
            }
            Act::Notice => {
                self.lost.clear();
                self.settle_servers().await;
            }
            Act::ReplaceOther { build } => self.replace((self.here + 1) % SERVERS, build),
        }
    }

    /// The page is closed, and opened anew at a server.
    async fn close(&mut self, next: usize) {
        self.life.close().await;
        self.here = next;
        let (server, path) = (&self.servers[next], self.life.path().to_owned());
        deploy(server.at.build);
        self.life = server.app.get(&path).await.join().await;
        self.guest = self.life.child("guest").await;
        self.begin_anew();
    }

    async fn lose(&mut self, way: &Way, last: Option<Deed>, noticed: Noticed) {
        let open = match noticed {
            Noticed::Later => self.ask_in_vain(last).await,
            _ => {
                let open = self.leave_open(last).await;
                self.life.disconnect().await;
                open
            }
        };
        if noticed == Noticed::LongBefore {
            sleep(LONG).await;
            self.person.lives = false;
        }
        self.come(way, open, noticed).await;
    }

    /// The page's server ends. Returns what is left open.
    async fn end(&mut self, end: End, last: Option<Deed>) -> Option<Deed> {
        if end == End::InOrder {
            self.drain(last).await;
            return None;
        }
        let open = self.leave_open(last).await;
        self.life.stop_reading();
        if end == End::Unheard {
            self.servers[self.here].live.clone().drain().await;
        }
        self.life.disconnect().await;
        open
    }

    /// The page's server goes away in order. What it takes of the last question is answered.
    async fn drain(&mut self, last: Option<Deed>) {
        let last = last.filter(|deed| self.can(deed) && self.event(deed).is_some());
        if let Some(deed) = &last {
            self.asks(deed).await;
        }
        self.servers[self.here].live.clone().drain().await;
        self.settle().await;
        if let Some(deed) = last
            && self.seen() != self.person.sees()
        {
            self.answered(&deed);
        }
        self.given();
    }

    /// The person sees what was answered.
    pub(super) fn is_as_seen(&self) {
        assert_eq!(self.seen(), self.person.sees());
    }

    fn seen(&self) -> Seen {
        Seen::of(&self.life, &self.guest, &self.store)
    }

    fn replace(&mut self, server_index: usize, build: u32) {
        let next = server(self.n_servers, build, self.interval, &self.store);
        self.n_servers += 1;
        self.servers[server_index] = next;
    }

    /// Whether the page has what the deed needs.
    fn can(&self, deed: &Deed) -> bool {
        match deed {
            Deed::ClickRoom(room) => self.person.rooms.contains_key(room),
            Deed::Take => !self.person.rows.is_empty(),
            _ => true,
        }
    }

    /// The event of a deed, and what it brings; none of those that elements do.
    fn event(&self, deed: &Deed) -> Option<(&'static str, serde_json::Value)> {
        Some(match deed {
            Deed::Inc => ("inc", json!({})),
            Deed::Mark => ("mark", json!({})),
            Deed::Fleet => ("fleet", json!({})),
            Deed::Put => ("put", json!({ "id": self.next_row })),
            Deed::Take => ("take", json!({ "id": self.person.rows[0] })),
            Deed::Room(id) => ("room", json!({ "id": id })),
            Deed::Load(value) => ("load", json!({ "value": value })),
            Deed::Note(_) | Deed::ClickRoom(_) | Deed::Say => return None,
        })
    }

    async fn does(&mut self, deed: &Deed) {
        match deed {
            Deed::Note(text) => self.life.form("#note").fill("Note", text).await,
            Deed::ClickRoom(room) => self.life.click(&format!("#room-{room} button")).await,
            Deed::Say => self.guest.click("button").await,
            _ => {
                let (name, value) = self.event(deed).expect("it has an event");
                self.life.send_event("click", name, value, None).await;
            }
        }
        self.settle().await;
    }

    /// As [`does`](Self::does), without waiting for an answer where that can be.
    async fn asks(&mut self, deed: &Deed) {
        match self.event(deed) {
            Some((name, value)) => {
                let event = json!({ "type": "click", "event": name, "value": value });
                self.life.send_at_once("event", event).await;
            }
            None => self.does(deed).await,
        }
    }

    /// What the page then shows, once.
    fn answered(&mut self, deed: &Deed) {
        answered(&mut self.person, deed, self.next_row);
        self.next_row += u32::from(matches!(deed, Deed::Put));
        self.prompt();
    }

    /// Asks for it just before the socket is lost, so that no answer comes.
    async fn leave_open(&mut self, deed: Option<Deed>) -> Option<Deed> {
        let deed = deed.filter(|deed| self.can(deed) && self.event(deed).is_some())?;
        self.life.stop_reading();
        self.asks(&deed).await;
        Some(deed)
    }

    /// Asks for it, and takes no answer from a socket that goes on.
    async fn ask_in_vain(&mut self, deed: Option<Deed>) -> Option<Deed> {
        let deed = deed.filter(|deed| self.can(deed) && self.event(deed).is_some())?;
        self.asks(&deed).await;
        self.settle_servers().await;
        Some(deed)
    }

    /// Until no server has any work.
    async fn settle_servers(&self) {
        for server in &self.servers {
            server.app.settle().await;
        }
    }

    /// The page joins. What is `open` was done once, or not at all.
    async fn come(&mut self, way: &Way, open: Option<Deed>, noticed: Noticed) {
        for in_vain in &way.in_vain {
            let server = &self.servers[*in_vain];
            deploy(server.at.build);
            let lost = self.life.join_in_vain(&server.app).await;
            self.lost.extend(Some(lost).filter(|_| noticed == Noticed::Later));
        }
        let server = &self.servers[way.next];
        let at = server.at;
        deploy(at.build);
        match noticed {
            Noticed::Later => self.lost.push(self.life.reconnect_unnoticed(&server.app).await),
            _ => self.life.reconnect_to(&server.app).await,
        }
        self.here = way.next;
        let is_same = self.person.lives && self.person.at == at;
        let mut may_be = match is_same {
            true => vec![self.person.clone()],
            false => self.person.mounted_anew(at),
        };
        if let Some(deed) = open {
            // Another server knows nothing of it but what is stored.
            let is_stored = matches!(deed, Deed::Put | Deed::Take);
            if is_same || is_stored {
                let done = may_be.clone().into_iter().map(|mut person| {
                    answered(&mut person, &deed, self.next_row);
                    person
                });
                may_be.extend(done.collect::<Vec<_>>());
            }
            // Whether it was used or not.
            self.next_row += 1;
        }
        self.is_one_of(may_be).await;
        (self.person.at, self.person.lives) = (at, true);
        self.given();
    }

    /// The page has joined: the person sees one of these.
    async fn is_one_of(&mut self, may_be: Vec<Person>) {
        assert_eq!(*self.life.outcome(), Outcome::Open);
        self.guest = self.life.child("guest").await;
        self.sees_one_of(may_be).await;
    }

    async fn sees_one_of(&mut self, may_be: Vec<Person>) {
        self.settle().await;
        let seen = self.seen();
        let is = may_be.iter().find(|person| person.sees() == seen).cloned();
        self.person = is.unwrap_or_else(|| {
            let may_be: Vec<_> = may_be.iter().map(Person::sees).collect();
            panic!("{seen:#?}\nis none of\n{may_be:#?}")
        });
    }

    async fn crash(&mut self) {
        self.life.send_event("click", "crash", json!({}), None).await;
        assert_eq!(*self.life.outcome(), Outcome::Crashed);
        let at = self.person.at;
        deploy(at.build);
        self.life.join().await;
        self.is_one_of(self.person.mounted_anew(at)).await;
        self.given();
    }

    async fn crash_guest(&mut self) {
        self.guest.send_event("click", "crash", json!({}), None).await;
        assert_eq!(*self.guest.outcome(), Outcome::Crashed);
        self.guest.join().await;
        self.sees_one_of(self.person.with_another_guest()).await;
        self.person.said.is_given();
    }

    fn turned(&mut self, page: u32) {
        self.person.page = page;
        self.prompt();
    }

    /// The page was left, and begins anew with the same URL.
    fn begin_anew(&mut self) {
        let (at, page) = (self.servers[self.here].at, self.person.page);
        self.person = Person::begins(at, page, self.store.rows());
    }

    /// Each change is sent at once, where nothing waits for the next.
    fn prompt(&mut self) {
        if self.interval.is_zero() {
            self.given();
        }
    }

    fn given(&mut self) {
        self.person.counts.is_given();
        self.person.said.is_given();
    }

    async fn settle(&mut self) {
        self.life.settle().await;
        self.guest.settle().await;
        self.life.settle().await;
    }
}

/// What is shown once a deed was answered.
fn answered(person: &mut Person, deed: &Deed, row: u32) {
    let (number, mark) = person.counts.now;
    match deed {
        Deed::Inc => person.counts.set((number + 1, mark)),
        Deed::Mark => person.counts.set((number, mark + 1)),
        Deed::Fleet => person.fleeting += 1,
        Deed::Note(text) => person.note.clone_from(text),
        Deed::Put => person.rows.push(row),
        Deed::Take => drop(person.rows.remove(0)),
        Deed::Room(id) => {
            if person.rooms.remove(id).is_none() {
                person.rooms.insert(*id, 0);
            }
        }
        Deed::ClickRoom(id) => *person.rooms.entry(*id).or_default() += 1,
        Deed::Load(value) => person.piece = Some(*value),
        Deed::Say => person.said.set(person.said.now + 1),
    }
}

fn server(number: u32, build: u32, interval: Duration, store: &Store) -> Server {
    // As of a large state: what is small travels in its answer anyway.
    let snapshots = SnapshotOptions { interval, prompt_bytes: 0, ..SnapshotOptions::default() };
    let live = LiveRuntime::new(LiveConfig { snapshots, ..config() });
    let elsewhere = Router::new().live::<Counter>("/elsewhere").with_state(Senders::default());
    let router = Router::new().live::<Life>("/life").with_state(store.clone()).merge(elsewhere);
    let app = served(live.clone(), router);
    Server { live, app, at: At { server: number, build } }
}

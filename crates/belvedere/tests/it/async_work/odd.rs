//! A view whose pieces of work do what authors should not do.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use belvedere::AsyncState::{Done, Failed, Loading};
use belvedere::{
    Async, ComponentId, ComponentSocket, Joined, LiveComponent, LiveEvent, LiveView, Load,
    MountError, PubSub, Render, Result, Socket, Topic, component, flash, live, template::Element,
};

use super::millis;

pub(super) const TOPIC: Topic<()> = Topic::new("bounds");

/// Does what its path says.
pub(super) struct Odd {
    does: Does,
    token: Arc<()>,
    piece: Async<u32>,
    others: Vec<Async<Arc<()>>>,
    seen: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Nothing,
    /// Starts a piece again when it has failed.
    TryAgain,
    /// Leaves for another page when a piece is there, with another one under way.
    Leave,
    /// Listens to a topic, and notes what comes in which order.
    Note,
    /// Tells a component that a piece is there, while the join waits for one of the component.
    Tell,
    /// Waits for a piece, and for one of a component.
    WaitTwice,
    /// Has a component that starts a piece for one that is not there.
    Stray,
}

#[derive(LiveEvent)]
pub(super) enum Event {
    Slow,
    Full,
    /// Starts pieces that end at once, and keeps the view busy.
    Quick {
        n: usize,
    },
    /// Starts the same piece so often.
    Again {
        n: usize,
    },
    DropBadly,
    FailBadly,
}

const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

impl Odd {
    fn try_again(socket: &mut Socket<Self>) -> Async<u32> {
        let work = async {
            tokio::time::sleep(millis(50)).await;
            Err::<u32, _>("not yet")?;
            Ok(0)
        };
        let load = Load::named("again").within(millis(100));
        socket.load_then(load, work, |view: &mut Self, outcome, socket| {
            view.piece = Self::try_again(socket);
            Ok(outcome?)
        })
    }

    fn noted(name: &'static str, socket: &mut Socket<Self>) -> Async<u32> {
        let work = async move {
            if name == "told" {
                tokio::time::sleep(millis(20)).await;
            }
            Ok(7)
        };
        socket.load_then(name, work, move |view: &mut Self, outcome, socket| {
            view.seen.push(name.to_owned());
            socket.send_component::<Part>(1, "told");
            Ok(outcome?)
        })
    }
}

impl LiveView for Odd {
    type Extract = State<(Does, PubSub)>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        State((does, pub_sub)): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let soon = Load::named("soon").within(millis(100));
        let piece = match does {
            Does::TryAgain => Self::try_again(socket),
            Does::Leave => {
                let first = async {
                    tokio::time::sleep(millis(10)).await;
                    Ok(1)
                };
                socket.load_then(soon, first, |_, outcome, socket| {
                    socket.navigate("/elsewhere")?;
                    Ok(outcome?)
                })
            }
            Does::Note => {
                socket.subscribe_to(&pub_sub, &TOPIC, |_| ())?;
                Self::noted("outcome", socket)
            }
            Does::WaitTwice => socket.load(soon, std::future::pending()),
            Does::Nothing | Does::Tell | Does::Stray => Async::default(),
        };
        let never = Load::named("never").within(Duration::from_secs(10));
        let others = match does {
            Does::Leave => vec![socket.load(never, std::future::pending())],
            _ => Vec::new(),
        };
        Ok(Self { does, token: Arc::default(), piece, others, seen: Vec::new() })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        if self.does == Does::Tell {
            self.piece = Self::noted("told", socket);
        }
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        let load = |name| Load::named(name).within(Duration::from_secs(1));
        match event {
            Event::Slow => self.piece = socket.load(load("slow"), async { Ok(1) }),
            Event::Full => {
                for _ in 0..64 {
                    socket.send_after(Duration::from_secs(3600), ())?;
                }
                self.piece = Self::noted("too many", socket);
            }
            Event::Quick { n } => {
                for number in 0..n {
                    let name = NAMES[number % NAMES.len()];
                    let token = Arc::clone(&self.token);
                    let piece = socket.load(name, async { Ok(token) });
                    if self.others.len() < NAMES.len() {
                        self.others.push(piece);
                    } else {
                        self.others[number % NAMES.len()] = piece;
                    }
                    tokio::task::yield_now().await;
                    tokio::task::yield_now().await;
                }
                self.seen.push(format!("{} wait", Arc::strong_count(&self.token) - 1));
                let sent = socket.sender().send(()).is_ok();
                self.seen.push(format!("sent {sent}"));
            }
            Event::Again { n } => {
                for _ in 0..n {
                    let token = Arc::clone(&self.token);
                    let work = async move {
                        std::future::pending::<()>().await;
                        Ok(token)
                    };
                    self.others = vec![socket.load("again", work)];
                }
                let n_left = Arc::strong_count(&self.token) - 1;
                self.seen.push(format!("bounded {}", n_left <= 64));
            }
            Event::DropBadly => self.piece = socket.load("badly", DropsBadly),
            Event::FailBadly => {
                self.piece = socket.load("badly", async { Err(FailsBadly)? });
            }
        }
        Ok(())
    }

    async fn handle_message(&mut self, (): (), _: &mut Socket<Self>) -> Result {
        self.seen.push("message".to_owned());
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            output #piece { (shown(&self.piece)) }
            p { (self.seen.join(", ")) }
            @if matches!(self.does, Does::Tell | Does::WaitTwice | Does::Stray) {
                (component::<Part>(1, self.does))
            }
        }
    }
}

fn shown(piece: &Async<u32>) -> impl Render {
    live! {
        @match piece.state() {
            Loading(_) => "loading",
            Done(value) => { "done " (value) }
            Failed(error) => { "failed: " (error) }
        }
    }
}

pub(super) struct Part {
    piece: Async<u32>,
    told: &'static str,
}

impl LiveComponent for Part {
    type Props = Does;
    type Event = ();
    type Message = &'static str;

    fn mount(_: &Does) -> Self {
        Self { piece: Async::default(), told: "nothing" }
    }

    async fn update(&mut self, does: Does, socket: &mut ComponentSocket<'_>) -> Result {
        let soon = Load::named("part").within(millis(100));
        match does {
            Does::WaitTwice => {
                self.piece = socket.load::<Self, _>(1, soon, std::future::pending());
            }
            Does::Tell => {
                let work = async {
                    tokio::time::sleep(millis(50)).await;
                    Ok(1)
                };
                self.piece = socket.load::<Self, _>(1, soon, work);
            }
            Does::Stray => self.piece = socket.load::<Self, _>(2, "part", async { Ok(1) }),
            _ => {}
        }
        Ok(())
    }

    async fn handle_message(&mut self, told: &'static str, _: &mut ComponentSocket<'_>) -> Result {
        self.told = told;
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { section { output #part { (shown(&self.piece)) } b { (self.told) } } }
    }
}

/// Work that is done, and panics when it is dropped.
struct DropsBadly;

impl Future for DropsBadly {
    type Output = Result<u32>;

    fn poll(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<u32>> {
        std::task::Poll::Ready(Ok(1))
    }
}

impl Drop for DropsBadly {
    fn drop(&mut self) {
        panic!("a destructor panics on purpose");
    }
}

/// An error that panics when it is written.
#[derive(Debug)]
struct FailsBadly;

impl std::fmt::Display for FailsBadly {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("an error panics on purpose");
    }
}

impl std::error::Error for FailsBadly {}

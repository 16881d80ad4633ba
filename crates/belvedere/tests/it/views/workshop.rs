use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use belvedere::AsyncState::{Done, Failed, Loading};
use belvedere::{
    Async, LiveEvent, LiveView, Load, MountError, Render, Result, Socket, flash, live,
};

/// What the workshops of an application begin with, and how many works are under way in them.
#[derive(Clone, Default)]
pub(crate) struct Plan {
    pub(crate) first: Vec<(Load, Work)>,
    n_under_way: Arc<AtomicUsize>,
}

impl Plan {
    pub(crate) fn of(first: &[(Load, Work)]) -> Self {
        Self { first: first.to_vec(), ..Self::default() }
    }

    pub(crate) fn n_under_way(&self) -> usize {
        self.n_under_way.load(Ordering::SeqCst)
    }

    fn work(&self, work: Work) -> impl Future<Output = Result<u32>> + Send + use<> {
        self.n_under_way.fetch_add(1, Ordering::SeqCst);
        let under_way = UnderWay(Arc::clone(&self.n_under_way));
        async move {
            let _under_way = under_way;
            match work {
                Work::Done(value) => Ok(value),
                Work::Takes(time, value) => {
                    tokio::time::sleep(time).await;
                    Ok(value)
                }
                Work::Never => std::future::pending().await,
                Work::Fails => Err("on purpose")?,
                Work::Panics => panic!("a work panics on purpose"),
            }
        }
    }
}

struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    Done(u32),
    Takes(Duration, u32),
    Never,
    Fails,
    Panics,
}

/// Two pieces of work, `a` and `b`, that are started, cancelled and forgotten.
pub(crate) struct Workshop {
    plan: Plan,
    a: Async<u32>,
    b: Async<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Start {
        piece: Name,
        work: Ask,
        value: u32,
    },
    /// More than a view may have.
    StartMany,
    Cancel {
        piece: Name,
    },
    Forget {
        piece: Name,
    },
    Crash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Name {
    A,
    B,
}

impl Name {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }
}

#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    Done,
    Fails,
    Panics,
    Never,
}

impl Workshop {
    fn piece(&mut self, name: Name) -> &mut Async<u32> {
        match name {
            Name::A => &mut self.a,
            Name::B => &mut self.b,
        }
    }
}

impl LiveView for Workshop {
    type Extract = State<Plan>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        State(plan): State<Plan>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let mut pieces = plan.first.iter().map(|(load, work)| socket.load(*load, plan.work(*work)));
        let (a, b) = (pieces.next().unwrap_or_default(), pieces.next().unwrap_or_default());
        drop(pieces);
        Ok(Self { plan, a, b })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Start { piece, work, value } => {
                let work = match work {
                    Ask::Done => Work::Done(value),
                    Ask::Fails => Work::Fails,
                    Ask::Panics => Work::Panics,
                    Ask::Never => Work::Never,
                };
                *self.piece(piece) = socket.load(piece.as_str(), self.plan.work(work));
            }
            Event::StartMany => {
                for _ in 0..64 {
                    socket.send_after(Duration::from_secs(3600), ())?;
                }
                self.a = socket.load("a", self.plan.work(Work::Done(1)));
            }
            Event::Cancel { piece } => socket.cancel(piece.as_str()),
            Event::Forget { piece } => *self.piece(piece) = Async::default(),
            Event::Crash => panic!("an event panics on purpose"),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            output #a { (shown(&self.a)) }
            output #b { (shown(&self.b)) }
            a #elsewhere href="/elsewhere" data-phx-link="redirect" data-phx-link-state="push" {}
        }
    }
}

fn shown(piece: &Async<u32>) -> impl Render {
    live! {
        @match piece.state() {
            Loading(None) => "loading",
            Loading(Some(earlier)) => { "loading " (earlier) }
            Done(value) => { "done " (value) }
            Failed(error) => { "failed: " (error) @if let Some(earlier) = piece.value() { ", was " (earlier) } }
        }
    }
}

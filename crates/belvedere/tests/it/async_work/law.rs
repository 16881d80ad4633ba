//! Whatever meets, a page shows of its pieces what the model says, and no work is left behind.

use belvedere::testing::{HeldAsync, Outcome, TestApp, TestView};
use proptest::prelude::*;
use serde_json::json;

use super::{A, B, let_work_end, start, workshop};
use crate::paused::in_paused_time;
use crate::views::{Name, Work};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Starts a piece, again perhaps.
    Start(Name, Ends),
    Cancel(Name),
    Forget(Name),
    /// Lets all held pieces of this name come to their end.
    Release(Name),
    Lose,
    Return,
    Crash,
    /// To another page, and back.
    Navigate,
    /// Loads the page anew; the pieces of its mount come to their end before the join.
    Load(bool),
}

#[derive(Clone, Copy, Debug)]
enum Ends {
    Done,
    Fails,
    Panics,
}

impl Ends {
    fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Fails => "fails",
            Self::Panics => "panics",
        }
    }
}

/// What a page shows of a piece.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    last: Last,
    earlier: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Last {
    #[default]
    Idle,
    UnderWay(Ends, u32),
    Ended(Ends, u32),
    Cancelled,
}

impl Piece {
    /// As a mount starts it.
    const FIRST: Self = Self { last: Last::UnderWay(Ends::Done, 1), earlier: None };

    fn start(&mut self, ends: Ends, value: u32) {
        if let Last::Ended(Ends::Done, value) = self.last {
            self.earlier = Some(value);
        }
        self.last = Last::UnderWay(ends, value);
    }

    fn release(&mut self) {
        if let Last::UnderWay(ends, value) = self.last {
            self.last = Last::Ended(ends, value);
        }
    }

    fn cancel(&mut self) {
        if matches!(self.last, Last::UnderWay(..)) {
            self.last = Last::Cancelled;
        }
    }

    fn text(self) -> String {
        let earlier = |before: &str| {
            self.earlier.map(|earlier| format!("{before} {earlier}")).unwrap_or_default()
        };
        match self.last {
            Last::Idle | Last::UnderWay(..) => format!("loading{}", earlier("")),
            Last::Ended(Ends::Done, value) => format!("done {value}"),
            Last::Ended(Ends::Fails, _) => format!("failed: on purpose{}", earlier(", was")),
            Last::Ended(Ends::Panics, _) => {
                let text = "failed: the work panicked: a work panics on purpose";
                format!("{text}{}", earlier(", was"))
            }
            Last::Cancelled => format!("failed: the work was cancelled{}", earlier(", was")),
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    let name = || prop_oneof![Just(Name::A), Just(Name::B)];
    let ends = prop_oneof![3 => Just(Ends::Done), 1 => Just(Ends::Fails), 1 => Just(Ends::Panics)];
    prop_oneof![
        6 => (name(), ends).prop_map(|(name, ends)| Step::Start(name, ends)),
        5 => name().prop_map(Step::Release),
        2 => name().prop_map(Step::Cancel),
        1 => name().prop_map(Step::Forget),
        2 => Just(Step::Lose),
        3 => Just(Step::Return),
        1 => Just(Step::Crash),
        1 => Just(Step::Navigate),
        1 => any::<bool>().prop_map(Step::Load),
    ]
}

/// A tab, and what it should show.
struct Tab {
    app: TestApp,
    view: TestView,
    held: [HeldAsync; 2],
    pieces: [Piece; 2],
    is_connected: bool,
}

impl Tab {
    async fn take(&mut self, step: Step, value: u32) {
        match step {
            Step::Release(name) => self.release(name).await,
            Step::Load(is_there) => self.load(is_there).await,
            Step::Return => self.come_back().await,
            _ if !self.is_connected => {}
            Step::Start(name, ends) => {
                start(&mut self.view, name.as_str(), ends.as_str(), value).await;
                self.pieces[name as usize].start(ends, value);
            }
            Step::Cancel(name) => {
                self.say("cancel", name).await;
                self.pieces[name as usize].cancel();
            }
            Step::Forget(name) => {
                self.say("forget", name).await;
                self.pieces[name as usize] = Piece::default();
            }
            Step::Lose => {
                self.view.disconnect().await;
                self.is_connected = false;
            }
            Step::Crash => {
                self.view.send_event("click", "crash", json!({}), None).await;
                assert_eq!(self.view.outcome(), &Outcome::Crashed);
                self.view.join().await;
                self.pieces = [Piece::FIRST; 2];
            }
            Step::Navigate => {
                self.view.click("#elsewhere").await;
                self.view.navigate("/").await;
                self.pieces = [Piece::FIRST; 2];
            }
        }
    }

    async fn say(&mut self, event: &str, name: Name) {
        let piece = json!({ "piece": name.as_str() });
        self.view.send_event("click", event, piece, None).await;
    }

    async fn release(&mut self, name: Name) {
        let held = &mut self.held[name as usize];
        // A hold of the same name would be given up with the old one.
        std::mem::replace(held, self.app.hold_async("none")).release();
        self.view.settle().await;
        *held = self.app.hold_async(name.as_str());
        self.pieces[name as usize].release();
    }

    async fn load(&mut self, is_there: bool) {
        self.leave().await;
        let page = self.app.get("/").await;
        self.pieces = [Piece::FIRST; 2];
        if is_there {
            self.held = [self.app.hold_async("none"), self.app.hold_async("none")];
            self.pieces.iter_mut().for_each(Piece::release);
        }
        self.view = page.join().await;
        if is_there {
            self.held = [self.app.hold_async("a"), self.app.hold_async("b")];
        }
    }

    async fn come_back(&mut self) {
        self.view.reconnect().await;
        self.is_connected = true;
    }

    /// Closes the page, so that nothing waits for its browser.
    async fn leave(&mut self) {
        if !self.is_connected {
            self.come_back().await;
        }
        self.view.close().await;
    }
}

async fn check(steps: Vec<Step>) {
    let (app, plan) = workshop(&[(A, Work::Done(1)), (B, Work::Done(1))]);
    let held = [app.hold_async("a"), app.hold_async("b")];
    let view = app.get("/").await.join().await;
    let mut tab = Tab { app, view, held, pieces: [Piece::FIRST; 2], is_connected: true };
    for (value, step) in (2..).zip(steps) {
        tab.take(step, value).await;
        if tab.is_connected {
            let shown = tab.pieces.map(Piece::text);
            assert_eq!(tab.view.texts("output"), shown, "after {step:?}");
        }
    }
    tab.leave().await;
    let_work_end(&plan).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_page_shows_what_its_pieces_have_come_to(steps in prop::collection::vec(step(), 1..25)) {
        in_paused_time(check(steps));
    }
}

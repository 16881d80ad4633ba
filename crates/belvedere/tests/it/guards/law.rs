//! Whatever a visitor does, an event that the guards of the shown page refuse never reaches its callback,
//! and any other does.

use belvedere::testing::{Outcome, TestApp, TestView};
use proptest::prelude::*;
use serde_json::json;

use super::{Order, Porter, app};

#[derive(Clone, Copy, Debug)]
enum Step {
    /// From now on the porter says this.
    Orders(Order),
    Sends(Sent),
    Patch,
    Navigate(&'static str),
    Back,
    Forward,
    Reconnect,
}

/// What a visitor does at a desk, its component or the view that is nested in it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sent {
    Write,
    Look,
    Save,
    Crash,
    Stamp,
    Tear,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Handled,
    /// With what the page says.
    Refused(&'static str),
    Crashed,
    Redirected,
    Navigated,
}

#[derive(Clone, Copy)]
struct Place {
    path: &'static str,
    /// It was reached by a patch from the entry before, so the two belong to one view.
    is_patch: bool,
}

struct Model {
    places: Vec<Place>,
    at: usize,
    order: Order,
    done: Vec<&'static str>,
    n_stamps: u32,
    n_torn: u32,
    seen: Vec<String>,
}

impl Model {
    fn new(order: Order) -> Self {
        let places = vec![Place { path: "/desk/a", is_patch: false }];
        let (done, seen) = (Vec::new(), Vec::new());
        Self { places, at: 0, order, done, n_stamps: 0, n_torn: 0, seen }
    }

    fn path(&self) -> &'static str {
        self.places[self.at].path
    }

    /// The other kind of page: with a porter, or without.
    fn other_path(&self) -> &'static str {
        if self.is_guarded() { "/free/c" } else { "/desk/b" }
    }

    fn is_guarded(&self) -> bool {
        self.path().starts_with("/desk")
    }

    fn push(&mut self, path: &'static str, is_patch: bool) {
        self.places.truncate(self.at + 1);
        self.places.push(Place { path, is_patch });
        self.at += 1;
    }

    fn is_new(&mut self) {
        (self.done, self.n_stamps, self.n_torn) = (Vec::new(), 0, 0);
    }

    fn can(&self, step: Step) -> bool {
        match step {
            Step::Navigate(path) => path != self.path(),
            Step::Back => self.at > 0,
            Step::Forward => self.at + 1 < self.places.len(),
            _ => true,
        }
    }

    fn goes(&mut self, step: Step) {
        let is_patch = match step {
            Step::Orders(order) => return self.order = order,
            Step::Sends(_) | Step::Reconnect => return,
            Step::Patch => {
                self.push(self.other_path(), true);
                true
            }
            Step::Navigate(path) => {
                self.push(path, false);
                false
            }
            Step::Back => {
                self.at -= 1;
                self.places[self.at + 1].is_patch
            }
            Step::Forward => {
                self.at += 1;
                self.places[self.at].is_patch
            }
        };
        if !is_patch {
            self.is_new();
        }
    }

    fn sends(&mut self, sent: Sent) -> Fate {
        if self.is_guarded() {
            let (view, what) = match sent {
                Sent::Write => ("Desk", "write writes"),
                Sent::Look => ("Desk", "look reads"),
                Sent::Save => ("Desk", "save writes"),
                Sent::Crash => ("Desk", "crash writes"),
                Sent::Stamp => ("Desk Stamp", "press writes"),
                Sent::Tear => ("Memo", "tear writes"),
            };
            self.seen.push(format!("{view} {what} at {} of /desk/{{tab}}", self.path()));
            match self.order {
                Order::Pass => {}
                Order::Flash => return Fate::Refused("Not here."),
                Order::Silent => return Fate::Refused(""),
                Order::Fail | Order::NoPath => {
                    return Fate::Refused("Something went wrong. Please try again.");
                }
                Order::Redirect => return Fate::Redirected,
                Order::Navigate => {
                    self.push("/free", false);
                    self.is_new();
                    return Fate::Navigated;
                }
                Order::Panic => {
                    self.crashes(sent);
                    return Fate::Crashed;
                }
            }
        }
        match sent {
            Sent::Write => self.done.push("write"),
            Sent::Look => self.done.push("look"),
            Sent::Save => self.done.push("save:x"),
            Sent::Stamp => self.n_stamps += 1,
            Sent::Tear => self.n_torn += 1,
            Sent::Crash => {
                self.crashes(sent);
                return Fate::Crashed;
            }
        }
        Fate::Handled
    }

    fn crashes(&mut self, sent: Sent) {
        match sent {
            Sent::Tear => self.n_torn = 0,
            _ => self.is_new(),
        }
    }
}

/// One tab: the page's view and the one that is nested in it.
struct Tab {
    desk: TestView,
    memo: TestView,
}

impl Tab {
    async fn open(app: &TestApp) -> Self {
        let desk = app.get("/desk/a").await.join().await;
        let memo = desk.child("memo").await;
        Self { desk, memo }
    }

    async fn goes(&mut self, step: Step, other_path: &str) {
        let desk = &mut self.desk;
        match step {
            Step::Orders(_) | Step::Sends(_) => return,
            Step::Patch => {
                let link = if other_path == "/desk/b" { "#to-desk" } else { "#to-free" };
                return desk.click(link).await;
            }
            Step::Navigate(path) => desk.navigate(path).await,
            Step::Back => desk.back().await,
            Step::Forward => desk.forward().await,
            Step::Reconnect => desk.reconnect().await,
        }
        self.memo = desk.child("memo").await;
    }

    async fn sends(&mut self, sent: Sent, fate: Fate) {
        let n_replies = self.view(sent).replies().len();
        match sent {
            Sent::Write => self.desk.click("#write").await,
            Sent::Look => self.desk.click("#look").await,
            Sent::Save => self.desk.submit("#form", &[("text", "x")]).await,
            Sent::Crash => self.desk.send_event("click", "crash", json!({}), None).await,
            Sent::Stamp => self.desk.click("#stamp").await,
            Sent::Tear => self.memo.click("#tear").await,
        }
        match fate {
            Fate::Handled | Fate::Refused(_) => {
                let replies = self.view(sent).replies();
                assert_eq!(
                    (replies.len(), &replies[n_replies]["status"]),
                    (n_replies + 1, &json!("ok"))
                );
                assert_eq!(self.view(sent).outcome(), &Outcome::Open);
            }
            Fate::Crashed => {
                let view = self.view(sent);
                assert_eq!(view.outcome(), &Outcome::Crashed);
                view.join().await;
                if sent != Sent::Tear {
                    self.memo = self.desk.child("memo").await;
                }
            }
            Fate::Redirected => {
                assert_eq!(self.view(sent).outcome(), &Outcome::Redirected("/out".into()));
            }
            Fate::Navigated => {
                self.desk.settle().await;
                self.memo = self.desk.child("memo").await;
            }
        }
        if let Fate::Refused(said) = fate
            && !said.is_empty()
        {
            assert_eq!(self.view(sent).text(".flash.error"), said);
        }
    }

    /// The view that is sent it, or whose component is.
    fn view(&mut self, sent: Sent) -> &mut TestView {
        if sent == Sent::Tear { &mut self.memo } else { &mut self.desk }
    }

    fn shows(&self, model: &Model, porter: &Porter, step: Step) {
        assert_eq!((self.desk.path(), self.desk.loads()), (model.path(), 1), "{step:?}");
        assert_eq!(self.desk.text("#done"), model.done.join(" "), "{step:?}");
        assert_eq!(self.desk.text("#stamp"), model.n_stamps.to_string(), "{step:?}");
        assert_eq!(self.memo.text("#torn"), model.n_torn.to_string(), "{step:?}");
        assert_eq!(porter.seen(), model.seen, "{step:?}");
    }
}

async fn check(steps: Vec<Step>) {
    let (app, porter) = app();
    let (mut tab, mut model) = (Tab::open(&app).await, Model::new(Order::Pass));
    for step in steps {
        if !model.can(step) {
            continue;
        }
        if let Step::Orders(order) = step {
            porter.orders(order);
        }
        tab.goes(step, model.other_path()).await;
        model.goes(step);
        if let Step::Sends(sent) = step {
            let fate = model.sends(sent);
            tab.sends(sent, fate).await;
            if fate == Fate::Redirected {
                assert_eq!(porter.seen(), model.seen);
                (tab, model) = (Tab::open(&app).await, Model::new(model.order));
            }
        }
        tab.shows(&model, &porter, step);
        model.seen.clear();
    }
}

fn step() -> impl Strategy<Value = Step> {
    use Order::{Fail, Flash, Navigate, NoPath, Panic, Pass, Redirect, Silent};
    use Sent::{Crash, Look, Save, Stamp, Tear, Write};
    let order = prop::sample::select(vec![
        Pass, Pass, Flash, Flash, Silent, Fail, NoPath, Panic, Redirect, Navigate,
    ]);
    let sent = prop::sample::select(vec![Write, Look, Save, Stamp, Stamp, Tear, Tear, Crash]);
    prop_oneof![
        4 => order.prop_map(Step::Orders),
        12 => sent.prop_map(Step::Sends),
        4 => Just(Step::Patch),
        2 => prop::sample::select(vec!["/desk/d", "/free/e"]).prop_map(Step::Navigate),
        2 => Just(Step::Back),
        1 => Just(Step::Forward),
        2 => Just(Step::Reconnect),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_refused_event_never_reaches_its_callback_and_any_other_does(
        steps in prop::collection::vec(step(), 1..32),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(steps));
    }
}

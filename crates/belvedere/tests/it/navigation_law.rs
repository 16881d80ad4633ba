//! Whatever a visitor does, the address bar, the view and its state say the same.

use axum::Router;
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};
use proptest::prelude::*;
use serde_json::json;

use crate::views::{Book, Calls, Catalog, Lobby, config, radio, served};

#[derive(Clone, Copy, Debug)]
enum Step {
    Patch,
    Navigate,
    Back,
    Forward,
    Click,
    Reconnect,
    Crash,
    Script(u32),
    /// In the layout.
    Play,
    PlayerGoes,
    PlayerCrashes,
    /// In a view that a component of the page places.
    Say,
    /// Takes that view away, or brings it.
    Toggle,
}

/// An entry of the history: a page of the catalog, or the lobby with a guest in its booth.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    page: Option<u32>,
    /// It was reached by a patch from the entry before, so the two belong to one view.
    is_patch: bool,
}

struct Model {
    places: Vec<Place>,
    at: usize,
    n_clicks: u32,
    n_plays: u32,
    /// What the guest of the lobby has said, while it is shown.
    n_said: Option<u32>,
}

impl Model {
    fn place(&self) -> Place {
        self.places[self.at]
    }

    fn push(&mut self, place: Place) {
        self.places.truncate(self.at + 1);
        self.places.push(place);
        self.at += 1;
    }

    /// Whether the step can be taken, and what it leads to.
    fn take(&mut self, step: Step) -> bool {
        let is_new = match (step, self.place().page) {
            (Step::Patch, Some(page)) if page < 8 => {
                self.push(Place { page: Some(page + 1), is_patch: true });
                false
            }
            (Step::Navigate | Step::PlayerGoes, page) => {
                self.n_plays += u32::from(matches!(step, Step::PlayerGoes));
                let page = page.is_none().then_some(3);
                self.push(Place { page, is_patch: false });
                true
            }
            (Step::Back, _) if self.at > 0 => {
                self.at -= 1;
                !self.places[self.at + 1].is_patch
            }
            (Step::Forward, _) if self.at + 1 < self.places.len() => {
                self.at += 1;
                !self.place().is_patch
            }
            (Step::Click, _) => {
                self.n_clicks += 1;
                false
            }
            (Step::Reconnect, _) => false,
            (Step::Crash, Some(_)) => true,
            (Step::Script(page), Some(_)) => {
                self.places[self.at].page = Some(page);
                false
            }
            (Step::Play, _) => {
                self.n_plays += 1;
                false
            }
            (Step::PlayerCrashes, _) => {
                self.n_plays = 0;
                false
            }
            (Step::Say, None) if self.n_said.is_some() => {
                self.n_said = self.n_said.map(|n_said| n_said + 1);
                false
            }
            (Step::Toggle, None) => {
                self.n_said = if self.n_said.is_some() { None } else { Some(0) };
                false
            }
            _ => return false,
        };
        if is_new {
            self.n_clicks = 0;
            self.n_said = self.place().page.is_none().then_some(0);
        }
        true
    }
}

/// Whether the browser joins the views in its page anew.
fn is_joined_anew(step: Step) -> bool {
    use Step::{Back, Forward, Navigate, PlayerGoes, Reconnect};
    matches!(step, Back | Forward | Navigate | PlayerGoes | Reconnect)
}

/// The views of a tab besides its page's own.
struct Others {
    player: TestView,
    guest: Option<TestView>,
}

async fn act(view: &mut TestView, others: &mut Others, step: Step, is_catalog: bool) {
    let elsewhere = if is_catalog { "/lobby/booth" } else { "/catalog?page=3" };
    let player = &mut others.player;
    match step {
        Step::Patch => view.click("#next").await,
        Step::Navigate => view.navigate(elsewhere).await,
        Step::Back => view.back().await,
        Step::Forward => view.forward().await,
        Step::Click => view.click("#click").await,
        Step::Reconnect => view.reconnect().await,
        Step::Crash => {
            view.send_event("click", "crash", json!({}), None).await;
            assert_eq!(view.outcome(), &Outcome::Crashed);
            view.join().await;
        }
        Step::Script(page) => {
            view.rewrite_url(&format!("/catalog?page={page}"));
            view.reconnect().await;
        }
        Step::Play => player.click(".play").await,
        Step::PlayerGoes => {
            player.send_event("click", "go", json!({ "to": elsewhere }), None).await;
            view.settle().await;
        }
        Step::PlayerCrashes => {
            player.send_event("click", "panic", json!({}), None).await;
            player.join().await;
        }
        Step::Say => others.guest.as_mut().expect("a guest").click(".say").await,
        Step::Toggle => view.click("#toggle").await,
    }
    if matches!(step, Step::Reconnect | Step::Script(_)) {
        others.player = view.in_layout("radio").await;
    }
}

fn app() -> (TestApp, LiveRuntime) {
    let (catalogs, lobbies) = (Router::new(), Router::new());
    let catalogs = catalogs.live::<Catalog>("/catalog").with_state(Calls::default());
    let lobbies = lobbies.live::<Lobby>("/lobby/{names}").with_state(Book::default());
    let layout = radio(&Book::default(), &["radio"], "");
    let live = LiveRuntime::new(LiveConfig { layout, ..config() });
    (served(live.clone(), catalogs.merge(lobbies)), live)
}

async fn check(steps: Vec<Step>) {
    let (app, live) = app();
    let mut view = app.get("/catalog?page=0").await.join().await;
    let mut others = Others { player: view.in_layout("radio").await, guest: None };
    let first = Place { page: Some(0), is_patch: false };
    let mut model = Model { places: vec![first], at: 0, n_clicks: 0, n_plays: 0, n_said: None };
    for step in steps {
        let is_catalog = model.place().page.is_some();
        if !model.take(step) {
            continue;
        }
        act(&mut view, &mut others, step, is_catalog).await;
        let path = match model.place().page {
            Some(page) => {
                assert_eq!(view.text("h1"), page.to_string(), "{step:?}");
                format!("/catalog?page={page}")
            }
            None => "/lobby/booth".to_owned(),
        };
        assert_eq!(view.path(), path, "{step:?}");
        assert_eq!(view.text("output"), model.n_clicks.to_string(), "{step:?}");
        assert_eq!(others.player.text("b"), format!("radio {}", model.n_plays), "{step:?}");
        if model.n_said.is_none() {
            others.guest = None;
        } else if others.guest.is_none() || is_joined_anew(step) {
            others.guest = Some(view.child("guest").await);
        }
        let said = others.guest.as_ref().map(|guest| guest.text("b"));
        assert_eq!(said, model.n_said.map(|n_said| format!("guest {n_said}")), "{step:?}");
        let n_views = 2 + usize::from(model.n_said.is_some());
        assert_eq!((view.loads(), live.n_views()), (1, n_views), "{step:?}");
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Patch),
        2 => Just(Step::Navigate),
        3 => Just(Step::Back),
        2 => Just(Step::Forward),
        2 => Just(Step::Click),
        1 => Just(Step::Reconnect),
        1 => Just(Step::Crash),
        1 => (0..9u32).prop_map(Step::Script),
        1 => Just(Step::Play),
        1 => Just(Step::PlayerGoes),
        1 => Just(Step::PlayerCrashes),
        2 => Just(Step::Say),
        2 => Just(Step::Toggle),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn address_view_and_state_agree(steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(steps));
    }
}

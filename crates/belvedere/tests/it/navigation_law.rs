//! Whatever a visitor does, the address bar, the view and its state say the same.

use belvedere::testing::{Outcome, TestView};
use proptest::prelude::*;
use serde_json::json;

use crate::navigating::app;

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
}

/// An entry of the history: a page of the catalog, or the counter.
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
            (Step::Navigate, page) => {
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
            _ => return false,
        };
        if is_new {
            self.n_clicks = 0;
        }
        true
    }
}

async fn act(view: &mut TestView, step: Step, is_catalog: bool) {
    match step {
        Step::Patch => view.click("#next").await,
        Step::Navigate if is_catalog => view.navigate("/counter/0").await,
        Step::Navigate => view.navigate("/catalog?page=3").await,
        Step::Back => view.back().await,
        Step::Forward => view.forward().await,
        Step::Click if is_catalog => view.click("#click").await,
        Step::Click => view.click("#inc").await,
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
    }
}

async fn check(steps: Vec<Step>) {
    let (app, live) = app();
    let mut view = app.get("/catalog?page=0").await.join().await;
    let first = Place { page: Some(0), is_patch: false };
    let mut model = Model { places: vec![first], at: 0, n_clicks: 0 };
    for step in steps {
        let is_catalog = model.place().page.is_some();
        if !model.take(step) {
            continue;
        }
        act(&mut view, step, is_catalog).await;
        let path = match model.place().page {
            Some(page) => {
                assert_eq!(view.text("h1"), page.to_string(), "{step:?}");
                format!("/catalog?page={page}")
            }
            None => "/counter/0".to_owned(),
        };
        assert_eq!(view.path(), path, "{step:?}");
        assert_eq!(view.text("output"), model.n_clicks.to_string(), "{step:?}");
        assert_eq!((view.loads(), live.n_views()), (1, 1), "{step:?}");
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

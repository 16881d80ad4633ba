//! Commands and portals in a running view.

use axum::Router;
use axum::extract::Path;
use belvedere::js::Target;
use belvedere::testing::TestView;
use belvedere::{
    ComponentId, Element, Js, LiveComponent, LiveEvent, LiveRouter, LiveRuntime, LiveView,
    LocalPath, MountError, Render, Result, Socket, component, live, portal,
};
use serde_json::json;

use crate::views::{Dialog, config, served};

async fn dialog() -> TestView {
    let router = Router::new().live::<Dialog>("/dialog");
    served(LiveRuntime::new(config()), router).get("/dialog").await.join().await
}

#[tokio::test]
async fn an_event_among_commands_reaches_the_view_and_changes_what_is_in_a_portal() {
    let mut view = dialog().await;
    view.click("#add").await;
    view.click("#add").await;
    assert_eq!(view.text("#dialog output"), "6");
    let answer = view.replies().last().unwrap()["response"]["diff"].to_string();
    assert!(answer.len() < 60, "one number is sent: {answer}");
}

#[tokio::test]
async fn a_click_brings_what_its_event_asks_to_be_measured_and_nothing_else() {
    let mut view = dialog().await;
    view.click_with("#set", &[("offset_x", json!(4)), ("alt_key", json!(true))]).await;
    assert_eq!(view.text("#dialog output"), "5");
    view.click("#set").await;
    assert_eq!(view.text("#dialog output"), "0");
    view.click_with("#add", &[("amount", json!(7))]).await;
    assert_eq!(view.text("#dialog output"), "3");
}

#[tokio::test]
async fn a_push_names_its_component() {
    let mut view = dialog().await;
    view.click("#switch").await;
    assert_eq!(view.text("#dialog #switch"), "on");
}

/// Has content elsewhere.
struct Panel;

impl LiveComponent for Panel {
    type Props = ();
    type Event = ();
    type Message = ();

    fn mount((): &()) -> Self {
        Self
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! {
            div phx-remove=(Js::new().hide(Target::This)) {
                (portal("panel", "body", live! { p { "elsewhere" } }))
            }
        }
    }
}

struct Panelled {
    is_open: bool,
}

#[derive(LiveEvent)]
enum PanelledEvent {
    Close,
}

impl LiveView for Panelled {
    type Extract = ();
    type Params = ();
    type Event = PanelledEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_open: true })
    }

    async fn handle_event(
        &mut self,
        PanelledEvent::Close: PanelledEvent,
        _: &mut Socket<Self>,
    ) -> Result {
        self.is_open = false;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button phx-click=(PanelledEvent::Close) {}
            @if self.is_open { (component::<Panel>((), ())) }
        }
    }
}

#[tokio::test]
async fn the_browser_looks_through_its_page_when_a_component_with_a_portal_is_gone() {
    let router = Router::new().live::<Panelled>("/");
    let mut view = served(LiveRuntime::new(config()), router).get("/").await.join().await;
    view.click("button").await;
    view.send("cids_will_destroy", json!({ "cids": [1] })).await;
    let n_diffs = view.diffs().len();
    view.send("cids_destroyed", json!({ "cids": [1] })).await;
    view.settle().await;
    assert_eq!(view.replies().last().unwrap()["response"], json!({ "cids": [1] }));
    assert_eq!(view.diffs()[n_diffs..], [json!({ "p": {} })]);
}

#[tokio::test]
async fn a_portal_goes_with_the_template_around_it() {
    let mut view = dialog().await;
    view.click("#close").await;
    assert!(!view.html().contains("data-phx-portal"), "{}", view.html());
}

/// Writes down what was clicked and where, in the order in which it heard of it.
#[derive(Default)]
struct Walker {
    steps: Vec<String>,
}

#[derive(LiveEvent)]
enum Step {
    Take { name: String },
}

impl LiveView for Walker {
    type Extract = ();
    type Params = Path<String>;
    type Event = Step;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_params(
        &mut self,
        Path(at): Path<String>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.steps.push(format!("at {at}"));
        Ok(())
    }

    async fn handle_event(&mut self, step: Step, _: &mut Socket<Self>) -> Result {
        let Step::Take { name } = step;
        self.steps.push(name);
        Ok(())
    }

    fn render(&self) -> impl Render {
        let take = |name: &str| Step::Take { name: name.to_owned() };
        let to = |path: &str| LocalPath::new(path.to_owned()).expect("it is one");
        live! {
            output { (self.steps.join(", ")) }
            a #link patch="/walk/b" phx-click=(take("one")) { "b" }
            button #both phx-click=(
                Js::new().push(take("two")).patch(&to("/walk/c")).push(take("three"))
            ) {}
            button #away phx-click=(
                Js::new().push(take("four")).navigate(&to("/walk/d")).push(take("five"))
            ) {}
        }
    }
}

#[tokio::test]
async fn a_click_does_all_that_its_element_says_in_order() {
    let router = Router::new().live::<Walker>("/walk/{at}");
    let app = served(LiveRuntime::new(config()), router);
    let mut view = app.get("/walk/a").await.join().await;
    view.click("#link").await;
    assert_eq!((view.path(), view.text("output")), ("/walk/b", "at a, at b, one".into()));
    view.click("#both").await;
    assert_eq!(view.text("output"), "at a, at b, one, two, at c, three");
    view.click("#away").await;
    assert_eq!((view.path(), view.text("output")), ("/walk/d", "at d".into()));
}

//! Who else is on a page, where many come and go.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use belvedere::pub_sub::Presence;
use belvedere::testing::{TestApp, TestView};
use belvedere::{
    Heard, Joined, LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, PubSub, Render,
    Result, SecretKeyBase, Socket, Topic, live,
};
use web::company::{Company, Guest};

/// A page that shows who is there, and nothing else.
struct Room {
    company: Company,
}

impl LiveView for Room {
    type Extract = (State<PubSub>, Guest);
    type Params = ();
    type Event = ();
    type Message = Heard<Presence<String>>;

    async fn mount(
        (State(pub_sub), guest): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { company: Company::new(pub_sub, Topic::new("room"), guest) })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        self.company.join(socket, |heard| heard)
    }

    async fn handle_message(&mut self, heard: Self::Message, socket: &mut Socket<Self>) -> Result {
        self.company.hear(heard, socket, |heard| heard)
    }

    fn render(&self) -> impl Render {
        live! { (self.company.line()) }
    }
}

fn room() -> TestApp {
    let config = LiveConfig::new(SecretKeyBase::random());
    let live = LiveRuntime::new(config);
    let router = Router::new().live::<Room>("/").with_state(PubSub::new());
    TestApp::new(&live, live.clone().serve(router))
}

async fn come(app: &TestApp, n_visitors: usize) -> Vec<TestView> {
    let mut views = Vec::new();
    for _ in 0..n_visitors {
        views.push(app.another_visitor().get("/").await.join().await);
    }
    views
}

async fn line(view: &mut TestView) -> String {
    view.settle().await;
    view.text("#company")
}

#[tokio::test(start_paused = true)]
async fn of_many_some_are_named_and_the_others_counted() {
    let app = room();
    let mut ann = app.get("/").await.join().await;
    let mut others = come(&app, 20).await;
    let all = line(&mut ann).await;
    assert_eq!(all.split(", ").count(), 20, "{all}");
    assert!(!all.contains("more"), "{all}");
    others.extend(come(&app, 7).await);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for view in others.iter_mut().chain([&mut ann]) {
        let some = line(view).await;
        assert_eq!(some.split(", ").count(), 20, "{some}");
        assert!(some.ends_with(" and 7 more."), "{some}");
    }
    for mut view in others {
        view.close().await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(line(&mut ann).await.ends_with("the only one here."));
}

#[tokio::test(start_paused = true)]
async fn where_many_come_and_go_a_page_looks_once_in_a_while() {
    let app = room();
    let mut ann = app.get("/").await.join().await;
    let _many = come(&app, 30).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    ann.settle().await;
    let before = ann.frames();
    let others = come(&app, 40).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(line(&mut ann).await.ends_with(" and 50 more."));
    let n_frames = ann.frames() - before;
    assert!(n_frames <= 2, "at once, and after the pause: {n_frames}");
    drop(others);
}

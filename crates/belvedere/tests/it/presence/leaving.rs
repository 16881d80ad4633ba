//! A person who goes from one thing to the next by the URL of one view.

use axum::Router;
use axum::extract::State;
use belvedere::pub_sub::{Heard, Presence};
use belvedere::{
    Joined, LiveEvent, LivePath, LiveRouter, LiveRuntime, LiveView, MountError, PubSub, Render,
    Result, Socket, Topic, live,
};
use serde::{Deserialize, Serialize};

use crate::views::{Counter, config, served};

fn readers(ticket: u32) -> Topic<Presence<()>> {
    Topic::keyed("readers", ticket)
}

/// All tickets are closed.
const CLOSED: Topic<()> = Topic::new("closed");

#[derive(LivePath, Serialize, Deserialize)]
#[live_path("/{name}/{ticket}")]
struct At {
    name: String,
    ticket: u32,
}

struct Ticket {
    pub_sub: PubSub,
    ticket: Option<u32>,
}

impl LiveView for Ticket {
    type Extract = State<PubSub>;
    type Params = At;
    type Event = ();
    type Message = Heard<()>;

    async fn mount(
        State(pub_sub): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { pub_sub, ticket: None })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.subscribe_to(&self.pub_sub, &CLOSED, |heard| heard)?)
    }

    async fn handle_message(&mut self, _: Self::Message, socket: &mut Socket<Self>) -> Result {
        socket.untrack(&self.pub_sub, &readers(self.ticket.unwrap_or_default()));
        Ok(())
    }

    async fn handle_params(
        &mut self,
        At { name, ticket }: At,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        if let Some(before) = self.ticket.replace(ticket) {
            socket.untrack(&self.pub_sub, &readers(before));
        }
        Ok(socket.track(&self.pub_sub, &readers(ticket), name, &())?)
    }

    fn render(&self) -> impl Render {
        live! { h1 { "Ticket " (self.ticket.unwrap_or_default()) } }
    }
}

#[tokio::test]
async fn who_goes_on_to_another_thing_has_left_the_one_before() {
    let pub_sub = PubSub::new();
    let present = |ticket| {
        let people = pub_sub.present(&readers(ticket)).into_iter();
        people.map(|person| person.person).collect::<Vec<_>>().join(", ")
    };
    let router = Router::new().live::<Ticket>(At::ROUTE).with_state(pub_sub.clone());
    let app = served(LiveRuntime::new(config()), router);
    let bob = app.another_visitor().get("/Bob/0").await.join().await;
    let mut ann = app.get("/Ann/0").await.join().await;
    assert_eq!(present(0), "Ann, Bob");
    for ticket in 1..=40 {
        ann.patch(&format!("/Ann/{ticket}")).await;
        assert_eq!(ann.text("h1"), format!("Ticket {ticket}"));
        assert_eq!((present(ticket - 1).contains("Ann"), &*present(ticket)), (false, "Ann"));
    }
    assert_eq!(present(0), "Bob");
    drop(bob);
}

#[tokio::test(start_paused = true)]
async fn who_is_waited_for_has_left_as_soon_as_the_view_says_so() {
    let pub_sub = PubSub::new();
    let router = Router::new().live::<Ticket>(At::ROUTE).with_state(pub_sub.clone());
    let app = served(LiveRuntime::new(config()), router);
    let mut ann = app.get("/Ann/0").await.join().await;
    ann.disconnect().await;
    assert_eq!(pub_sub.n_present(&readers(0)), 1, "she may be back in a moment");
    pub_sub.publish(&CLOSED, ()).unwrap();
    app.settle().await;
    assert_eq!(pub_sub.n_present(&readers(0)), 0);
    ann.reconnect().await;
    assert_eq!(pub_sub.n_present(&readers(0)), 0, "nor does she come back by herself");
}

/// Sends its visitor away.
struct Gateway {
    pub_sub: PubSub,
}

#[derive(LiveEvent)]
enum Goes {
    Navigate,
    Redirect,
}

impl LiveView for Gateway {
    type Extract = State<PubSub>;
    type Params = ();
    type Event = Goes;
    type Message = ();

    async fn mount(
        State(pub_sub): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { pub_sub })
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        Ok(socket.track(&self.pub_sub, &readers(0), "Ann", &())?)
    }

    async fn handle_event(&mut self, event: Goes, socket: &mut Socket<Self>) -> Result {
        match event {
            Goes::Navigate => socket.navigate("/counter")?,
            Goes::Redirect => socket.redirect("/counter")?,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button #navigate phx-click=(Goes::Navigate) {}
            button #redirect phx-click=(Goes::Redirect) {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_sent_away_by_the_view_has_left() {
    let pub_sub = PubSub::new();
    let router = Router::new().live::<Gateway>("/").with_state(pub_sub.clone());
    let router = router.live::<Counter>("/counter");
    let app = served(LiveRuntime::new(config()), router);
    for way in ["#navigate", "#redirect"] {
        let mut ann = app.get("/").await.join().await;
        assert_eq!(pub_sub.n_present(&readers(0)), 1);
        ann.click(way).await;
        assert_eq!(pub_sub.n_present(&readers(0)), 0, "{way}");
    }
}

//! A person who goes from one thing to the next by the URL of one view.

use axum::Router;
use axum::extract::State;
use belvedere::pub_sub::Presence;
use belvedere::{
    LivePath, LiveRouter, LiveRuntime, LiveView, MountError, PubSub, Render, Result, Socket, Topic,
    live,
};
use serde::{Deserialize, Serialize};

use crate::views::{config, served};

fn readers(ticket: u32) -> Topic<Presence<()>> {
    Topic::keyed("readers", ticket)
}

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
    type Message = ();

    async fn mount(
        State(pub_sub): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { pub_sub, ticket: None })
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

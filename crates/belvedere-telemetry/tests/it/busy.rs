//! Acts of a view that is asked more before its browser has taken the last answer.

use std::sync::OnceLock;

use belvedere::{LiveEvent, LiveView, MessageSender, MountError, Render, Result, Socket, live};
use serde_json::json;
use tokio::sync::Notify;

use crate::live::{acts, visitor};

static SENDER: OnceLock<MessageSender<()>> = OnceLock::new();
static ARRIVED: Notify = Notify::const_new();
static ADMITTED: Notify = Notify::const_new();

/// Counts what happens to it, and waits in its events.
struct Busy {
    seen: u32,
}

#[derive(LiveEvent)]
enum Event {
    Wait,
}

impl LiveView for Busy {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        SENDER.get_or_init(|| socket.sender());
        Ok(Self { seen: 0 })
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        ARRIVED.notify_one();
        ADMITTED.notified().await;
        self.seen += 1;
        Ok(())
    }

    async fn handle_message(&mut self, (): (), _: &mut Socket<Self>) -> Result {
        self.seen += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { p { (self.seen) } }
    }
}

#[tokio::test]
async fn a_message_that_an_event_answers_for_has_ended_with_it() {
    let mut view = visitor::<Busy>("/busy").get("/busy").await.join().await;
    let wait = json!({ "type": "click", "event": "wait", "value": {} });
    view.send_at_once("event", wait.clone()).await;
    ARRIVED.notified().await;
    SENDER.get().unwrap().send(()).unwrap();
    view.send_at_once("event", wait).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    ADMITTED.notify_one();
    ARRIVED.notified().await;
    ADMITTED.notify_one();
    view.settle().await;
    assert_eq!((view.text("p"), view.replies().len()), ("3".to_owned(), 2));
    let names: Vec<_> = acts(view.trace_id()).into_iter().map(|act| act.name).collect();
    let expected = ["Busy join", "Busy handle_event wait", "Busy handle_message"];
    assert_eq!(names[..3], expected, "{names:?}");
    assert_eq!(names.len(), 4, "the last event");
}

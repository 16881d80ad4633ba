//! `/counter`: one number, two buttons.

use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Snapshot, Socket, flash, live};

/// The page's state.
#[derive(Debug)]
pub struct Counter {
    count: i64,
}

/// What its buttons ask for.
#[derive(Debug, LiveEvent)]
pub enum Event {
    /// One more.
    Inc,
    /// One less.
    Dec,
}

impl LiveView for Counter {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.set_title("Counter");
        Ok(Self { count: 0 })
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |counter| counter.count, |counter, count| counter.count = count)
    }

    async fn handle_event(&mut self, event: Event, _socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Inc => self.count = self.count.saturating_add(1),
            Event::Dec => self.count = self.count.saturating_sub(1),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { "Counter" }
            div.card.counter {
                output id="count" aria-live="polite" { (self.count) }
                div {
                    button type="button" id="dec" aria-label="One less" phx-click=(Event::Dec)
                        data-each-click { "−" }
                    button type="button" id="inc" aria-label="One more" phx-click=(Event::Inc)
                        data-each-click { "+" }
                }
            }
        }
    }
}

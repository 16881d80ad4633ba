use axum::extract::Path;
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};

/// One number, up and down; starts where the path says.
pub(crate) struct Counter {
    count: i64,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Inc,
    Dec,
    Add { amount: i64 },
}

impl LiveView for Counter {
    type Extract = Option<Path<i64>>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(start: Option<Path<i64>>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { count: start.map_or(0, |Path(start)| start) })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        self.count += match event {
            Event::Inc => 1,
            Event::Dec => -1,
            Event::Add { amount } => amount,
        };
        socket.set_title(format!("Count {}", self.count));
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            output { (self.count) }
            button #inc phx-click=(Event::Inc) { "+" }
            button #dec phx-click=(Event::Dec) { "−" }
            button #ten phx-click=(Event::Add { amount: 10 }) { "+10" }
        }
    }
}

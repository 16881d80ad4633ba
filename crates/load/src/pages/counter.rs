//! `/counter`: the least a click can cost.

use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};

/// One number.
#[derive(Debug)]
pub struct Counter {
    count: i64,
}

/// What its buttons ask for.
#[derive(Debug, LiveEvent)]
pub enum CounterEvent {
    /// One more.
    Inc,
    /// One less.
    Dec,
}

impl LiveView for Counter {
    type Extract = ();
    type Params = ();
    type Event = CounterEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::at(0))
    }

    async fn handle_event(&mut self, event: CounterEvent, _: &mut Socket<Self>) -> Result {
        self.handle(&event);
        Ok(())
    }

    fn render(&self) -> impl Render {
        self.page()
    }
}

impl Counter {
    pub(super) const fn at(count: i64) -> Self {
        Self { count }
    }

    pub(super) const fn count(&self) -> i64 {
        self.count
    }

    pub(super) fn handle(&mut self, event: &CounterEvent) {
        match event {
            CounterEvent::Inc => self.count += 1,
            CounterEvent::Dec => self.count -= 1,
        }
    }

    pub(super) fn page(&self) -> impl Render {
        live! {
            header {
                h1 { "Counter" }
                p { "A count kept in the socket, with a few static elements around it." }
            }
            main #counter {
                p { "Count: " span #count { (self.count) } }
                button #inc phx-click=(CounterEvent::Inc) { "+" }
                button #dec phx-click=(CounterEvent::Dec) { "-" }
            }
            footer { a href="/table" { "Table" } a href="/feed" { "Feed" } a href="/form" { "Form" } }
        }
    }
}

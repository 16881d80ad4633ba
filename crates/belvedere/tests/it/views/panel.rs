use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveView, MessageSender, MountError,
    Render, Result, Socket, component, flash, live, template::Element,
};

/// Senders to a panel and to its gauges: the panel's of the first gauge, and the gauges' own in the
/// order of their first load.
#[derive(Clone, Default)]
pub(crate) struct Lines {
    pub(crate) panel: Arc<Mutex<Option<MessageSender<u32>>>>,
    pub(crate) first: Arc<Mutex<Option<MessageSender<Reading>>>>,
    pub(crate) gauges: Arc<Mutex<Vec<MessageSender<Reading>>>>,
}

/// Gauges, as many as it was last told, whose readings come from outside. A number beyond 100 is a
/// reading that it passes on to the first.
pub(crate) struct Panel {
    n_gauges: u32,
}

impl LiveView for Panel {
    type Extract = State<Lines>;
    type Params = ();
    type Event = ();
    type Message = u32;

    async fn mount(
        State(lines): State<Lines>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        *lines.panel.lock().expect("no test panics with it") = Some(socket.sender());
        let first = socket.component_sender::<Gauge>(1);
        *lines.first.lock().expect("no test panics with it") = Some(first);
        socket.provide(lines);
        Ok(Self { n_gauges: 2 })
    }

    async fn handle_message(&mut self, number: u32, socket: &mut Socket<Self>) -> Result {
        if number > 100 {
            socket.send_component::<Gauge>(1, Reading::Value(number));
        } else {
            self.n_gauges = number;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { (self.n_gauges) }
            @for id in 1..=self.n_gauges { div key=(id) { (component::<Gauge>(id, id)) } }
        }
    }
}

/// Shows the last reading.
pub(crate) struct Gauge {
    id: u32,
    shown: u32,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Reading {
    Value(u32),
    Alarm(u32),
    Broken,
}

#[derive(LiveEvent)]
pub(crate) enum GaugeEvent {
    Measure,
    MeasureLater,
}

impl LiveComponent for Gauge {
    type Props = u32;
    type Event = GaugeEvent;
    type Message = Reading;

    fn mount(id: &u32) -> Self {
        Self { id: *id, shown: 0 }
    }

    async fn update(&mut self, id: u32, socket: &mut ComponentSocket<'_>) -> Result {
        let lines = socket.provided::<Lines>().expect("the view provides it");
        lines
            .gauges
            .lock()
            .expect("no test panics with it")
            .push(socket.component_sender::<Self>(id));
        Ok(())
    }

    async fn handle_event(
        &mut self,
        event: GaugeEvent,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        match event {
            GaugeEvent::Measure => {
                let sender = socket.component_sender::<Self>(self.id);
                socket.spawn("measure", async move {
                    let _ = sender.send(Reading::Value(42));
                })?;
            }
            GaugeEvent::MeasureLater => {
                let delay = Duration::from_secs(5);
                socket.send_after::<Self>(self.id, delay, Reading::Value(7))?;
            }
        }
        Ok(())
    }

    async fn handle_message(
        &mut self,
        reading: Reading,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        match reading {
            Reading::Value(value) => self.shown = value,
            Reading::Alarm(value) => socket.put_flash("error", format!("{value} is too much")),
            Reading::Broken => Err(std::fmt::Error)?,
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "gauge-" (self.id) } {
                output { (self.shown) }
                button.measure phx-click=(GaugeEvent::Measure) phx-target=(target) {}
                button.later phx-click=(GaugeEvent::MeasureLater) phx-target=(target) {}
            }
        }
    }
}

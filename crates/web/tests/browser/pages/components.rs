use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveView, MountError, Render, Result,
    Snapshot, Socket, component, live, template::Element,
};

/// Counters that come, go and change places.
pub(crate) struct Components {
    keys: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    /// The components' keys in their new order.
    Arrange { keys: String },
}

impl LiveView for Components {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { keys: "abc".into() })
    }

    async fn handle_event(
        &mut self,
        Event::Arrange { keys }: Event,
        _: &mut Socket<Self>,
    ) -> Result {
        self.keys = keys;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            ul #counters {
                @for key in self.keys.chars() {
                    li #{ "row-" (key) } key=(key) { (component::<Counter>(key, key)) }
                }
            }
        }
    }
}

/// Counts its own clicks.
pub(crate) struct Counter {
    key: char,
    clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum CounterEvent {
    Click,
}

impl LiveComponent for Counter {
    type Props = char;
    type Event = CounterEvent;
    type Message = ();

    fn mount(key: &char) -> Self {
        Self { key: *key, clicks: 0 }
    }

    async fn update(&mut self, key: char, _: &mut ComponentSocket<'_>) -> Result {
        self.key = key;
        Ok(())
    }

    async fn handle_event(&mut self, _: CounterEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.clicks += 1;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |counter| counter.clicks, |counter, clicks| counter.clicks = clicks)
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "counter-" (self.key) } {
                button #{ "click-" (self.key) } phx-click=(CounterEvent::Click) phx-target=(target) {
                    (self.key)
                }
                output { (self.clicks) }
                (component::<Star>(self.key, self.key))
                input #{ "note-" (self.key) } name="note";
            }
        }
    }
}

/// A component within a component, on or off.
pub(crate) struct Star {
    key: char,
    is_on: bool,
}

#[derive(LiveEvent)]
pub(crate) enum StarEvent {
    Toggle,
}

impl LiveComponent for Star {
    type Props = char;
    type Event = StarEvent;
    type Message = ();

    fn mount(key: &char) -> Self {
        Self { key: *key, is_on: false }
    }

    async fn update(&mut self, key: char, _: &mut ComponentSocket<'_>) -> Result {
        self.key = key;
        Ok(())
    }

    async fn handle_event(&mut self, _: StarEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.is_on = !self.is_on;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |star| star.is_on, |star, is_on| star.is_on = is_on)
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            button #{ "star-" (self.key) } phx-click=(StarEvent::Toggle) phx-target=(target) {
                @if self.is_on { "on" } @else { "off" }
            }
        }
    }
}

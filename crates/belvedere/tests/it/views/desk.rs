use axum::extract::Path;
use belvedere::{
    ComponentId, ComponentSocket, Element, LiveComponent, LiveEvent, LiveView, MountError, Render,
    Result, Socket, component, flash, live, nested,
};
use serde::Deserialize;

/// Writes down what was done at it, and shows the tab that its URL names: none is `-`.
pub(crate) struct Desk {
    tab: String,
    done: Vec<String>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Write,
    #[live_event(reads)]
    Look,
    #[live_event(reads)]
    Typed(Typed),
    Save(Typed),
    Key {
        key: String,
    },
    Crash,
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    text: String,
}

impl LiveView for Desk {
    type Extract = ();
    type Params = Option<Path<String>>;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { tab: "-".to_owned(), done: Vec::new() })
    }

    async fn handle_params(
        &mut self,
        tab: Option<Path<String>>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.tab = tab.map_or_else(|| "-".to_owned(), |Path(tab)| tab);
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.done.push(match event {
            Event::Write => "write".to_owned(),
            Event::Look => "look".to_owned(),
            Event::Typed(Typed { text }) => format!("typed:{text}"),
            Event::Save(Typed { text }) => format!("save:{text}"),
            Event::Key { key } => format!("key:{key}"),
            Event::Crash => panic!("on purpose"),
        });
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            div #desk {
                (flash())
                h1 { (self.tab) }
                output #done { (self.done.join(" ")) }
                button #write phx-click=(Event::Write) {}
                button #look phx-click=(Event::Look) {}
                form #form phx-change=(Event::TYPED) phx-submit=(Event::SAVE)
                    phx-auto-recover="ignore" { input name="text"; }
                a #to-desk patch="/desk/b" { "desk" }
                a #to-free patch="/free/c" { "free" }
                (component::<Stamp>("stamp", ()))
                (nested::<Memo>("memo", ()))
            }
        }
    }
}

/// Counts how often it was pressed.
struct Stamp(u32);

#[derive(LiveEvent)]
enum StampEvent {
    Press,
}

impl LiveComponent for Stamp {
    type Props = ();
    type Event = StampEvent;
    type Message = ();

    fn mount((): &()) -> Self {
        Self(0)
    }

    async fn handle_event(
        &mut self,
        StampEvent::Press: StampEvent,
        _: &mut ComponentSocket<'_>,
    ) -> Result {
        self.0 += 1;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! { button #stamp phx-click=(StampEvent::Press) phx-target=(target) { (self.0) } }
    }
}

/// Counts how often it was torn.
struct Memo(u32);

#[derive(LiveEvent)]
enum MemoEvent {
    Tear,
}

impl LiveView for Memo {
    type Extract = ();
    type Params = ();
    type Event = MemoEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(0))
    }

    async fn handle_event(&mut self, MemoEvent::Tear: MemoEvent, _: &mut Socket<Self>) -> Result {
        self.0 += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            button #tear phx-click=(MemoEvent::Tear) {}
            output #torn { (self.0) }
        }
    }
}

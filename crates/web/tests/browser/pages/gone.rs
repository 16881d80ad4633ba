use std::time::Duration;

use belvedere::js::{Dispatch, Target, Transition};
use belvedere::{Js, LiveEvent, LiveView, MountError, Render, Result, Socket, live};

/// Long enough to be seen by a test that looks, however slow the machine.
const SLOW: Transition<'_> = Transition::new("leaving").time(Duration::from_secs(1));

/// A notice that comes and goes with commands.
pub(crate) struct Gone {
    is_shown: bool,
    mounted: u32,
    removed: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Show,
    Hide,
    Mounted { text: String },
    Removed { text: String },
}

impl LiveView for Gone {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_shown: false, mounted: 0, removed: 0 })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Show => self.is_shown = true,
            Event::Hide => self.is_shown = false,
            Event::Mounted { text } if text == QUOTED => self.mounted += 1,
            Event::Removed { text } if text == QUOTED => self.removed += 1,
            Event::Mounted { .. } | Event::Removed { .. } => {}
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let mounted = Js::new()
            .add_class("here", Target::This)
            .focus_first(Target::This)
            .dispatch_with(
                "app:mounted",
                Target::This,
                Dispatch { detail: vec![("text", QUOTED.into())], ..Dispatch::default() },
            )
            .push(Event::Mounted { text: QUOTED.into() });
        let removed =
            Js::new().hide_with(Target::This, SLOW).push(Event::Removed { text: QUOTED.into() });
        live! {
            (super::actor())
            p #connection
                phx-connected=(Js::new().set_attr("title", "connected", Target::This))
                phx-disconnected=(Js::new().set_attr("title", "lost", Target::This)) {}
            p #mounted { (self.mounted) }
            p #removed { (self.removed) }
            @if self.is_shown {
                section #notice phx-mounted=(mounted) phx-remove=(removed) {
                    button #close phx-click=(Event::Hide) { "Close" }
                }
            }
        }
    }
}

/// A text that would break out of its attribute.
const QUOTED: &str = "\"'><b>&amp;";

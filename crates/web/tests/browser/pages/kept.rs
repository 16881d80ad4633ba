use belvedere::js::Target;
use belvedere::{Js, LiveEvent, LiveView, MountError, Render, Result, Socket, live};

/// What the browser keeps when everything is sent anew with the next number.
pub(crate) struct Kept {
    number: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Next,
}

impl LiveView for Kept {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { number: 0 })
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        self.number += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        let number = self.number;
        live! {
            (super::actor())
            p #number { (number) }
            div #ignored phx-update="ignore" data-number=(number) title=(number) {
                b { "server " (number) }
            }
            details #owned title=(number) phx-mounted=(Js::new().ignore_attrs(&["open"], Target::This)) {
                summary { "Number " (number) }
            }
            details #plain title=(number) { summary { "Number " (number) } }
            dialog #modal title=(number) { p { "Number " (number) } button #shut { "Shut" } }
            input #focused name="focused" value=(number);
            input #patched name="patched" value=(number) phx-patch-focused;
            section #changed.plain data-number=(number) { "Number " (number) }
            button #change phx-click=(
                Js::new().toggle_class("marked", "#changed")
                    .switch_attr("aria-pressed", ["true", "false"], Target::This)
                    .set_attr("data-own", "<yes>", "#changed")
                    .toggle("#ignored")
                    .push(Event::Next)
            ) { "Change" }
        }
    }
}

use axum::extract::Path;
use belvedere::js::{Target, Transition};
use belvedere::{Js, LiveEvent, LiveView, MountError, Render, Result, Socket, live, portal};

/// A dialog in a portal, which gives the focus back when it goes; at once or after a fade.
pub(crate) struct Dialog {
    is_open: bool,
    fades: bool,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Open,
    Close,
}

impl LiveView for Dialog {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(kind): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_open: false, fades: kind == "fades" })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Open => self.is_open = true,
            Event::Close => self.is_open = false,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            button #open phx-click=(Js::new().push_focus(Target::This).push(Event::Open)) { "Open" }
            p #dialog-content { "an id as it comes to mind" }
            @if self.is_open {
                (portal("dialog", "body", live! {
                    section #inner role="dialog" phx-mounted=(Js::new().focus_first(Target::This))
                        phx-window-keydown=(Event::Close) phx-key="Escape" phx-remove=(leaving(self.fades)) {
                        input #name name="name";
                    }
                }))
            }
        }
    }
}

fn leaving(fades: bool) -> Js {
    const FADE: Transition<'_> = Transition::new("fade");
    let leaving = Js::new().pop_focus();
    if fades { leaving.hide_with(Target::This, FADE) } else { leaving }
}

use belvedere::js::{Push, Target, Transition};
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, Js, LiveComponent, LiveEvent, LiveView, MountError, Render,
    Result, Socket, component, live, portal,
};

/// A dialog beside the view, with a component in it.
pub(crate) struct Dialog {
    is_open: bool,
    number: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Add { amount: u32 },
    Set { offset_x: u32, alt_key: bool },
    Close,
}

impl LiveView for Dialog {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { is_open: true, number: 0 })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Add { amount } => self.number += amount,
            Event::Set { offset_x, alt_key } => self.number = offset_x + u32::from(alt_key),
            Event::Close => self.is_open = false,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        const FADE: Transition<'_> = Transition::new("fade");
        live! {
            @if self.is_open {
                (portal("dialog", "body", live! {
                    output { (self.number) }
                    button #add phx-click=(
                        Js::new().add_class("on", Target::This).push(Event::Add { amount: 3 })
                    ) {}
                    button #set phx-click=(Js::new().push(Event::Set { offset_x: _, alt_key: _ })) {}
                    button #close phx-click=(
                        Js::new().hide_with("#dialog", FADE).push(Event::Close)
                    ) {}
                    (component::<Switch>((), ()))
                }))
            }
        }
    }
}

/// On or off.
pub(crate) struct Switch {
    is_on: bool,
}

#[derive(LiveEvent)]
pub(crate) enum SwitchEvent {
    Toggle,
}

impl LiveComponent for Switch {
    type Props = ();
    type Event = SwitchEvent;
    type Message = ();

    fn mount((): &()) -> Self {
        Self { is_on: false }
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, _: SwitchEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.is_on = !self.is_on;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        let to_itself = Push { target: Some(target.into()), ..Push::default() };
        live! {
            button #switch phx-click=(Js::new().push_with(SwitchEvent::Toggle, to_itself)) {
                @if self.is_on { "on" } @else { "off" }
            }
        }
    }
}

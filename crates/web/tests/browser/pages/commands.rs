use std::time::Duration;

use belvedere::js::{Dispatch, Push, Show, Target, Toggle, Transition};
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, Js, LiveComponent, LiveEvent, LiveView, MountError, Render,
    Result, Socket, component, live,
};

/// A button for each command, most of them about `#box`.
pub(crate) struct Commands {
    number: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Next,
}

const IN: Transition<'_> =
    Transition::new("coming").start("from").end("to").time(Duration::from_secs(1));
const OUT: Transition<'_> = Transition::new("going").time(Duration::from_secs(1));

impl LiveView for Commands {
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
        live! {
            p #number { (self.number) }
            div #box title="a box" { "Box" }
            nav #menu hidden { "Menu" }
            (visibility())
            (attributes())
            (scripts())
            (component::<Receiver>((), ()))
        }
    }
}

fn visibility() -> impl Render {
    let flex = Show { display: Some("flex"), transition: Some(IN) };
    let both = Toggle { ins: Some(IN), outs: Some(OUT), ..Toggle::default() };
    live! {
        button #show phx-click=(Js::new().show_with("#box", flex)) {}
        button #hide phx-click=(Js::new().hide("#box")) {}
        button #toggle phx-click=(Js::new().toggle_with("#box", both)) {}
        button #menu-button phx-click=(Js::new().toggle("#menu")) {}
        button #flash phx-click=(Js::new().transition(OUT, "#box")) {}
    }
}

fn attributes() -> impl Render {
    live! {
        button #classes phx-click=(Js::new().add_class("a b", "#box")) {}
        button #fewer phx-click=(Js::new().remove_class_with("b", "#box", OUT)) {}
        button #on phx-click=(
            Js::new().toggle_attr("data-on", "1", "#box").remove_attr("title", "#box")
        ) {}
        section {
            button #near phx-click=(
                Js::new()
                    .add_class("inner", Target::Inner("b"))
                    .add_class("closest", Target::Closest("section"))
            ) { b {} }
            b {}
        }
    }
}

fn scripts() -> impl Render {
    let run = Js::new().add_class("ran", "#box");
    let quiet = Dispatch { bubbles: false, ..Dispatch::default() };
    let blocking = Dispatch { blocking: true, ..Dispatch::default() };
    let loading = Push { loading: Some("#menu"), ..Push::default() };
    let to_receiver =
        Push { target: Some("#receiver".into()), page_loading: true, ..Push::default() };
    let quiet = Js::new().dispatch_with("app:quiet", Target::This, quiet);
    let wait = Js::new().dispatch_with("app:wait", Target::This, blocking).push(Event::Next);
    live! {
        button #exec data-run=(run) phx-click=(Js::new().exec("data-run", Target::This)) {}
        button #quiet phx-click=(quiet) {}
        button #wait phx-click=(wait) {}
        button #there phx-click=(Js::new().push_focus(Target::This).focus("#field")) {}
        input #field name="field";
        button #back phx-click=(Js::new().pop_focus()) {}
        button #loading phx-click=(Js::new().push_with(Event::Next, loading)) {}
        button #to-receiver phx-click=(Js::new().push_with(ReceiverEvent::Receive, to_receiver)) {}
    }
}

/// Counts events that others send it.
pub(crate) struct Receiver {
    received: u32,
}

#[derive(LiveEvent)]
pub(crate) enum ReceiverEvent {
    Receive,
}

impl LiveComponent for Receiver {
    type Props = ();
    type Event = ReceiverEvent;
    type Message = ();

    fn mount((): &()) -> Self {
        Self { received: 0 }
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, _: ReceiverEvent, _: &mut ComponentSocket<'_>) -> Result {
        self.received += 1;
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { output #receiver { (self.received) } }
    }
}

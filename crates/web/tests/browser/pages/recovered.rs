//! One form in every place and shape whose text the browser brings back, in a view that can crash.

use axum::Router;
use axum::extract::{Path, Query};
use belvedere::template::Element;
use belvedere::{
    ComponentId, ComponentSocket, Js, LiveComponent, LiveEvent, LiveRouter, LiveView, MountError,
    Render, Result, Socket, component, live, nested, portal,
};
use serde::Deserialize;

/// Where the form stands.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    View,
    Component,
    Portal,
}

/// What is unusual about the form.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Options {
    change: Change,
    recover: Option<Recover>,
    has_no_id: bool,
    is_disabled: bool,
    is_quiet: bool,
    has_quiet_input: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Change {
    #[default]
    Event,
    Command,
    Nothing,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Recover {
    Custom,
    Patch,
}

/// The events of the view and of the component.
#[derive(LiveEvent)]
pub(crate) enum Event {
    Change(Typed),
    Save(Typed),
    Custom(Typed),
    Patch(Typed),
    Click,
    Crash,
}

#[derive(Deserialize)]
pub(crate) struct Typed {
    a: Option<String>,
    b: Option<String>,
    c: Option<String>,
    d: Option<String>,
    e: Option<String>,
    f: Option<String>,
}

/// The texts of the form, and whether it was sent.
struct Texts {
    texts: [String; 6],
    is_saved: bool,
}

impl Texts {
    fn new() -> Self {
        let texts = ["foo", "bar", "baz", "foo", "", ""].map(str::to_owned);
        Self { texts, is_saved: false }
    }

    /// Does what the event says; whether it asks for another URL.
    fn handle(&mut self, event: Event) -> bool {
        match event {
            Event::Change(typed) => self.take(typed),
            Event::Save(typed) => {
                self.take(typed);
                self.is_saved = true;
            }
            Event::Custom(typed) => {
                self.take(typed);
                self.texts[1] = "recovered".to_owned();
            }
            Event::Patch(typed) => {
                self.take(typed);
                return true;
            }
            Event::Click => {}
            Event::Crash => panic!("an event panics on purpose"),
        }
        false
    }

    fn take(&mut self, Typed { a, b, c, d, e, f }: Typed) {
        for (text, typed) in self.texts.iter_mut().zip([a, b, c, d, e, f]) {
            *text = typed.unwrap_or_else(|| std::mem::take(text));
        }
    }
}

pub(crate) struct Recovered {
    place: Place,
    options: Options,
    texts: Texts,
}

impl LiveView for Recovered {
    type Extract = (Path<Place>, Query<Options>);
    type Params = axum::extract::RawQuery;
    type Event = Event;
    type Message = ();

    async fn mount(
        (Path(place), Query(options)): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { place, options, texts: Texts::new() })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        if self.texts.handle(event) {
            socket.patch("/recovered/in/view?recover=patch&patched=true")?;
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (super::actor())
            h1 { "A form" }
            @match self.place {
                Place::View => { (form(&self.texts, self.options, None)) }
                Place::Component => { (component::<InComponent>((), self.options)) }
                Place::Portal => {
                    (portal("elsewhere", "body", form(&self.texts, self.options, None)))
                }
            }
        }
    }
}

struct InComponent {
    options: Options,
    texts: Texts,
}

impl LiveComponent for InComponent {
    type Props = Options;
    type Event = Event;
    type Message = ();

    fn mount(options: &Options) -> Self {
        Self { options: *options, texts: Texts::new() }
    }

    async fn update(&mut self, _: Options, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut ComponentSocket<'_>) -> Result {
        if self.texts.handle(event) {
            socket.patch("/recovered/in/view?recover=patch&patched=true")?;
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! { section { (form(&self.texts, self.options, Some(target))) } }
    }
}

/// The form in a view of its own.
pub(crate) struct Around(Options);

#[derive(LiveEvent)]
pub(crate) enum AroundEvent {
    Crash,
}

impl LiveView for Around {
    type Extract = Query<Options>;
    type Params = ();
    type Event = AroundEvent;
    type Message = ();

    async fn mount(
        Query(options): Query<Options>,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self(options))
    }

    async fn handle_event(&mut self, _: AroundEvent, _: &mut Socket<Self>) -> Result {
        panic!("an event panics on purpose")
    }

    fn render(&self) -> impl Render {
        live! { (super::actor()) (nested::<Within>("form", self.0)) }
    }
}

pub(crate) struct Within {
    options: Options,
    texts: Texts,
}

impl LiveView for Within {
    type Extract = Options;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(options: Options, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { options, texts: Texts::new() })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.texts.handle(event);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { (form(&self.texts, self.options, None)) }
    }
}

fn form(texts: &Texts, options: Options, target: Option<ComponentId>) -> impl Render {
    let id = (!options.has_no_id).then_some("form");
    let recover = options.recover.map(|recover| match recover {
        Recover::Custom => Event::CUSTOM,
        Recover::Patch => Event::PATCH,
    });
    live! {
        @match options.change {
            Change::Event => {
                form.mine id=[id] phx-change=(Event::CHANGE) phx-submit=(Event::SAVE)
                    phx-auto-recover=[recover] phx-target=[target]
                    phx-no-unused-field[options.is_quiet] { (inputs(texts, options)) }
            }
            Change::Command => {
                form.mine id=[id] phx-change=(Js::new().push(Event::CHANGE))
                    phx-submit=(Event::SAVE) phx-target=[target] { (inputs(texts, options)) }
            }
            Change::Nothing => {
                form.mine id=[id] phx-submit=(Event::SAVE) phx-target=[target] {
                    (inputs(texts, options))
                }
            }
        }
        @if let Some(id) = id { input name="f" form=(id) value=(texts.texts[5]); }
        @if texts.is_saved { output { "saved" } }
    }
}

fn inputs(texts: &Texts, options: Options) -> impl Render {
    let [a, b, c, d, e, _] = &texts.texts;
    live! {
        fieldset disabled[options.is_disabled] {
            input name="a" readonly value=(a);
            input name="b" value=(b);
        }
        input name="c" value=(c) phx-no-unused-field[options.has_quiet_input];
        select name="d" {
            @for option in ["foo", "bar", "baz"] {
                option value=(option) selected[option == d] { (option) }
            }
        }
        @if !options.has_no_id { input name="e" form="form" value=(e); }
        button #submit phx-disable-with="Sending…" { "Send" }
        button #submit-by-click phx-click=(Js::new().dispatch("app:clicked", "body")) {
            "Send, and more"
        }
        button #click type="button" phx-click=(Event::Click) phx-disable-with="Wait…" { "Click" }
    }
}

pub(crate) fn router() -> Router {
    Router::new().live::<Recovered>("/recovered/in/{place}").live::<Around>("/recovered/nested")
}

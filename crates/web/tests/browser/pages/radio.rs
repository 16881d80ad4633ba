use axum::extract::Path;
use axum::{Extension, Router};
use belvedere::http::page::{Layout, Page, default_layout};
use belvedere::{
    Js, LiveEvent, LiveRouter, LiveStream, LiveView, MountError, Render, Restream, Result, Socket,
    live, nested,
};
use maud::{Markup, PreEscaped};
use serde::Deserialize;

/// Stands in the layout of the stations.
pub(crate) struct Player {
    n_plays: u32,
    n_typed: u32,
    note: String,
    tracks: LiveStream<u32>,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Play,
    Go,
    Patch,
    Typed(Note),
    Crash,
}

#[derive(Deserialize)]
pub(crate) struct Note {
    note: String,
}

impl LiveView for Player {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut tracks = LiveStream::new("tracks", |track: &u32| *track);
        tracks.append(1);
        Ok(Self { n_plays: 0, n_typed: 0, note: String::new(), tracks })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Play => {
                self.n_plays += 1;
                self.tracks.append(self.n_plays + 1);
            }
            Event::Go => {
                self.n_plays += 1;
                socket.navigate("/radio/3")?;
            }
            Event::Patch => socket.patch("/radio/3?loud=true")?,
            Event::Typed(Note { note }) => {
                self.n_typed += 1;
                self.note = note;
            }
            Event::Crash => panic!("a player crashes on purpose"),
        }
        Ok(())
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        self.tracks.reset(1..=self.n_plays + 1);
        Ok(Restream::Done)
    }

    fn render(&self) -> impl Render {
        live! {
            output #plays { (self.n_plays) } " " output #typed { (self.n_typed) }
            button #play phx-click=(Event::Play) { "Play" }
            button #player-goes phx-click=(Event::Go) { "Station 3" }
            button #player-patches phx-click=(Event::Patch) { "Loud" }
            button #player-crashes phx-click=(Event::Crash) { "Crash" }
            a #player-link navigate="/radio/2" { "Station 2" }
            p #leaving phx-remove=(Js::new().hide("#leaving")) { "On air" }
            form #note phx-change=(Event::TYPED) {
                input name="note" aria-label="Note" value=(self.note);
            }
            ul #tracks phx-update="stream" {
                @for (id, track) in &self.tracks { li id=(id) { (track) } }
            }
        }
    }
}

/// A page within the layout.
pub(crate) struct Station {
    number: u32,
}

#[derive(LiveEvent)]
pub(crate) enum StationEvent {
    CrashStation,
}

impl LiveView for Station {
    type Extract = Path<u32>;
    type Params = axum::extract::RawQuery;
    type Event = StationEvent;
    type Message = ();

    async fn mount(Path(number): Path<u32>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { number })
    }

    async fn handle_event(&mut self, _: StationEvent, _: &mut Socket<Self>) -> Result {
        panic!("a station crashes on purpose")
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Station " (self.number) }
            a #next navigate={ "/radio/" (self.number + 1) } { "Next" }
            button #crash phx-click=(StationEvent::CrashStation) { "Crash" }
            a #away navigate="/navigation/other" { "Away" }
        }
    }
}

fn layout(page: &Page<'_>) -> Markup {
    let player = nested::<Player>("player", ()).in_layout(page);
    let view = format!("{}{}", page.view.0, player.0);
    default_layout(&Page { view: PreEscaped(&view), ..*page })
}

pub(crate) fn router() -> Router {
    Router::new().live::<Station>("/radio/{number}").layer(Extension(Layout::new(layout)))
}

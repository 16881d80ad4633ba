use std::sync::LazyLock;

use axum::{Extension, Router};
use belvedere::http::assets::Asset;
use belvedere::http::page::{Layout, Page};
use belvedere::{
    Joined, LiveEvent, LiveRouter, LiveView, MountError, Render, Result, Socket, live,
};
use maud::{Markup, html};

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let script = br#"
        const Stamp = {
          async mounted() { this.el.textContent = await this.pushEvent("stamp", { text: "ink" }); },
        };
        const dom = {
          onBeforeElUpdated: (shown, next) => shown.matches("output") && next.setAttribute("title", shown.textContent),
          onPatchEnd: () => (document.documentElement.dataset.patched = "yes"),
        };
        Belvedere.connect({ hooks: { Stamp }, params: () => ({ colour: "blue" }), dom });
    "#;
    Asset::embedded("/assets/scripted.js", script)
});

/// A page whose layout has a script of its own, with a hook and a parameter.
#[derive(Default)]
pub(crate) struct Scripted {
    browser: Option<Browser>,
    n_clicks: u32,
}

#[derive(serde::Deserialize)]
struct Browser {
    time_zone: String,
    colour: String,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Stamp { text: String },
    Click,
}

pub(crate) fn routes() -> Router {
    let page = Router::new().live::<Scripted>("/scripted").layer(Extension(Layout::new(layout)));
    SCRIPT.route(page)
}

impl LiveView for Scripted {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        self.browser = socket.connect_params()?;
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Stamp { text } => socket.reply(&format!("{text} is dry"))?,
            Event::Click => self.n_clicks += 1,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            p #stamp phx-hook="Stamp" phx-update="ignore" {}
            @if let Some(Browser { time_zone, colour }) = &self.browser {
                p #browser data-zone=(time_zone) { (colour) }
            }
            output { (self.n_clicks) }
            button #ask phx-click=(Event::Click) data-confirm="Really?" { "Ask" }
        }
    }
}

fn layout(page: &Page<'_>) -> Markup {
    super::document(page, "Scripted", &SCRIPT, &html! {})
}

//! A script and a style sheet of the application's own: a hook that draws what only the browser knows,
//! asks its view and hears from it; and what the browser told of itself. Served on
//! http://localhost:4000.
//!
//! Run it with `cargo run -p belvedere --example hooks`. Another port is an argument, as in
//! `cargo run -p belvedere --example hooks -- 4001`.

use std::sync::LazyLock;

use axum::Router;
use belvedere::http::assets::Asset;
use belvedere::http::page::{Layout, Page};
use belvedere::{
    Joined, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    SecretKeyBase, Socket, live,
};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

/// In an application these are files, embedded with `include_bytes!`.
static APP_JS: LazyLock<Asset> = LazyLock::new(|| Asset::embedded("/assets/app.js", SCRIPT));
static APP_CSS: LazyLock<Asset> = LazyLock::new(|| Asset::embedded("/assets/app.css", STYLE));

const STYLE: &[u8] = b"#clock { font: 2rem monospace; color: teal }";

const SCRIPT: &[u8] = br#"
// Shows the time of the browser, and tells the view when somebody clicks it.
const Clock = {
  mounted() {
    this.timer = setInterval(() => this.show(), 1000);
    this.show();
    this.el.addEventListener("click", async () => {
      const { n_stamps } = await this.pushEvent("stamp", { at: this.el.textContent });
      this.el.title = `${n_stamps} times`;
    });
    this.handleEvent("stamped", ({ at }) => (this.el.dataset.last = at));
  },
  destroyed() { clearInterval(this.timer); },
  show() { this.el.textContent = new Date().toLocaleTimeString("en-GB"); },
};

// In the place of `bootstrap_tag`, which connects pages without hooks.
Belvedere.connect({ hooks: { Clock } });
"#;

#[derive(Default)]
struct Stamps {
    time_zone: Option<String>,
    stamps: Vec<String>,
}

#[derive(LiveEvent)]
enum Event {
    Stamp { at: String },
}

/// What the script tells of its browser.
#[derive(Deserialize)]
struct Browser {
    time_zone: Option<String>,
}

impl LiveView for Stamps {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.set_title("Stamps");
        Ok(Self::default())
    }

    async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
        // Whoever sends nonsense is shown no time zone.
        let browser = socket.connect_params::<Browser>().unwrap_or_default();
        self.time_zone = browser.and_then(|browser| browser.time_zone);
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Stamp { at } => {
                socket.push_event("stamped", &serde_json::json!({ "at": at }))?;
                self.stamps.push(at);
                socket.reply(&serde_json::json!({ "n_stamps": self.stamps.len() }))?;
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            // What stands in it is the hook's.
            button #clock phx-hook="Clock" phx-update="ignore" {}
            @if let Some(zone) = &self.time_zone { p #zone { "Your time zone is " (zone) "." } }
            ol { @for stamp in &self.stamps { li { (stamp) } } }
        }
    }
}

fn layout(page: &Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="csrf-token" content=(page.csrf_token);
                title { (page.title.unwrap_or_default()) }
                link rel="icon" href="data:,";
                (page.style_tag(&APP_CSS))
                (page.client_tags())
                (page.script_tag(&APP_JS))
            }
            body { (page.view) }
        }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let live = LiveRuntime::new(LiveConfig {
        layout: Layout::new(layout),
        ..LiveConfig::new(SecretKeyBase::random())
    });
    let pages = APP_CSS.route(APP_JS.route(Router::new().live::<Stamps>("/")));
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, live.serve(pages)).await
}

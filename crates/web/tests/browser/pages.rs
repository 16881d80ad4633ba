//! Tiny live pages, one for each thing that only a browser can prove, on a server of their own.

use std::io::{self, Write as _};

use axum::Router;
use axum::routing::get;
use belvedere::http::assets::Asset;
use belvedere::http::page::{Layout, Page, default_layout};
use belvedere::pub_sub::PubSubOptions;
use belvedere::{
    BasePath, LiveConfig, LiveRouter, LiveRuntime, PubSub, Render, SecretKeyBase, live,
};
use belvedere_nats::NatsBus;
use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

mod account;
mod asked;
mod commands;
mod components;
mod departures;
mod dialog;
mod farewells;
mod forms;
mod gone;
mod guests;
mod hooked;
mod hops;
mod kept;
mod list;
mod modal;
mod navigation;
mod nested;
mod panels;
mod portals;
mod radio;
mod recovered;
mod refused;
mod rows;
mod scripted;
mod shapes;
mod shelf;
mod shuffle;
mod stream;
mod tabs;
mod texts;
mod unanswered;
mod uploads;

/// Serves the pages on a free port for as long as the runtime lives; returns where.
pub(crate) async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let app = app(SecretKeyBase::random(), None);
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://127.0.0.1:{port}")
}

/// Serves the pages on this port, or a free one for 0, says where, and goes on until the process ends. Each
/// process has the same secret, as one that starts anew, and those with one NATS hear each other over it.
pub(crate) async fn serve_until_killed(port: u16, nats: Option<NatsBus>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("the port");
    let port = listener.local_addr().expect("an address").port();
    writeln!(io::stdout(), "http://localhost:{port}").expect("somebody reads");
    let secret = SecretKeyBase::new(&"m".repeat(64)).expect("long enough");
    axum::serve(listener, app(secret, nats)).await.expect("connections are taken");
}

/// The pages; over NATS, if there is one, they hear what other processes of the same secret end.
fn app(secret: SecretKeyBase, nats: Option<NatsBus>) -> Router {
    let pub_sub =
        nats.map_or_else(PubSub::new, |nats| PubSub::over(nats, &secret, PubSubOptions::default()));
    let layout = Layout::new(layout);
    let live = LiveRuntime::new(LiveConfig { layout, pub_sub, ..LiveConfig::new(secret) });
    let pages = Router::new()
        .live::<asked::Asked>("/asked")
        .live::<commands::Commands>("/commands")
        .live::<components::Components>("/components")
        .live::<farewells::Farewells>("/farewells")
        .live::<dialog::Dialog>("/dialog/{kind}")
        .live::<gone::Gone>("/gone")
        .live::<kept::Kept>("/kept")
        .live::<list::List>("/list")
        .live::<nested::Nested>("/nested")
        .live::<nested::Brief>("/nested/brief")
        .live::<shelf::Many>("/nested/many/{n_views}")
        .live::<shelf::Shelf>("/nested/shelf/{kind}")
        .live::<portals::Portals>("/portals")
        .live::<refused::Refused>("/refused")
        .live::<rows::Rows>("/rows")
        .live::<shapes::Shapes>("/shapes/{state}")
        .live::<shuffle::Shuffle>("/shuffle/{name}/{limit}/{fades}")
        .live::<stream::Stream>("/stream/{limit}")
        .live::<tabs::Tab>("/tabs/{room}")
        .route("/tabs/{room}/views", get(tabs::views))
        // Chromium asks for it on that page, which is plain text and cannot say that there is none.
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .live::<texts::Texts>("/texts")
        .merge(account::routes())
        .merge(navigation::router())
        .merge(forms::routes())
        .merge(guests::routes(live.clone()))
        .merge(radio::router())
        .merge(departures::router())
        .merge(hooked::routes())
        .merge(hops::router())
        .merge(modal::router())
        .merge(panels::router())
        .merge(recovered::router())
        .merge(unanswered::router())
        .merge(scripted::routes())
        .merge(uploads::router());
    let tools = LiveConfig {
        base_path: BasePath::new("/tools").expect("a base path"),
        ..LiveConfig::new(SecretKeyBase::random())
    };
    let tools = LiveRuntime::new(tools).serve(Router::new().live::<tabs::Tab>("/tabs/{room}"));
    live.serve(pages).nest("/tools", tools)
}

/// The default layout's page, and a place beside the view.
fn layout(page: &Page<'_>) -> Markup {
    let view = html! { aside #beside {} (page.view) };
    default_layout(&Page { view: maud::PreEscaped(&view.0), ..*page })
}

/// From where a test sends events, without touching what has the focus: `act` in
/// `assets/test/support/app.mjs`.
fn actor() -> impl Render {
    live! { i #actor hidden {} }
}

/// A document that a script of its own starts, with what stands beside the view.
fn document(page: &Page<'_>, title: &str, script: &Asset, beside: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta name="csrf-token" content=(page.csrf_token);
                title { (title) }
                link rel="icon" href="data:,";
                (page.client_tags())
                (page.script_tag(script))
            }
            body { (beside) (page.view) }
        }
    }
}

//! Hooks, and streams of one name, in the layout and in the page, and in views in the rows of a stream.

use std::sync::LazyLock;

use axum::extract::Query;
use axum::{Extension, Router};
use belvedere::http::assets::Asset;
use belvedere::http::page::{Layout, Page};
use belvedere::{
    LiveEvent, LiveRouter, LiveStream, LiveView, MountError, Render, Result, Socket, live, nested,
};
use maud::{Markup, html};
use serde::Deserialize;

/// Keeps the name of each element with the hook that comes, also over a load of the page.
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let script = br#"
        const Watch = {
          mounted() {
            const came = sessionStorage.getItem("came") ?? "";
            sessionStorage.setItem("came", `${came},${this.el.dataset.name}`);
          },
        };
        Belvedere.connect({ hooks: { Watch } });
    "#;
    Asset::embedded("/assets/hooked.js", script)
});

/// Stands in the layout, with an element and a stream that pages have as well.
pub(crate) struct Beside {
    rows: LiveStream<u32>,
}

impl LiveView for Beside {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut rows = LiveStream::new("rows", |row: &u32| *row);
        rows.extend([1, 2, 3]);
        Ok(Self { rows })
    }

    fn render(&self) -> impl Render {
        live! {
            i #watched phx-hook="Watch" data-name="beside" {}
            ul #beside-rows phx-update="stream" {
                @for (id, row) in &self.rows { li id=(id) { (row) } }
            }
        }
    }
}

/// Shows nothing but links.
pub(crate) struct Home;

impl LiveView for Home {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Home" }
            a #streamed navigate="/hooked/streamed" { "A stream of that name" }
            a #alone navigate="/hooked/alone" { "Another layout" }
        }
    }
}

/// A stream of the same name as that in the layout, which is emptied first.
pub(crate) struct Streamed {
    rows: LiveStream<u32>,
}

impl LiveView for Streamed {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut rows = LiveStream::new("rows", |row: &u32| *row);
        rows.reset([4]);
        Ok(Self { rows })
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Streamed" }
            ul #rows phx-update="stream" { @for (id, row) in &self.rows { li id=(id) { (row) } } }
            a #home navigate="/hooked/home" { "Home" }
        }
    }
}

/// An element of the same id and hook as that in the layout of other pages.
pub(crate) struct Alone;

impl LiveView for Alone {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { h1 { "Alone" } i #watched phx-hook="Watch" data-name="alone" {} }
    }
}

/// A stream of views, of which the URL says some.
pub(crate) struct Rows {
    rows: LiveStream<u32>,
    n_rows: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    More,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    without: u32,
}

impl LiveView for Rows {
    type Extract = ();
    type Params = Query<Shown>;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { rows: LiveStream::new("rows", |row: &u32| *row), n_rows: 3 })
    }

    async fn handle_params(
        &mut self,
        Query(Shown { without }): Query<Shown>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.rows.reset((1..=3).filter(|row| *row != without));
        Ok(())
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        self.n_rows += 1;
        self.rows.append(self.n_rows);
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows { li id=(id) { (nested::<Row>(*row, *row)) } }
            }
            @for without in 1..=2u32 {
                a #{ "without-" (without) } patch={ "/hooked/rows?without=" (without) } { "Others" }
            }
            button #more phx-click=(Event::More) { "More" }
        }
    }
}

/// A view in a row.
pub(crate) struct Row(u32);

impl LiveView for Row {
    type Extract = u32;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(row: u32, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(row))
    }

    fn render(&self) -> impl Render {
        live! { i #{ "row-" (self.0) } phx-hook="Watch" data-name=(self.0) {} }
    }
}

fn with_beside(page: &Page<'_>) -> Markup {
    let beside = nested::<Beside>("beside", ()).in_layout(page);
    super::document(page, "Hooked", &SCRIPT, &html! { (beside) })
}

fn alone(page: &Page<'_>) -> Markup {
    super::document(page, "Hooked", &SCRIPT, &html! {})
}

pub(crate) fn routes() -> Router {
    let with_beside = Router::new()
        .live::<Home>("/hooked/home")
        .live::<Streamed>("/hooked/streamed")
        .layer(Extension(Layout::new(with_beside)));
    let alone = Router::new()
        .live::<Alone>("/hooked/alone")
        .live::<Rows>("/hooked/rows")
        .layer(Extension(Layout::new(alone).group("alone")));
    SCRIPT.route(with_beside.merge(alone))
}

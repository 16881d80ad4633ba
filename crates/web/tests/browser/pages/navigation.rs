use axum::extract::{Path, Query};
use axum::response::{Html, IntoResponse, Redirect};
use axum::{Extension, Router};
use belvedere::http::page::{Layout, default_layout};
use belvedere::{
    Js, LiveEvent, LiveRouter, LiveView, LocalPath, MountError, Render, Result, Socket, flash, live,
};
use http::StatusCode;
use serde::Deserialize;

/// What the URL of a page of rows says.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct At {
    row: u32,
    container: bool,
}

/// Many rows, each a link; a patch marks one. Counts its clicks.
pub(crate) struct Rows {
    at: At,
    n_clicks: u32,
}

#[derive(LiveEvent)]
pub(crate) enum Event {
    Click,
    Leave,
}

impl LiveView for Rows {
    type Extract = ();
    type Params = Query<At>;
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { at: At::default(), n_clicks: 0 })
    }

    async fn handle_params(
        &mut self,
        Query(at): Query<At>,
        socket: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        if at.row == 99 {
            Err(std::fmt::Error)?;
        }
        socket.set_title(format!("Row {}", at.row));
        self.at = at;
        Ok(())
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Click => self.n_clicks += 1,
            Event::Leave => {
                socket.put_flash("info", "From the rows");
                socket.navigate("/navigation/other")?;
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let other = LocalPath::new("/navigation/other").expect("a path of this site");
        live! {
            (flash())
            h1 { "Rows" }
            output { (self.at.row) } " " i #clicks { (self.n_clicks) }
            button #click phx-click=(Event::Click) { "Click" }
            button #leave phx-click=(Event::Leave) { "Leave" }
            a #patch patch={ "/navigation/rows?row=" (self.at.row + 1) } { "Patch" }
            a #replace patch={ "/navigation/rows?row=" (self.at.row + 1) } replace { "Replace" }
            a #fails patch="/navigation/rows?row=99" { "Fails" }
            a #garbage patch="/navigation/rows?row=many" { "Garbage" }
            a #other navigate="/navigation/other" { "Other" }
            a #hash navigate="/navigation/other#row-40" { "Other, row 40" }
            a #here href="#row-40" { "Row 40" }
            a #plain navigate="/navigation/plain" { "Plain" }
            a #guarded navigate="/navigation/guarded" { "Guarded" }
            a #broken navigate="/navigation/broken" { "Broken" }
            a #failed navigate="/navigation/failed" { "Failed" }
            a #never navigate="/navigation/never" { "Never" }
            a #group navigate="/navigation/group" { "Another group" }
            button #js phx-click=(Js::new().navigate(&other)) { "By command" }
            ul {
                @for row in 1..=80u32 {
                    li id={ "row-" (row) } { a navigate={ "/navigation/row/" (row) } { "Row " (row) } }
                }
            }
        }
    }
}

/// Another view of the same layout, as long as the first. Says what it was given to show.
pub(crate) struct Other {
    row: Option<u32>,
}

impl LiveView for Other {
    type Extract = Option<Path<u32>>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(row: Option<Path<u32>>, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        let row = row.map(|Path(row)| row);
        if let Some(row) = row {
            socket.set_title(format!("The row {row}"));
        }
        Ok(Self { row })
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { "Other" }
            @if let Some(row) = self.row { p #row { (row) } }
            a #rows navigate="/navigation/rows?row=7" { "Rows" }
            a #gone patch="/navigation/rows?row=8" { "Rows, by a patch" }
            ul { @for row in 1..=80u32 { li id={ "row-" (row) } { "Row " (row) } } }
        }
    }
}

pub(crate) fn router() -> Router {
    let group = Router::new()
        .live::<Other>("/navigation/group")
        .layer(Extension(Layout::new(default_layout).group("another")));
    Router::new()
        .live::<Rows>("/navigation/rows")
        .live::<Other>("/navigation/other")
        .live::<Other>("/navigation/row/{row}")
        .route(
            "/navigation/plain",
            axum::routing::get(|| async { Html("<title>Plain</title><h1>Plain</h1>") }),
        )
        .route(
            "/navigation/guarded",
            axum::routing::get(|| async { Redirect::to("/navigation/plain") }),
        )
        .route(
            "/navigation/broken",
            axum::routing::get(|| async { (StatusCode::IM_A_TEAPOT, "a teapot").into_response() }),
        )
        .route(
            "/navigation/failed",
            axum::routing::get(|| async {
                (StatusCode::INTERNAL_SERVER_ERROR, Html("<h1>Failed</h1>"))
            }),
        )
        .route("/navigation/never", axum::routing::get(std::future::pending::<Html<&str>>))
        .merge(group)
}

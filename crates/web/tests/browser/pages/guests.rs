//! Guests, and a keeper who shows one out: a session that the application ends itself, from elsewhere.

use std::collections::HashMap;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Extension, Form, Router};
use belvedere::http::{SessionValue, SessionValueError, Visitor};
use belvedere::upload::{Accept, Upload, UploadEntry, UploadOptions, UploadWriter};
use belvedere::{
    LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, SessionId, Socket,
    live,
};
use serde::Deserialize;

/// Who is in, and how many files they send.
#[derive(Clone, Default)]
struct Guests {
    sessions: Arc<Mutex<HashMap<String, SessionId>>>,
    n_files: Arc<AtomicUsize>,
}

/// For those who are in.
struct Guest {
    name: String,
    note: String,
    n_clicks: u32,
    file: Upload<()>,
}

#[derive(LiveEvent)]
enum Event {
    Click,
    Typed(Typed),
    Chosen,
}

#[derive(Deserialize)]
struct Typed {
    note: String,
}

/// A file that never comes to its end.
struct Endless(Arc<AtomicUsize>);

impl UploadWriter for Endless {
    type Output = ();

    async fn write(&mut self, _: Bytes) -> Result {
        pending().await
    }

    async fn finish(self) -> Result<()> {
        Ok(())
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LiveView for Guest {
    type Extract = (SessionValue<String>, Visitor, Extension<Guests>);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (SessionValue(name), visitor, Extension(guests)): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        let mut sessions = guests.sessions.lock().expect("nothing panics with it");
        sessions.insert(name.clone(), visitor.session());
        drop(sessions);
        let options = UploadOptions { auto: true, accept: Accept::ANY, ..UploadOptions::default() };
        let endless = move |_: &UploadEntry| {
            guests.n_files.fetch_add(1, Ordering::Relaxed);
            Endless(Arc::clone(&guests.n_files))
        };
        let file = Upload::with_writer("file", options, endless);
        Ok(Self { name, note: String::new(), n_clicks: 0, file })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Click => self.n_clicks += 1,
            Event::Typed(Typed { note }) => self.note = note,
            Event::Chosen => {}
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Guest " (self.name) }
            button #click phx-click=(Event::Click) { (self.n_clicks) }
            form #notes phx-change=(Event::TYPED) { input #note name="note" value=(self.note); }
            form phx-change=(Event::Chosen) { input type="file" field=(self.file); }
            @for entry in self.file.entries() { p.entry key=(entry.id()) { (entry.name()) } }
        }
    }
}

/// Shows guests out.
struct Keeper {
    live: LiveRuntime,
    guests: Guests,
}

#[derive(LiveEvent)]
enum Keeps {
    ShowOut { name: String },
    Look,
}

impl LiveView for Keeper {
    type Extract = (Extension<LiveRuntime>, Extension<Guests>);
    type Params = ();
    type Event = Keeps;
    type Message = ();

    async fn mount(
        (Extension(live), Extension(guests)): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { live, guests })
    }

    async fn handle_event(&mut self, event: Keeps, _: &mut Socket<Self>) -> Result {
        if let Keeps::ShowOut { name } = event {
            let session =
                self.guests.sessions.lock().expect("nothing panics with it").remove(&name);
            self.live.end_session(session.ok_or("nobody of this name is in")?);
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        let sessions = self.guests.sessions.lock().expect("nothing panics with it");
        let mut names: Vec<_> = sessions.keys().cloned().collect();
        names.sort();
        live! {
            @for name in &names {
                button id={ "out-" (name) } phx-click=(Keeps::ShowOut { name: name.clone() }) { (name) }
            }
            button #look phx-click=(Keeps::Look) { (self.guests.n_files.load(Ordering::Relaxed)) }
        }
    }
}

/// Where guests come in.
struct Door {
    csrf_token: String,
}

impl LiveView for Door {
    type Extract = Visitor;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(visitor: Visitor, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { csrf_token: visitor.csrf_token() })
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Who are you?" }
            form method="post" action="/guests/door" {
                input type="hidden" name="csrf_token" value=(self.csrf_token);
                input #name name="name";
                button { "Come in" }
            }
        }
    }
}

#[derive(Deserialize)]
struct Comes {
    csrf_token: String,
    name: String,
}

async fn come_in(
    mut visitor: Visitor,
    Form(comes): Form<Comes>,
) -> Result<(Visitor, Redirect), SessionValueError> {
    if visitor.accepts(&comes.csrf_token) {
        visitor.start_session(&comes.name)?;
    }
    Ok((visitor, Redirect::to("/guests")))
}

async fn is_in(guest: Option<SessionValue<String>>, request: Request, next: Next) -> Response {
    match guest {
        Some(_) => next.run(request).await,
        None => Redirect::to("/guests/door").into_response(),
    }
}

pub(crate) fn routes(live: LiveRuntime) -> Router {
    Router::new()
        .live::<Guest>("/guests")
        .layer(middleware::from_fn(is_in))
        .live::<Door>("/guests/door")
        .route("/guests/door", post(come_in))
        .live::<Keeper>("/guests/keeper")
        .layer(Extension(Guests::default()))
        .layer(Extension(live))
}

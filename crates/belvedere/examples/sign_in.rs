//! Signing in and out: a form, a page for those who are signed in, a layout that says who. Served on
//! http://localhost:4000.
//!
//! Run it with `cargo run -p belvedere --example sign_in`; the password is `belvedere`. Another port is
//! an argument, as in `cargo run -p belvedere --example sign_in -- 4001`.

use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use belvedere::http::page::{Layout, Page};
use belvedere::http::{SessionValue, SessionValueError, Visitor, error_pages};
use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
use belvedere::{Result, SecretKeyBase, Socket, flash, live};
use maud::{DOCTYPE, Markup, html};
use serde::{Deserialize, Serialize};

/// Whom the application knows. An application with accounts keeps an id here, and asks its database.
#[derive(Clone, Serialize, Deserialize)]
struct User {
    name: String,
}

#[derive(Deserialize)]
struct SignInForm {
    csrf_token: String,
    name: String,
    password: String,
}

/// Longest name, in bytes: it is kept in a cookie.
const MAX_NAME_BYTES: usize = 100;

/// Real passwords are hashed, and guesses are counted.
fn is_right(form: &SignInForm) -> bool {
    let is_name = !form.name.trim().is_empty() && form.name.len() <= MAX_NAME_BYTES;
    is_name && form.password == "belvedere"
}

async fn sign_in(
    mut visitor: Visitor,
    Form(form): Form<SignInForm>,
) -> Result<(Visitor, Redirect), SessionValueError> {
    if !visitor.accepts(&form.csrf_token) || !is_right(&form) {
        visitor.put_flash("error", "That is not right. Please try again.");
        return Ok((visitor, Redirect::to("/sign-in")));
    }
    visitor.put_flash("info", format!("Welcome, {}.", form.name));
    visitor.start_session(&User { name: form.name })?;
    Ok((visitor, Redirect::to("/")))
}

#[derive(Deserialize)]
struct SignOutForm {
    csrf_token: String,
}

async fn sign_out(mut visitor: Visitor, Form(form): Form<SignOutForm>) -> (Visitor, Redirect) {
    if visitor.accepts(&form.csrf_token) {
        visitor.end_session();
        visitor.put_flash("info", "Goodbye.");
    }
    (visitor, Redirect::to("/sign-in"))
}

/// Around the pages for those who are signed in, and around their joins.
async fn signed_in(user: Option<SessionValue<User>>, mut request: Request, next: Next) -> Response {
    let Some(SessionValue(user)) = user else {
        return Redirect::to("/sign-in").into_response();
    };
    request.extensions_mut().insert(user);
    next.run(request).await
}

/// The sign-in page: a plain form, which works without a script.
struct SignIn {
    csrf_token: String,
}

impl LiveView for SignIn {
    type Extract = Visitor;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(visitor: Visitor, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        socket.set_title("Sign in");
        Ok(Self { csrf_token: visitor.csrf_token() })
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            form #sign-in method="post" action="/sign-in" {
                input type="hidden" name="csrf_token" value=(self.csrf_token);
                label { "Name " input name="name" required autofocus autocomplete="username"; }
                label {
                    "Password "
                    input type="password" name="password" required autocomplete="current-password";
                }
                button { "Sign in" }
            }
        }
    }
}

/// A page for those who are signed in.
struct Desk {
    user: User,
    n_notes: u32,
}

#[derive(LiveEvent)]
enum Event {
    Note,
}

impl LiveView for Desk {
    type Extract = SessionValue<User>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        SessionValue(user): SessionValue<User>,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Desk");
        Ok(Self { user, n_notes: 0 })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        match event {
            Event::Note => self.n_notes += 1,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            h1 { "The desk of " (self.user.name) }
            p #notes { (self.n_notes) " notes" }
            button #note phx-click=(Event::Note) { "Note something" }
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
                title { (page.title.unwrap_or("Sign-in")) }
                link rel="icon" href="data:,";
                (page.client_tags())
                (page.bootstrap_tag())
            }
            body {
                @if let Some(user) = page.extensions.get::<User>() {
                    form #sign-out method="post" action="/sign-out" {
                        input type="hidden" name="csrf_token" value=(page.csrf_token);
                        "Signed in as " strong { (user.name) } " " button { "Sign out" }
                    }
                }
                (page.view)
            }
        }
    }
}

pub(crate) fn config() -> LiveConfig {
    LiveConfig { layout: Layout::new(layout), ..LiveConfig::new(SecretKeyBase::random()) }
}

pub(crate) fn pages() -> Router {
    let private = Router::new().live::<Desk>("/").layer(middleware::from_fn(signed_in));
    Router::new()
        .live::<SignIn>("/sign-in")
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .merge(private)
        .layer(middleware::from_fn(error_pages))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = LiveRuntime::new(config()).serve(pages());
    let port = std::env::args().nth(1).unwrap_or_else(|| "4000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("localhost:{port}")).await?;
    axum::serve(listener, app).await
}

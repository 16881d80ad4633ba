use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use belvedere::http::{SessionValue, SessionValueError, Visitor};
use belvedere::{LiveEvent, LiveRouter, LiveView, MountError, Render, Result, Socket, live};
use serde::Deserialize;

/// For those who are signed in: counts their clicks.
struct Account {
    name: String,
    csrf_token: String,
    n_clicks: u32,
}

#[derive(LiveEvent)]
enum Event {
    Click,
}

impl LiveView for Account {
    type Extract = (SessionValue<String>, Visitor);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (SessionValue(name), visitor): Self::Extract,
        _: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        Ok(Self { name, csrf_token: visitor.csrf_token(), n_clicks: 0 })
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        self.n_clicks += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Account of " (self.name) }
            button #click phx-click=(Event::Click) { (self.n_clicks) }
            (plain_form("/account/sign-out", &self.csrf_token))
        }
    }
}

/// The sign-in page.
struct SignIn {
    csrf_token: String,
}

impl LiveView for SignIn {
    type Extract = Visitor;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(visitor: Visitor, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { csrf_token: visitor.csrf_token() })
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Sign in" }
            (plain_form("/account/sign-in", &self.csrf_token))
        }
    }
}

fn plain_form<'a>(action: &'static str, csrf_token: &'a str) -> impl Render + 'a {
    live! {
        form method="post" action=(action) {
            input type="hidden" name="csrf_token" value=(csrf_token);
            button #send { "Send" }
        }
    }
}

#[derive(Deserialize)]
struct Sent {
    csrf_token: String,
}

async fn sign_in(
    mut visitor: Visitor,
    Form(sent): Form<Sent>,
) -> Result<(Visitor, Redirect), SessionValueError> {
    if visitor.accepts(&sent.csrf_token) {
        visitor.start_session(&String::from("Ann"))?;
    }
    Ok((visitor, Redirect::to("/account")))
}

async fn sign_out(mut visitor: Visitor, Form(sent): Form<Sent>) -> (Visitor, Redirect) {
    if visitor.accepts(&sent.csrf_token) {
        visitor.end_session();
    }
    (visitor, Redirect::to("/account/sign-in"))
}

async fn signed_in(user: Option<SessionValue<String>>, request: Request, next: Next) -> Response {
    match user {
        Some(_) => next.run(request).await,
        None => Redirect::to("/account/sign-in").into_response(),
    }
}

pub(crate) fn routes() -> Router {
    Router::new()
        .live::<Account>("/account")
        .layer(middleware::from_fn(signed_in))
        .live::<SignIn>("/account/sign-in")
        .route("/account/sign-in", post(sign_in))
        .route("/account/sign-out", post(sign_out))
}

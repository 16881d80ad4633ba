//! Signing in and out: two plain forms, which work without a script.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Form;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use belvedere::http::Visitor;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;

use crate::error::{self, PageError};
use crate::inspector::attempts::Verdict;
use crate::inspector::{Admission, Inspector};
use crate::layout::{Menu, Page, layout};

/// Where the form is.
pub const PATH: &str = "/inspector/sign-in";

/// Where the sign-out form goes.
pub const SIGN_OUT_PATH: &str = "/inspector/sign-out";

/// The sign-in form's fields.
#[derive(Deserialize)]
pub struct SignIn {
    csrf_token: String,
    password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SignIn(redacted)")
    }
}

/// The sign-out form's field.
#[derive(Debug, Deserialize)]
pub struct SignOut {
    csrf_token: String,
}

/// Answers `GET /inspector/sign-in`.
pub async fn form(State(inspector): State<Inspector>, headers: HeaderMap) -> Response {
    match inspector.admission(&headers) {
        Admission::SignIn => {
            page(&inspector.visitor(&headers), StatusCode::OK, None).into_response()
        }
        Admission::Granted => Redirect::to(super::PATH).into_response(),
        Admission::NotLocal | Admission::Off(_) => PageError::NotFound.into_response(),
    }
}

/// Answers `POST /inspector/sign-in`.
pub async fn sign_in(
    State(inspector): State<Inspector>,
    headers: HeaderMap,
    extensions: Extensions,
    Form(form): Form<SignIn>,
) -> Response {
    let mut visitor = inspector.visitor(&headers);
    if !visitor.accepts(&form.csrf_token) {
        let problem = "The form had expired. Please try again.";
        return page(&visitor, StatusCode::FORBIDDEN, Some(problem));
    }
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|client| client.0.ip());
    let address = inspector.client(&headers, peer);
    match inspector.try_password(&form.password, address) {
        Verdict::Right => {
            inspector.sign_in(&mut visitor);
            answer(&visitor, super::PATH)
        }
        Verdict::Wrong => {
            tracing::warn!(?address, "a wrong password for the inspector");
            page(&visitor, StatusCode::FORBIDDEN, Some("That is not the password."))
        }
        Verdict::Wait(wait) => {
            inspector.tell_of_proxy(&headers);
            slowed(&visitor, wait)
        }
    }
}

/// Answers `POST /inspector/sign-out`.
pub async fn sign_out(
    State(inspector): State<Inspector>,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Response {
    let mut visitor = inspector.visitor(&headers);
    if !visitor.accepts(&form.csrf_token) {
        let advice = "The form had expired. Go back, load the page again and sign out there.";
        let page = error::error_page(StatusCode::FORBIDDEN, "You are still signed in", advice);
        return (StatusCode::FORBIDDEN, page).into_response();
    }
    inspector.sign_out(&mut visitor);
    answer(&visitor, "/")
}

/// A redirect with the visitor's new session.
fn answer(visitor: &Visitor, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    visitor.remember(response.headers_mut());
    response
}

fn slowed(visitor: &Visitor, wait: Duration) -> Response {
    let seconds = wait.as_secs() + 1;
    let problem = format!("Too many wrong passwords. Please try again in {seconds} seconds.");
    let mut response = page(visitor, StatusCode::TOO_MANY_REQUESTS, Some(&problem));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn page(visitor: &Visitor, status: StatusCode, problem: Option<&str>) -> Response {
    let body = body(&visitor.csrf_token(), problem);
    let page = layout(&Page {
        title: Some("Sign in"),
        path: PATH,
        menu: Menu::WithInspector,
        csrf_token: None,
        body: PreEscaped(&body.0),
    });
    let mut response = (status, page).into_response();
    // The form holds a token of this visitor's.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    visitor.remember(response.headers_mut());
    response
}

fn body(csrf_token: &str, problem: Option<&str>) -> Markup {
    html! {
        div.stack.sign-in {
            h1 { "Inspector" }
            p.lead { "Traces, queries and live views of this server, for those who know the password." }
            form.card method="post" action=(PATH) {
                input type="hidden" name="csrf_token" value=(csrf_token);
                label for="password" { "Password" }
                input #password type="password" name="password" required autofocus
                    autocomplete="current-password" aria-invalid=[problem.map(|_| "true")]
                    aria-describedby=[problem.map(|_| "problem")];
                @if let Some(problem) = problem {
                    p #problem.problem role="alert" { (problem) }
                }
                button type="submit" { "Sign in" }
            }
        }
    }
}

//! Signing in and out: two plain forms, which work without a script.

use std::net::IpAddr;
use std::time::Duration;

use axum::Form;
use axum::extract::{FromRequestParts, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use belvedere::http::Visitor;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use maud::{Markup, html};
use serde::Deserialize;

use super::attempts::Verdict;
use super::{Login, SIGN_IN_PATH};
use crate::guard::layer::peer;
use crate::inspector::Inspector;
use crate::layout;

/// The sign-in form's fields.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    csrf_token: String,
    password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SignIn(redacted)")
    }
}

/// A client that need not wait before it tries a password, asked before its form is read.
#[derive(Debug)]
pub(crate) struct Admitted(Option<IpAddr>);

impl FromRequestParts<Inspector> for Admitted {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        inspector: &Inspector,
    ) -> Result<Self, Response> {
        let Some(login) = inspector.access().login() else { return Err(nothing_to_sign_in_to()) };
        let address = login.client(&parts.headers, peer(&parts.extensions));
        match login.wait(address) {
            None => Ok(Self(address)),
            Some(wait) => Err(slowed(inspector, login, &parts.headers, wait)),
        }
    }
}

/// The sign-out form's field.
#[derive(Debug, Deserialize)]
pub(crate) struct SignOut {
    csrf_token: String,
}

/// Answers `GET /inspector/sign-in`.
pub(crate) async fn form(State(inspector): State<Inspector>, headers: HeaderMap) -> Response {
    let Some(login) = inspector.access().login() else { return nothing_to_sign_in_to() };
    let visitor = inspector.live().visitor(&headers);
    match login.knows(&visitor).await {
        true => Redirect::to(&inspector.path("")).into_response(),
        false => page(&inspector, &visitor, StatusCode::OK, None),
    }
}

/// Answers `POST /inspector/sign-in`.
pub(crate) async fn sign_in(
    State(inspector): State<Inspector>,
    headers: HeaderMap,
    Admitted(address): Admitted,
    Form(form): Form<SignIn>,
) -> Response {
    let Some(login) = inspector.access().login() else { return nothing_to_sign_in_to() };
    let mut visitor = inspector.live().visitor(&headers);
    if !visitor.accepts(&form.csrf_token) {
        let problem = "The form had expired. Please try again.";
        return page(&inspector, &visitor, StatusCode::FORBIDDEN, Some(problem));
    }
    match login.try_password(&form.password, address) {
        Verdict::Right => {
            login.sign_in(&mut visitor).await;
            redirect(&visitor, &inspector.path(""))
        }
        Verdict::Wrong => {
            login.tell_of_wrong_password(address);
            let problem = "That is not the password.";
            page(&inspector, &visitor, StatusCode::FORBIDDEN, Some(problem))
        }
        Verdict::Wait(wait) => slowed(&inspector, login, &headers, wait),
    }
}

/// Answers `POST /inspector/sign-out`.
pub(crate) async fn sign_out(
    State(inspector): State<Inspector>,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Response {
    let Some(login) = inspector.access().login() else { return nothing_to_sign_in_to() };
    let mut visitor = inspector.live().visitor(&headers);
    if !visitor.accepts(&form.csrf_token) {
        return still_signed_in(&inspector);
    }
    login.sign_out(&mut visitor).await;
    redirect(&visitor, &inspector.place("/"))
}

impl Login {
    /// The token of the form that signs out.
    pub(crate) fn sign_out_token(inspector: &Inspector, headers: &HeaderMap) -> Option<String> {
        inspector.access().login()?;
        Some(inspector.live().visitor(headers).csrf_token())
    }
}

fn nothing_to_sign_in_to() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// A redirect with the visitor's new session.
fn redirect(visitor: &Visitor, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    visitor.remember(response.headers_mut());
    response
}

fn still_signed_in(inspector: &Inspector) -> Response {
    let title = "You are still signed in";
    let body = html! {
        div.stack.notice {
            h1 { (title) }
            p.lead {
                "The form had expired. Go back, load the page again and sign out there."
            }
        }
    };
    (StatusCode::FORBIDDEN, layout::plain_page(inspector, title, &body)).into_response()
}

fn slowed(inspector: &Inspector, login: &Login, headers: &HeaderMap, wait: Duration) -> Response {
    login.tell_of_proxy(headers);
    let visitor = inspector.live().visitor(headers);
    let seconds = wait.as_secs() + 1;
    let problem = format!("Too many wrong passwords. Please try again in {seconds} seconds.");
    let status = StatusCode::TOO_MANY_REQUESTS;
    let mut response = page(inspector, &visitor, status, Some(&problem));
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn page(
    inspector: &Inspector,
    visitor: &Visitor,
    status: StatusCode,
    problem: Option<&str>,
) -> Response {
    let body = body(&inspector.place(SIGN_IN_PATH), &visitor.csrf_token(), problem);
    let mut response = (status, layout::plain_page(inspector, "Sign in", &body)).into_response();
    // The form holds a token of this visitor's.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    visitor.remember(response.headers_mut());
    response
}

fn body(action: &str, csrf_token: &str, problem: Option<&str>) -> Markup {
    html! {
        div.stack.sign-in {
            h1 { "Inspector" }
            p.lead { "Traces, queries and live views of this server, for those who know the password." }
            form.card method="post" action=(action) {
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

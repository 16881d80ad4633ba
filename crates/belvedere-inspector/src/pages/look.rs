//! What the inspector's pages have in common: what they are given, and their head.

use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts};
use belvedere::{Render, live};
use belvedere_telemetry::store::TraceId;
use http::request::Parts;

use crate::guard::{Login, SIGN_OUT_PATH};
use crate::inspector::Inspector;

/// What follows the inspector's path, and the name, of each of its pages.
const PAGES: [(&str, &str); 3] = [("", "Traces"), ("/compare", "Compare"), ("/live", "Live views")];

/// What an inspector page is mounted with.
#[derive(Debug)]
pub(crate) struct Look {
    pub(super) inspector: Inspector,
    /// For the form that signs out, where one has signed in.
    sign_out_token: Option<String>,
}

impl<S> FromRequestParts<S> for Look
where
    S: Send + Sync,
    Inspector: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let inspector = Inspector::from_ref(state);
        let sign_out_token = Login::sign_out_token(&inspector, &parts.headers);
        Ok(Self { inspector, sign_out_token })
    }
}

impl Look {
    /// Where the page of a trace is.
    pub(super) fn trace_path(&self, id: TraceId) -> String {
        self.inspector.path(&format!("/trace/{id}"))
    }

    /// The navigation among the inspector's pages; `current` is what follows the inspector's path
    /// in that of this one.
    pub(super) fn navigation(&self, current: &'static str) -> impl Render {
        live! {
            div.inspector-head {
                nav aria-label="Inspector" {
                    ul.tabs {
                        @for (below, name) in PAGES {
                            li {
                                a href=(self.inspector.path(below))
                                    aria-current=[(below == current).then_some("page")] { (name) }
                            }
                        }
                    }
                }
                @if let Some(token) = &self.sign_out_token {
                    form method="post" action=(self.inspector.place(SIGN_OUT_PATH)) {
                        input type="hidden" name="csrf_token" value=(token);
                        button.quiet type="submit" id="sign-out" { "Sign out" }
                    }
                }
            }
        }
    }
}

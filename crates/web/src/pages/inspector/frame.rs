//! What the inspector's pages have in common: what they are given, and their head.

use axum::extract::{FromRef, FromRequestParts};
use belvedere::{Render, live};
use http::request::Parts;

use crate::inspector::{Inspector, sign_in};

/// Path and name of the inspector's own pages.
const PAGES: [(&str, &str); 3] = [
    ("/inspector", "Traces"),
    ("/inspector/compare", "Compare"),
    ("/inspector/live", "Live views"),
];

/// What an inspector page is mounted with.
#[derive(Debug)]
pub struct Look {
    pub(super) inspector: Inspector,
    /// For the form that signs out, where one has signed in.
    sign_out_token: Option<String>,
}

impl<S> FromRequestParts<S> for Look
where
    S: Send + Sync,
    Inspector: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let inspector = Inspector::from_ref(state);
        let sign_out_token = inspector.sign_out_token(&parts.headers);
        Ok(Self { inspector, sign_out_token })
    }
}

impl Look {
    /// The navigation among the inspector's pages; `current` is the path of this one.
    pub(super) fn navigation(&self, current: &'static str) -> impl Render {
        live! {
            div.inspector-head {
                nav aria-label="Inspector" {
                    ul.tabs {
                        @for (path, name) in PAGES {
                            li {
                                a href=(path) aria-current=[(path == current).then_some("page")] {
                                    (name)
                                }
                            }
                        }
                    }
                }
                @if let Some(token) = &self.sign_out_token {
                    form method="post" action=(sign_in::SIGN_OUT_PATH) {
                        input type="hidden" name="csrf_token" value=(token);
                        button.quiet type="submit" id="sign-out" { "Sign out" }
                    }
                }
            }
        }
    }
}

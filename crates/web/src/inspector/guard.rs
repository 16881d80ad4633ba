//! The layer around the inspector's routes.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::HOST;
use http::{HeaderMap, StatusCode};

use crate::config::Explained;
use crate::error::{self, PageError};
use crate::inspector::{Admission, Inspector, sign_in};

/// Lets a request through to the inspector, or answers it. A join comes here like its page, with
/// the cookies of the socket's upgrade.
pub async fn guard(State(inspector): State<Inspector>, request: Request, next: Next) -> Response {
    match inspector.admission(request.headers()) {
        Admission::Granted => next.run(request).await,
        Admission::SignIn => Redirect::to(sign_in::PATH).into_response(),
        Admission::NotLocal => not_local(),
        Admission::Off(explained) => off(explained),
    }
}

/// Whether a request asks for a name of this machine. Another name leads here through a tunnel or a
/// proxy, or because another site's name was made to point here.
pub(super) fn names_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

fn not_local() -> Response {
    let advice = "Without a password the inspector answers to localhost only. To reach it under \
                  another name, set INSPECTOR_PASSWORD.";
    let page = error::error_page(StatusCode::FORBIDDEN, "The inspector is local", advice);
    (StatusCode::FORBIDDEN, page).into_response()
}

fn off(explained: Explained) -> Response {
    match explained {
        Explained::No => PageError::NotFound.into_response(),
        Explained::Yes => {
            let advice = "Set INSPECTOR_PASSWORD to at least 8 characters and start the server \
                          again. A debug build that listens on loopback needs none.";
            let page = error::error_page(StatusCode::NOT_FOUND, "The inspector is off", advice);
            (StatusCode::NOT_FOUND, page).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        let is_local = |host: &'static str| {
            names_this_machine(&HeaderMap::from_iter([(HOST, host.parse().expect("a header"))]))
        };
        for host in ["localhost:4000", "localhost", "127.0.0.1:80", "[::1]:4000", "[::1]"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["evil.test:4000", "localhost.evil.test", "10.0.0.1", "", "::1"] {
            assert!(!is_local(host), "{host}");
        }
        assert!(!names_this_machine(&HeaderMap::new()));
    }
}

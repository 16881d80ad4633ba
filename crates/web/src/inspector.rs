//! The inspector: who may look, and what there is to see. Its pages are in `pages::inspector`.
//!
//! This is also the application's example of authentication. The [`guard`] is one layer around the
//! inspector's routes; since a join travels through those routes, it holds for the page, the join
//! and every navigation alike. What it lets through holds until the socket closes, and signing out
//! closes the session's sockets.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use belvedere::http::Visitor;
use belvedere::{LiveRuntime, SecretKeyBase, SessionId};
use belvedere_telemetry::store::{StoreLimits, TraceStore};
use http::HeaderMap;
use tokio::time::Instant;

use crate::config::{Explained, InspectorAccess, Password};

use attempts::{Attempts, Verdict};
use login::Login;

mod attempts;
pub mod guard;
mod login;
pub mod sign_in;

/// Where the inspector lives; its own traffic is told by this.
pub const PATH: &str = "/inspector";

/// Sessions remembered as signed out; a cookie ends by itself long before that many follow.
const MAX_SIGNED_OUT: usize = 1024;

/// A store for the inspector's traces, to be given to telemetry and to [`Inspector::new`].
#[must_use]
pub fn trace_store() -> TraceStore {
    TraceStore::new(StoreLimits { ignored_path: Some(PATH), ..StoreLimits::default() })
}

/// What the inspector's pages and its guard share; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inspector(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    access: Access,
    store: TraceStore,
    live: LiveRuntime,
}

#[derive(Debug)]
enum Access {
    Off(Explained),
    Local,
    Login(Box<LoginState>),
}

#[derive(Debug)]
struct LoginState {
    login: Login,
    attempts: Attempts,
    /// Cookies of these sessions open nothing any more, however long they would be valid: a
    /// browser that reconnects while its sign-out is being answered still sends them.
    signed_out: Mutex<VecDeque<SessionId>>,
}

/// What the guard thinks of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may look.
    Granted,
    /// It has to sign in first.
    SignIn,
    /// It came under a name that is not this machine's.
    NotLocal,
    /// There is no inspector.
    Off(Explained),
}

impl Inspector {
    /// An inspector of what `store` and `live` know.
    #[must_use]
    pub fn new(
        access: &InspectorAccess,
        secret: &SecretKeyBase,
        live: LiveRuntime,
        store: TraceStore,
    ) -> Self {
        let access = match access {
            InspectorAccess::Off(explained) => Access::Off(*explained),
            InspectorAccess::Local => Access::Local,
            InspectorAccess::Password(password) => Access::login(secret, password),
        };
        Self(Arc::new(Shared { access, store, live }))
    }

    /// Whether anybody may open it.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !matches!(self.0.access, Access::Off(_))
    }

    /// The traces.
    #[must_use]
    pub fn store(&self) -> &TraceStore {
        &self.0.store
    }

    /// The runtime that is looked into.
    #[must_use]
    pub fn live(&self) -> &LiveRuntime {
        &self.0.live
    }

    /// Whether a request with these headers may look.
    #[must_use]
    pub fn admission(&self, headers: &HeaderMap) -> Admission {
        match &self.0.access {
            Access::Off(explained) => Admission::Off(*explained),
            Access::Local if guard::names_this_machine(headers) => Admission::Granted,
            Access::Local => Admission::NotLocal,
            Access::Login(state) => {
                let session = self.visitor(headers).session();
                let valid = login::cookie(headers)
                    .is_some_and(|cookie| state.login.verifies(cookie, session, SystemTime::now()));
                if valid && !state.is_signed_out(session) {
                    Admission::Granted
                } else {
                    Admission::SignIn
                }
            }
        }
    }

    /// The browser behind a request.
    #[must_use]
    pub fn visitor(&self, headers: &HeaderMap) -> Visitor {
        self.0.live.visitor(headers)
    }

    /// The token of the form that signs out; `None` where nobody signs in.
    #[must_use]
    pub fn sign_out_token(&self, headers: &HeaderMap) -> Option<String> {
        matches!(self.0.access, Access::Login(_)).then(|| self.visitor(headers).csrf_token())
    }

    /// Tries a password from `address`.
    fn try_password(&self, password: &str, address: Option<IpAddr>) -> Verdict {
        match &self.0.access {
            Access::Login(state) => {
                let is_right = || state.login.is_password(password);
                state.attempts.judge(address, Instant::now(), is_right)
            }
            Access::Off(_) | Access::Local => Verdict::Wrong,
        }
    }

    /// The cookie that lets a session in.
    fn login_cookie(&self, visitor: &Visitor) -> Option<String> {
        match &self.0.access {
            Access::Login(state) => {
                let cookie = state.login.cookie(visitor.session(), SystemTime::now());
                Some(login::set_cookie(&cookie, visitor.is_secure()))
            }
            Access::Off(_) | Access::Local => None,
        }
    }

    /// Ends a visitor's login and closes every inspector that is open in its browser.
    fn sign_out(&self, visitor: &mut Visitor) {
        if let Access::Login(state) = &self.0.access {
            // Before the sockets close: they try at once to come back.
            state.remember_signed_out(visitor.session());
        }
        visitor.renew();
    }
}

impl Access {
    fn login(secret: &SecretKeyBase, password: &Password) -> Self {
        Self::Login(Box::new(LoginState {
            login: Login::new(secret, password),
            attempts: Attempts::default(),
            signed_out: Mutex::default(),
        }))
    }
}

impl LoginState {
    fn is_signed_out(&self, session: SessionId) -> bool {
        self.signed_out.lock().unwrap_or_else(PoisonError::into_inner).contains(&session)
    }

    fn remember_signed_out(&self, session: SessionId) {
        let mut signed_out = self.signed_out.lock().unwrap_or_else(PoisonError::into_inner);
        signed_out.truncate(MAX_SIGNED_OUT - 1);
        signed_out.push_front(session);
    }
}

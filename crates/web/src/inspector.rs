//! The inspector: who may look, and what there is to see. Its pages are in `pages::inspector`.
//!
//! This is also the application's example of authentication. The [`guard`] is one layer around the
//! inspector's routes; since a join travels through those routes, it holds for the page, the join
//! and every navigation alike. What it lets through holds until the socket closes, and signing out
//! closes the session's sockets.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use belvedere::http::Visitor;
use belvedere::{LiveRuntime, SecretKeyBase};
use belvedere_telemetry::store::{StoreLimits, TraceStore};
use http::HeaderMap;
use tokio::time::Instant;

use crate::config::{Explained, InspectorAccess};

use attempts::{Attempts, Verdict};
use secret_word::SecretWord;
use signed_in::SignedIn;

pub use client_address::{ClientAddress, ClientAddressError};

mod attempts;
mod client_address;
pub mod guard;
mod secret_word;
pub mod sign_in;
mod signed_in;

/// Where the inspector lives; its own traffic is told by this.
pub const PATH: &str = "/inspector";

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
    password: SecretWord,
    attempts: Attempts,
    client_address: ClientAddress,
    /// Somebody was told that a proxy stands between.
    told_of_proxy: AtomicBool,
    signed_in: SignedIn,
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
    /// An inspector of what `store` and `live` know. Wrong passwords are counted by
    /// `client_address`.
    #[must_use]
    pub fn new(
        access: &InspectorAccess,
        client_address: ClientAddress,
        secret: &SecretKeyBase,
        live: LiveRuntime,
        store: TraceStore,
    ) -> Self {
        let access = match access {
            InspectorAccess::Off(explained) => Access::Off(*explained),
            InspectorAccess::Local => Access::Local,
            InspectorAccess::Password(password) => Access::Login(Box::new(LoginState {
                password: SecretWord::new(secret, password),
                attempts: Attempts::default(),
                client_address,
                told_of_proxy: AtomicBool::new(false),
                signed_in: SignedIn::new(live.clone()),
            })),
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
                match state.signed_in.contains(self.visitor(headers).session()) {
                    true => Admission::Granted,
                    false => Admission::SignIn,
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

    /// Who sent a request with these headers, on a connection from `peer`.
    fn client(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<IpAddr> {
        match &self.0.access {
            Access::Login(state) => state.client_address.of(headers, peer),
            Access::Off(_) | Access::Local => peer,
        }
    }

    /// Tries a password from `address`.
    fn try_password(&self, password: &str, address: Option<IpAddr>) -> Verdict {
        match &self.0.access {
            Access::Login(state) => {
                let is_right = || state.password.is(password);
                state.attempts.judge(address, Instant::now(), is_right)
            }
            Access::Off(_) | Access::Local => Verdict::Wrong,
        }
    }

    /// Says once that everybody waits for one client's wrong passwords, when they come through a
    /// proxy that nobody spoke of.
    fn tell_of_proxy(&self, headers: &HeaderMap) {
        if let Access::Login(state) = &self.0.access
            && state.client_address.misses_a_proxy(headers)
            && !state.told_of_proxy.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "wrong passwords for the inspector come through a proxy, so that one visitor's \
                 keep everybody waiting; set CLIENT_ADDRESS_HEADER to the header in which the \
                 proxy names its client"
            );
        }
    }

    /// Signs a visitor in, in a new session.
    fn sign_in(&self, visitor: &mut Visitor) {
        if let Access::Login(state) = &self.0.access {
            visitor.renew();
            state.signed_in.add(visitor.session());
        }
    }

    /// Ends a visitor's login and closes every inspector that is open in its browser.
    fn sign_out(&self, visitor: &mut Visitor) {
        if let Access::Login(state) = &self.0.access {
            // Before the sockets close: they try at once to come back.
            state.signed_in.remove(visitor.session());
        }
        visitor.renew();
    }
}

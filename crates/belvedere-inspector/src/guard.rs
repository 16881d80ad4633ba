//! Who may look: this machine alone, those who know a password, or whom the application lets pass.
//!
//! The [`layer`] is around the inspector's routes; since a join travels through those routes, it
//! holds for the page, the join and every navigation alike. What it lets through holds until the
//! socket closes, and signing out closes the session's sockets.

use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use belvedere::http::{ClientAddress, Visitor};
use belvedere::{LiveRuntime, TimedSnapshotStore, telemetry};
use http::HeaderMap;
use tokio::time::Instant;

use attempts::{Attempts, Verdict};
use password::Password;
use shared::SharedLogins;
use signed_in::SignedIn;

mod attempts;
pub(crate) mod layer;
pub(crate) mod password;
pub(crate) mod shared;
pub(crate) mod sign_in;
mod signed_in;

/// Where the form is by which one signs in.
pub const SIGN_IN_PATH: &str = "/inspector/sign-in";

/// Where the form goes by which one signs out.
pub const SIGN_OUT_PATH: &str = "/inspector/sign-out";

/// Who may open an inspector, which shows every statement and every path of the application.
#[derive(Clone, PartialEq, Eq)]
pub enum Guard {
    /// Whoever sits at this machine, in a debug build: a request under a name of this machine, from
    /// one of its own addresses, through no proxy. Everybody else, and everybody in a release build,
    /// is told in one sentence what to do. The server has to tell the addresses of its clients
    /// (`ConnectInfo`), as [`belvedere::http::server`] does; where it does not, the name alone
    /// decides, and the log says so.
    ThisMachine,
    /// Whoever knows the password. They sign in to this process, for twelve hours at most, or to all that share
    /// a store ([`Inspector::sharing`](crate::Inspector::sharing)); who guesses has to wait.
    Password {
        /// What to know.
        password: Password,
        /// Whose guesses are counted together.
        client_address: ClientAddress,
    },
    /// Whom the application lets pass: it has a layer of its own around
    /// [`Inspector::router`](crate::Inspector::router).
    Application,
}

impl Guard {
    /// A password for clients that connect to this server themselves.
    #[must_use]
    pub fn password(password: Password) -> Self {
        Self::Password { password, client_address: ClientAddress::Peer }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ThisMachine => "ThisMachine",
            Self::Password { .. } => "Password(redacted)",
            Self::Application => "Application",
        })
    }
}

/// A guard at work.
#[derive(Debug)]
pub(crate) enum Access {
    ThisMachine(Told),
    Password(Box<Login>),
    Application,
}

/// What was said in the log already.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Somebody was refused.
    refused: AtomicBool,
    /// Nobody knows where the requests come from.
    peer_unknown: AtomicBool,
}

/// Everything about signing in.
#[derive(Debug)]
pub(crate) struct Login {
    password: Password,
    attempts: Attempts,
    client_address: ClientAddress,
    /// Somebody was told that a proxy stands between.
    told_of_proxy: AtomicBool,
    /// Wrong passwords.
    wrong: telemetry::Told,
    signed_in: SignedIn,
}

impl Access {
    /// With a store that all servers share, if there is one.
    pub(crate) fn new(guard: Guard, live: &LiveRuntime, store: Option<TimedSnapshotStore>) -> Self {
        match guard {
            Guard::ThisMachine => Self::ThisMachine(Told::default()),
            Guard::Application => Self::Application,
            Guard::Password { password, client_address } => {
                let shared = store.map(|store| SharedLogins::new(store, password.clone()));
                Self::Password(Box::new(Login {
                    password,
                    attempts: Attempts::default(),
                    client_address,
                    told_of_proxy: AtomicBool::new(false),
                    wrong: telemetry::Told::new(),
                    signed_in: SignedIn::new(live.clone(), shared),
                }))
            }
        }
    }

    /// What there is to sign in to; `None` where nobody does.
    pub(crate) fn login(&self) -> Option<&Login> {
        match self {
            Self::Password(login) => Some(login),
            Self::ThisMachine(_) | Self::Application => None,
        }
    }
}

impl Login {
    async fn knows(&self, visitor: &Visitor) -> bool {
        self.signed_in.contains(visitor.session()).await
    }

    /// Who sent a request with these headers, on a connection from `peer`.
    fn client(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<IpAddr> {
        self.client_address.of(headers, peer)
    }

    /// How long a client at `address` has to wait before it may try a password, if it has to.
    fn wait(&self, address: Option<IpAddr>) -> Option<Duration> {
        self.attempts.wait(address, Instant::now())
    }

    /// Tries a password from `address`.
    fn try_password(&self, given: &str, address: Option<IpAddr>) -> Verdict {
        self.attempts.judge(address, Instant::now(), || self.password.is(given))
    }

    /// Says now and then how many wrong passwords came, and where the last one came from.
    fn tell_of_wrong_password(&self, address: Option<IpAddr>) {
        if let Some(times) = self.wrong.again() {
            tracing::warn!(?address, times, "a wrong password for the inspector");
        }
    }

    /// Says once that everybody waits for one client's wrong passwords, when they come through a
    /// proxy that nobody spoke of.
    fn tell_of_proxy(&self, headers: &HeaderMap) {
        if self.client_address.misses_a_proxy(headers)
            && !self.told_of_proxy.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "wrong passwords for the inspector come through a proxy, so that one visitor's \
                 keep everybody waiting; give its guard the `ClientAddress` that the proxy names"
            );
        }
    }

    /// Signs a visitor in, in a new session. A login that it has ends: nobody could sign out of it.
    async fn sign_in(&self, visitor: &mut Visitor) {
        if self.knows(visitor).await {
            self.signed_in.remove(visitor.session()).await;
        }
        visitor.renew();
        self.signed_in.add(visitor.session()).await;
    }

    /// Ends a visitor's login and closes every inspector that is open in its browser.
    async fn sign_out(&self, visitor: &mut Visitor) {
        // Before the sockets close: they try at once to come back.
        self.signed_in.remove(visitor.session()).await;
        visitor.renew();
    }
}

//! What the log has been told of late: strangers can repeat some things without end, and each line
//! would cost a disk.

use std::sync::atomic::{AtomicBool, Ordering};

use http::StatusCode;

use crate::http::client_address::ClientNetwork;
use crate::runtime::shares::Whose;
use crate::telemetry::{Told, ToldOf};

/// What strangers can do to one runtime as often as they like.
#[derive(Debug, Default)]
pub(crate) struct Tellings {
    /// Open a socket from another site.
    pub(crate) origins: Told,
    /// Ask for another host.
    pub(crate) hosts: Told,
    /// Reach bounds on what visitors may take.
    bounds: [Told; N_BOUNDS],
    /// Come through a proxy that nobody spoke of.
    proxies: AtomicBool,
    /// Poll a session of another server.
    pub(crate) polls_elsewhere: Told,
    /// Send large headers.
    pub(crate) headers: Told,
    /// Ask for a long URL.
    pub(crate) urls: Told,
    /// Send more than views handle.
    pub(crate) waiting: Told,
    /// Join with too long a message.
    pub(crate) joins: Told,
    /// Send a message in too many pieces.
    pub(crate) pieces: Told,
    /// Join a view that the layout does not place.
    pub(crate) unplaced: Told,
    /// Leave files to be taken, which nobody takes.
    pub(crate) untaken: Told,
    /// End sessions, more than are remembered.
    pub(crate) ended_sessions: Told,
    /// Send events or forms that are too long.
    pub(crate) unread: Told,
    /// Ask for a page with nested views, or views in its layout, that are refused them.
    pub(crate) not_shown: Told,
    /// Bring what an earlier build has kept of a view, which this one cannot read.
    pub(crate) unrestored: Told,
    /// Have views keep what no snapshot can hold.
    pub(crate) unkept: ToldOf,
    /// Bring what lies in a store that this runtime does not have.
    pub(crate) no_store: Told,
    /// Join with the cookie and the page of a server that has another secret.
    pub(crate) foreign_cookies: Told,
    /// Join with the page of a server that does not know that their session has ended.
    pub(crate) revived_sessions: Told,
    /// Have components leave their page that are not forgotten for long.
    pub(crate) departed: Told,
    /// Read nothing, while messages wait for their view.
    pub(crate) overflows: Told,
    /// Ask for URLs of which no request can be made.
    pub(crate) no_urls: Told,
    /// Ask for what fails in plain words: at which route, with which status.
    pub(crate) failures: ToldOf<(Box<str>, StatusCode)>,
}

/// A bound on what visitors may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Sockets(Whose),
    /// Sessions of long polling.
    Polls(Whose),
    Joins(Whose),
    /// Joined views.
    Views(Whose),
    /// What views keep of what was typed.
    Kept(Whose),
    /// Pages that wait for their browser, of one address.
    Pages,
    /// Room for uploads, in all or of one sender.
    Uploads,
}

/// How many bounds there are.
const N_BOUNDS: usize = 12;

impl Bound {
    /// The word in metrics and the log.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Sockets(Whose::All) => "too many sockets",
            Self::Sockets(Whose::Address) => "too many sockets of one address",
            Self::Polls(Whose::All) => "too many polls",
            Self::Polls(Whose::Address) => "too many polls of one address",
            Self::Joins(Whose::All) => "too many joins",
            Self::Joins(Whose::Address) => "too many joins of one address",
            Self::Views(Whose::All) => "too many views",
            Self::Views(Whose::Address) => "too many views of one address",
            Self::Kept(Whose::All) => "too much text is kept",
            Self::Kept(Whose::Address) => "too much text of one address is kept",
            Self::Pages => "too many pages of one address",
            Self::Uploads => "no room for uploads",
        }
    }

    /// The setting that says it.
    fn setting(self) -> &'static str {
        match self {
            Self::Sockets(_) => "LiveConfig::admission.sockets",
            Self::Polls(_) => "LiveConfig::admission.polls",
            Self::Joins(_) => "LiveConfig::admission.joins_per_second",
            Self::Views(_) => "LiveConfig::admission.views",
            Self::Kept(_) => "LiveConfig::admission.kept_bytes",
            Self::Pages => "LiveConfig::page_hold_limits",
            Self::Uploads => "LiveConfig::uploads",
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Sockets(Whose::All) => 0,
            Self::Sockets(Whose::Address) => 1,
            Self::Joins(Whose::All) => 2,
            Self::Joins(Whose::Address) => 3,
            Self::Pages => 4,
            Self::Uploads => 5,
            Self::Polls(Whose::All) => 6,
            Self::Polls(Whose::Address) => 7,
            Self::Views(Whose::All) => 8,
            Self::Views(Whose::Address) => 9,
            Self::Kept(Whose::All) => 10,
            Self::Kept(Whose::Address) => 11,
        }
    }
}

impl Tellings {
    /// A visitor of this network was refused.
    pub(crate) fn refused(&self, bound: Bound, network: Option<ClientNetwork>) {
        let Some(times) = self.bounds[bound.index()].again() else { return };
        let (reason, setting) = (bound.reason(), bound.setting());
        let address = network.map(tracing::field::debug);
        tracing::warn!(
            times,
            reason,
            setting,
            address,
            "visitors are refused at a bound; if they are no flood but people, raise it"
        );
    }

    /// Nobody knows where a socket comes from, for one of these reasons: said once.
    pub(crate) fn of_nobody(&self, has_peer: bool, misses_a_proxy: bool) {
        if (has_peer && !misses_a_proxy) || self.proxies.swap(true, Ordering::Relaxed) {
            return;
        }
        if misses_a_proxy {
            tracing::warn!(
                "visitors come through a proxy that `LiveConfig::client_address` does not name, so \
                 bounds on what one address may take hold for none of them"
            );
        } else {
            tracing::info!(
                "the server does not tell where its clients connect from (`ConnectInfo`), so bounds on \
                 what one address may take hold for none of them"
            );
        }
    }
}

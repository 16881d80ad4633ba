//! Settings of the runtime: a plain struct with documented defaults.

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use crate::base_path::BasePath;
use crate::event::FormLimits;
use crate::http::allowed_hosts::AllowedHosts;
use crate::http::client_address::ClientAddress;
use crate::http::content_security_policy::ContentSecurityPolicy;
use crate::http::page::{ErrorPage, Layout};
use crate::pub_sub::PubSub;
use crate::snapshot::SharedSnapshots;
use crate::wire::token::{MAX_COOKIE_AGE, SecretKeyBase};

pub use admission::{AddressLimit, AdmissionLimits, HoldLimits};

mod admission;

/// How the runtime behaves. [`LiveConfig::new`] gives the defaults; change the fields that differ.
#[derive(Clone, Debug)]
pub struct LiveConfig {
    /// The secret from which the keys of cookies and tokens are derived; the same on every node.
    pub secret_key_base: SecretKeyBase,
    /// Scheme, host and port under which browsers reach the application, e.g.
    /// `https://example.org`. Sockets are accepted from pages of this origin only. Default: the
    /// host and port of each request, and its scheme where a proxy says it, which suits a server
    /// without a proxy or one that keeps `Host`.
    pub public_url: Option<String>,
    /// Under which names the application answers. Default: [any](AllowedHosts::Any). A server that not everybody
    /// reaches, on a person's own machine or in an office, names them.
    pub allowed_hosts: AllowedHosts,
    /// How long a browser that has seen a page of an https [`public_url`](Self::public_url) asks this
    /// host by https alone (`Strict-Transport-Security`). `None` sends no such header. Default: a
    /// year.
    pub strict_transport: Option<Duration>,
    /// What pages may load and run. Default: the [strict](ContentSecurityPolicy::strict) policy, by which
    /// everything comes from the application's own host and nothing is inline. A route's own header
    /// stands. In a debug build the log says once what of a page, or of what comes to it later, the policy
    /// refuses that it went out with, where that stands, and what to do instead. It does not know of a header
    /// that is set around what [`LiveRuntime::serve`](crate::LiveRuntime::serve) returns.
    pub content_security_policy: ContentSecurityPolicy,
    /// Where the served router is nested in another, e.g. at `/tools`; see [`BasePath`]. Default: the
    /// root.
    pub base_path: BasePath,
    /// The page around a live view. Default: a bare page with the client's scripts.
    pub layout: Layout,
    /// Which errors of callbacks say that the server is busy just now, as when others have all
    /// connections to the database: whoever asks again in a moment may be served. Each is asked, and what
    /// [caused](std::error::Error::source) it; `belvedere_diesel::is_busy` knows those of a database.
    /// A page whose mount fails so is answered with 503 and `Retry-After`, a join with the reason `busy`,
    /// upon which the browser tries again, and an event by a flash that says so
    /// ([`handle_error`](crate::LiveView::handle_error)); the log has one line in a minute, with how often
    /// it was. Default: none.
    pub is_busy: fn(&(dyn Error + 'static)) -> bool,
    /// Which errors of callbacks say that the server has no room to save anything, as when the disk of the database
    /// is full; asked as [`is_busy`](Self::is_busy), and `belvedere_diesel::is_full` knows those of a database. A page
    /// whose mount fails so is answered with 507, and an event by a flash that says so; the log has one line in a
    /// minute. Default: none.
    pub is_full: fn(&(dyn Error + 'static)) -> bool,
    /// The page shown in place of a view: when it refuses to mount, when an extractor refuses the
    /// request, when the server has failed. Default: the status in words.
    pub error_page: ErrorPage,
    /// How long a browser keeps its session, at most 400 days, the longest that browsers keep a cookie.
    /// A page, or a plain handler that returns its [`Visitor`](crate::http::Visitor), prolongs it once
    /// half of that is over; what happens on an open page does not. So whoever stays away for half of it
    /// is known still. `None`, the default, leaves it with the browser until it is closed, and believes
    /// it for 14 days, prolonged in the same way, so that whoever uses a shared machine after somebody
    /// else is not signed in as them; sites where people stay signed in for weeks say so here.
    pub session_lifetime: Option<Duration>,
    /// Hashed URL paths of the application's own scripts and styles that carry
    /// `phx-track-static`; a page that shows others is told to reload when it reconnects. Files that
    /// are [embedded](crate::http::assets::Asset::embedded) are known without it.
    pub tracked_assets: Vec<String>,
    /// How long a view waits between its page and the browser's join. Default: 10 s.
    pub page_hold: Duration,
    /// Carries to other servers that a session has ended
    /// ([`LiveRuntime::end_session`](crate::LiveRuntime::end_session)): the same as the application's own,
    /// if that goes [over a bus](PubSub::over). Default: one of this process alone.
    pub pub_sub: PubSub,
    /// Where the address of a browser stands, for the bounds on what one address may take. Default: the
    /// other end of the connection, if the server tells it (`ConnectInfo`).
    pub client_address: ClientAddress,
    /// What visitors may take, all together and from one address.
    pub admission: AdmissionLimits,
    /// Most views waiting for their join, of which the one that has waited longest in its session goes:
    /// its page mounts another when it joins. Whose address has as many already is answered with 429.
    /// Default: 10,000 in all, 8 for each session, since a browser joins what it loads within moments, and
    /// what never does is no browser; 500 of one address.
    pub page_hold_limits: HoldLimits,
    /// How long a view outlives a lost socket. Default: 60 s.
    pub reconnect_grace: Duration,
    /// Most views without a browser, of which the one that lost it first goes, after the views nested
    /// in it. Default: 10,000 in all, 50 for each session, 500 of one address.
    pub reconnect_limits: HoldLimits,
    /// Longest path and query of a page, in bytes, which its view keeps. A longer one is answered
    /// with 414, and one that a script has shown in the address bar is loaded anew. Default: 8 KiB;
    /// at most 65,534, the longest that HTTP libraries read.
    pub max_url_bytes: usize,
    /// Largest message from a browser that is read, in bytes, for example a form on its way: letters
    /// beyond ASCII take six to twelve of them. Of a longer one nothing is kept, and its view says so
    /// on the page ([`handle_unread`](crate::LiveView::handle_unread)). Default: 256 KiB.
    pub max_frame_bytes: usize,
    /// Most frames read from one socket in a second; reading then pauses for its rest. Parts of files
    /// that are as large as their browser was told do not count. Default: 500.
    pub max_frames_per_second: u32,
    /// Bounds on the forms that events carry. Default: those of [`FormLimits`].
    pub form_limits: FormLimits,
    /// How long the page's script waits for a WebSocket before it goes to long polling: some proxies let no WebSocket
    /// through, some hold it without a word. One that is refused is not waited for. A page that polls goes over to a
    /// WebSocket as soon as one works, and one whose WebSocket has worked stays with it. Behind a balancer, polls
    /// need all requests with one session cookie to reach one server. `None` never polls, and answers no polls; a
    /// layout that has [`client_tags`](crate::http::assets::client_tags) of its own says so to `Belvedere.connect` as
    /// well, by `longPollFallbackMs: 0`. Default: 2.5 s.
    pub long_poll_after: Option<Duration>,
    /// Most bytes of an upgrade request's headers that are kept for the joins over its socket: those
    /// that tell of the browser, cookies above all. More is refused with 431. Default: 16 KiB.
    pub max_header_bytes: usize,
    /// Most bytes of frames from one socket that wait for its views or are being handled. At the bound
    /// nothing more is read until views have handled some; after
    /// [`send_timeout`](Self::send_timeout) the socket is closed with 1013. Default: 1 MiB.
    pub max_waiting_bytes: usize,
    /// Most topics joined on one socket: a page's view and those nested in it, of which the ones beyond
    /// stay as the first response shows them. Default: 100.
    pub max_joins_per_socket: usize,
    /// Most components of one view that have left its page and wait for their return, or for the
    /// browser to say that it has dropped them. Default: 1,000, 4 MiB, 60 s.
    pub departed_limits: DepartedLimits,
    /// Most files that one socket sends at once; further ones fail, and their page says so. Those that
    /// are here do not count. Default: 100.
    pub max_uploads_per_socket: usize,
    /// Where uploaded files lie until a view takes them, and how much room there is for them.
    pub uploads: UploadLimits,
    /// Most messages waiting for one view, and most frames of one socket that wait for its views. At the bound
    /// of messages the socket is closed with 1013, and the view is mounted anew; at that of frames nothing
    /// more is read, as at [`max_waiting_bytes`](Self::max_waiting_bytes). Default: 256.
    pub mailbox_capacity: usize,
    /// Most frames in a second that a view sends by itself, since messages have changed what it shows; each
    /// shows all that have come until then. What a browser asks for is answered at once. Default: 60, as
    /// often as a screen is drawn.
    pub max_pushes_per_second: u32,
    /// A socket without a message for this long is closed; pings are none. Default: 60 s, twice the
    /// client's heartbeat.
    pub idle_timeout: Duration,
    /// A socket over which nothing is joined for this long is closed, whatever it tries meanwhile; a
    /// join under way is waited for. Default: 15 s, longer than the
    /// client waits before it joins a failed view again.
    pub join_timeout: Duration,
    /// A socket that does not take a frame for this long is closed, and one whose views handle too
    /// little of what waits for them. Default: 30 s.
    pub send_timeout: Duration,
    /// How what views want [kept](crate::LiveView::snapshot) travels through their browsers.
    pub snapshots: SnapshotOptions,
    /// Where it lies instead, if all servers reach such a place: browsers then have but a handle. While it
    /// fails, they are given the rest as well. Default: none.
    pub shared_snapshots: Option<SharedSnapshots>,
    /// How long a socket whose server goes away waits for callbacks under way to answer, before it is
    /// closed. Default: 2 s.
    pub drain_timeout: Duration,
    /// How many sockets in a second a server that goes away tells to move to another, so that their browsers
    /// do not all come there in one moment. Default: 500.
    pub drain_per_second: u32,
    /// Within this time all are told, faster than that if they are too many. Default: 10 s.
    pub drain_within: Duration,
}

/// How what views want [kept](crate::LiveView::snapshot) travels through their browsers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotOptions {
    /// Largest state, in bytes of JSON, that goes out with the answer to each event that has changed it: of
    /// what was answered, a server that is killed takes nothing along. A larger one, and what messages have
    /// changed, waits for [`interval`](Self::interval). Default: 2 KiB.
    pub prompt_bytes: usize,
    /// How long another change may wait before the browser is given it: what a server that is killed takes
    /// along at most. The first change after a pause goes out with the frame that shows it, and a server
    /// that stops in order sends all there is. Default: 1 s.
    pub interval: Duration,
    /// Largest state of one view, in bytes of JSON. A larger one is not kept, and the log says so. On
    /// the wire it is a third longer, and the browser sends it with its join: keep it well below
    /// [`LiveConfig::max_frame_bytes`]. Default: 32 KiB.
    pub max_bytes: usize,
    /// How long a browser may come back with one. Default: a day.
    pub max_age: Duration,
    /// What this build is called, for the trace of a join that takes over what it has kept: a version,
    /// or a commit. Default: nothing.
    pub build: String,
}

impl Default for SnapshotOptions {
    fn default() -> Self {
        Self {
            prompt_bytes: 2 * 1024,
            interval: Duration::from_secs(1),
            max_bytes: 32 * 1024,
            max_age: Duration::from_secs(24 * 60 * 60),
            build: String::new(),
        }
    }
}

/// Where uploaded files lie until a view takes them, and how much room there is for them: for whole files,
/// from when the browser begins to send one until the view has dropped it or moved it elsewhere. An upload
/// that finds no room fails with [`UploadError::NoRoom`](crate::upload::UploadError::NoRoom).
///
/// What a writer of the application takes counts for neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Each process makes a folder in this one, with its first file, and removes it when its
    /// [`LiveRuntime`](crate::LiveRuntime) has been [drained](crate::LiveRuntime::drain) or is dropped. Those of
    /// processes that were killed are removed when the next one starts to serve. Default: the system's folder for
    /// temporary files, which may lie in memory.
    pub folder: PathBuf,
    /// Of [temporary files](crate::upload::TempFile). Default: 4 GiB, 1 GiB for each
    /// session and for each address.
    pub on_disk: UploadLimit,
    /// Of files [in memory](crate::upload::InMemory). Default: 128 MiB, 32 MiB for
    /// each session and for each address.
    pub in_memory: UploadLimit,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self {
            folder: std::env::temp_dir(),
            on_disk: UploadLimit { total: 4 << 30, per_session: 1 << 30, per_address: 1 << 30 },
            in_memory: UploadLimit {
                total: 128 << 20,
                per_session: 32 << 20,
                per_address: 32 << 20,
            },
        }
    }
}

/// A bound on the room for uploads, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLimit {
    /// In the whole process.
    pub total: u64,
    /// For each session, so that one visitor cannot take it from all others.
    pub per_session: u64,
    /// For the clients of each [address](crate::LiveConfig::client_address), who may have as many sessions as
    /// they like. A quarter of all by default, and not a twentieth as of other things: an office sends its
    /// files at once, and they are soon taken.
    pub per_address: u64,
}

/// A bound on components that have left the page of one view.
///
/// One that comes back within it is as it was, which a browser that is slow, or fades elements out,
/// may need. Beyond it those away longest are forgotten, with a line in the log: should one come
/// back, it is mounted anew, as after every farewell of the browser. Nothing that the page shows is
/// ever forgotten. The bound is looked at with each frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepartedLimits {
    /// Of one view. Default: 1,000, more than a page shows that a person reads.
    pub components: usize,
    /// What they take in place, and what their elements took on the wire. What their states point to
    /// cannot be seen from here; a component's elements are mostly its measure. Default: 4 MiB.
    pub bytes: usize,
    /// Default: 60 s, far longer than a fade and a slow network.
    pub time: Duration,
}

impl Default for DepartedLimits {
    fn default() -> Self {
        Self { components: 1_000, bytes: 4 * 1024 * 1024, time: Duration::from_secs(60) }
    }
}

/// As good as for ever: a clock ends somewhere.
pub(crate) const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long the session of a browser is believed that keeps it until it is closed, which some never are.
const BROWSER_SESSION: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// What the page's script waits for a WebSocket unless it is told otherwise, as `belvedere.js` knows too.
pub(crate) const DEFAULT_LONG_POLL_AFTER: Duration = Duration::from_millis(2_500);

impl LiveConfig {
    /// With no time so long that a clock could not have it added.
    pub(crate) fn within_clocks(mut self) -> Self {
        for time in [
            &mut self.page_hold,
            &mut self.reconnect_grace,
            &mut self.idle_timeout,
            &mut self.join_timeout,
            &mut self.send_timeout,
            &mut self.drain_timeout,
            &mut self.drain_within,
            &mut self.snapshots.interval,
        ] {
            *time = LONGEST.min(*time);
        }
        self
    }

    /// How long a session's cookie is believed.
    pub(crate) fn session_lasts(&self) -> Duration {
        self.session_lifetime.unwrap_or(BROWSER_SESSION).min(MAX_COOKIE_AGE)
    }

    /// The defaults, with this secret.
    #[must_use]
    pub fn new(secret_key_base: SecretKeyBase) -> Self {
        Self {
            secret_key_base,
            public_url: None,
            allowed_hosts: AllowedHosts::default(),
            strict_transport: Some(Duration::from_secs(365 * 24 * 60 * 60)),
            content_security_policy: ContentSecurityPolicy::default(),
            base_path: BasePath::default(),
            layout: Layout::default(),
            is_busy: |_| false,
            is_full: |_| false,
            error_page: ErrorPage::default(),
            session_lifetime: None,
            pub_sub: PubSub::new(),
            tracked_assets: Vec::new(),
            client_address: ClientAddress::default(),
            admission: AdmissionLimits::default(),
            page_hold: Duration::from_secs(10),
            page_hold_limits: HoldLimits { per_session: 8, ..HoldLimits::default() },
            reconnect_grace: Duration::from_secs(60),
            reconnect_limits: HoldLimits::default(),
            max_url_bytes: 8 * 1024,
            max_frame_bytes: 256 * 1024,
            max_frames_per_second: 500,
            form_limits: FormLimits::default(),
            long_poll_after: Some(DEFAULT_LONG_POLL_AFTER),
            max_header_bytes: 16 * 1024,
            max_waiting_bytes: 1024 * 1024,
            max_joins_per_socket: 100,
            max_uploads_per_socket: 100,
            uploads: UploadLimits::default(),
            departed_limits: DepartedLimits::default(),
            mailbox_capacity: 256,
            max_pushes_per_second: 60,
            idle_timeout: Duration::from_secs(60),
            join_timeout: Duration::from_secs(15),
            send_timeout: Duration::from_secs(30),
            snapshots: SnapshotOptions::default(),
            shared_snapshots: None,
            drain_timeout: Duration::from_secs(2),
            drain_per_second: 500,
            drain_within: Duration::from_secs(10),
        }
    }
}

//! The name of every metric of the runtime; the only place they are spelled.
//!
//! Names under `live_view.` are the runtime's own, `http.` ones are OpenTelemetry's conventions.
//! Their attributes are the keys of [`attribute`](super::attribute), with values from the program
//! alone: view names, declared events, route templates, fixed words. Nothing that a client sends
//! becomes a name or a value, so the number of series is bounded by the program.

/// Views that a browser is joined to now, `{view}`; by view.
pub const VIEWS_CONNECTED: &str = "live_view.views.connected";
/// Mounts, `{mount}`; by view, [`CONNECTED`](super::attribute::CONNECTED) and `error.type`.
pub const MOUNTS: &str = "live_view.mounts";
/// Events of browsers, `{event}`; by view, component where it is one's, declared event where it is
/// one, and [`OUTCOME`](super::attribute::OUTCOME).
pub const EVENTS: &str = "live_view.events";
/// From the start of an event's callback to its reply being handed to the socket, in seconds; by
/// view, component where it is one's, and event.
pub const EVENT_DURATION: &str = "live_view.event.duration";
/// Pieces of work beside views that have ended, `{piece}`; by view, component where it is one's, name, and
/// [`OUTCOME`](super::attribute::OUTCOME). Those that were cancelled are in no metric.
pub const ASYNC: &str = "live_view.async";
/// From the start of a piece of work to its end, in seconds; by view, component where it is one's, and name.
pub const ASYNC_DURATION: &str = "live_view.async.duration";
/// From the arrival of an event or message to the start of its callback, in seconds; by view.
pub const QUEUE_WAIT: &str = "live_view.queue.wait";
/// How long a frame or an event's callback waited until the browser had taken the frame before, in
/// seconds; by view. What need not wait is not in it.
pub const BROWSER_WAIT: &str = "live_view.browser.wait";
/// What still waits in a view's mailbox when one of its callbacks starts, `{mail}`; by view.
pub const MAILBOX_DEPTH: &str = "live_view.mailbox.depth";
/// Views given up because more messages waited for them than their mailbox takes, `{view}`; by view.
pub const MAILBOX_OVERFLOWS: &str = "live_view.mailbox.overflows";
/// Components forgotten because too many had left the page of one view, `{component}`; by view.
pub const COMPONENTS_FORGOTTEN: &str = "live_view.components.forgotten";
/// Size of a diff, the whole tree of a join included, in bytes; by view.
pub const DIFF_SIZE: &str = "live_view.diff.size";
/// What is kept of views, by their browsers or in a store, sealed, in bytes; by view.
pub const SNAPSHOT_SIZE: &str = "live_view.snapshot.size";
/// States that could not be kept, `{snapshot}`; by view and [`REASON`](super::attribute::REASON):
/// `too_large` or `unwritable`.
pub const SNAPSHOTS_NOT_KEPT: &str = "live_view.snapshots.not_kept";
/// States that the store which servers share was not given, or has not taken, so that the browser keeps them,
/// `{snapshot}`; by view and [`REASON`](super::attribute::REASON): `store_down`, `store_slow`, `store_full`.
pub const SNAPSHOTS_NOT_STORED: &str = "live_view.snapshots.not_stored";
/// What browsers have brought back, `{snapshot}`; by view, [`OUTCOME`](super::attribute::OUTCOME),
/// `restored` or `refused`, and with the latter [`REASON`](super::attribute::REASON).
pub const SNAPSHOTS_RETURNED: &str = "live_view.snapshots.returned";
/// Refused joins, `{join}`; by [`REASON`](super::attribute::REASON).
pub const JOINS_REFUSED: &str = "live_view.joins.refused";
/// Pages that were answered with 429, since too many of one address wait for their browsers, `{page}`; by
/// [`REASON`](super::attribute::REASON).
pub const PAGES_REFUSED: &str = "live_view.pages.refused";
/// Upgrades, and polls in their place, that opened no socket, `{socket}`; by [`REASON`](super::attribute::REASON).
pub const SOCKETS_REFUSED: &str = "live_view.sockets.refused";
/// What browsers that poll, whose WebSockets are blocked, have asked for that is not the ordinary course,
/// `{request}`; by [`OUTCOME`](super::attribute::OUTCOME).
pub const LONG_POLLS: &str = "live_view.long_polls";
/// Ends of holds, `{view}`: of views kept for their page's join or for a lost browser; by
/// [`HOLD`](super::attribute::HOLD) and [`OUTCOME`](super::attribute::OUTCOME).
pub const HOLDS: &str = "live_view.holds";
/// Messages published on topics of this process, `{message}`; by topic's name.
pub const PUB_SUB_PUBLISHED: &str = "live_view.pub_sub.published";
/// Messages handed to a listener, once for each, `{message}`; by topic's name.
pub const PUB_SUB_DELIVERED: &str = "live_view.pub_sub.delivered";
/// Messages dropped for one listener that was too slow, and told to read anew, `{message}`; by topic's
/// name.
pub const PUB_SUB_MISSED: &str = "live_view.pub_sub.missed";
/// Messages to other servers that were dropped since the bus is gone or slow, `{message}`.
pub const PUB_SUB_UNSENT: &str = "live_view.pub_sub.unsent";
/// What came over the bus and was not signed with this server's secret, `{message}`.
pub const PUB_SUB_REFUSED: &str = "live_view.pub_sub.refused";
/// What no well-behaved client sends, `{message}`; by [`REASON`](super::attribute::REASON).
pub const PROTOCOL_ERRORS: &str = "live_view.protocol_errors";
/// Files whose upload has ended, `{file}`; by view and [`OUTCOME`](super::attribute::OUTCOME).
pub const UPLOADS: &str = "live_view.uploads";
/// What has come of them, in bytes; by view and [`OUTCOME`](super::attribute::OUTCOME).
pub const UPLOAD_BYTES: &str = "live_view.upload.bytes";
/// Files that were refused before they came, or dropped since nobody took them, and messages about uploads
/// that no well-behaved client sends, `{file}`; by [`REASON`](super::attribute::REASON).
pub const UPLOADS_REFUSED: &str = "live_view.uploads.refused";
/// Connections that were not served, `{connection}`; by [`REASON`](super::attribute::REASON):
/// `gave_way`, `no_room`, `address` or `not_accepted`.
pub const CONNECTIONS_TURNED_AWAY: &str = "live_view.connections.turned_away";
/// Duration of a request, in seconds; by method, route, status, scheme and `error.type`.
pub const HTTP_SERVER_REQUEST_DURATION: &str = "http.server.request.duration";

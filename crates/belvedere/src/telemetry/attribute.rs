//! Attribute keys and their fixed values; the only place they are spelled.
//!
//! Keys under `live_view.` are the runtime's own. The others are OpenTelemetry's stable semantic
//! conventions for HTTP servers and errors, written out here so that the runtime needs no crate of
//! constants for a dozen strings.

/// The view's type name: `UsersSlow`.
pub const VIEW: &str = "live_view.name";
/// The topic the view answers on: `lv:phx-…`. An identifier, not a measure: never a metric label.
pub const TOPIC: &str = "live_view.topic";
/// The declared name of the event an act handles; never text from the client.
pub const EVENT: &str = "live_view.event";
/// Type name of the live component whose callback runs: `UserRow`; absent where it is the view's.
pub const COMPONENT: &str = "live_view.component";
/// The name of a piece of work that runs beside its view: `totals`.
pub const ASYNC: &str = "live_view.async";
/// How many components one callback is for.
pub const COMPONENTS: &str = "live_view.components";
/// Whether a browser is joined to the view, as opposed to a first HTTP response being rendered.
pub const CONNECTED: &str = "live_view.connected";
/// Whether a join took over the view its page had mounted, instead of mounting anew.
pub const ADOPTED: &str = "live_view.adopted";
/// Whether a join gave its view what a snapshot has kept of an earlier one.
pub const RESTORED: &str = "live_view.restored";
/// The build that has made the snapshot.
pub const SNAPSHOT_BUILD: &str = "live_view.snapshot.build";
/// What carries the frames of a join's socket: `websocket` or `longpoll`.
pub const TRANSPORT: &str = "live_view.transport";
/// Bytes of HTML or of the diff's JSON that a render wrote.
pub const DIFF_BYTES: &str = "live_view.diff_bytes";
/// Dynamic places of the template whose text differs from the render before.
pub const HOLES_CHANGED: &str = "live_view.holes_changed";
/// Microseconds that an event or a message waited until its callback started.
pub const QUEUE_WAIT: &str = "live_view.queue_wait_us";
/// Microseconds that a render waited until the browser had taken the frame before.
pub const BROWSER_WAIT: &str = "live_view.browser_wait_us";
/// The name of a topic of pub/sub, without its key.
pub const PUB_SUB_TOPIC: &str = "live_view.pub_sub.topic";
/// What the application calls an upload: `photos`; never the name of a file.
pub const UPLOAD: &str = "live_view.upload";
/// Bytes of a file that is uploaded, as its browser has said.
pub const UPLOAD_SIZE: &str = "live_view.upload.size";
/// Bytes of it that have come.
pub const UPLOAD_RECEIVED: &str = "live_view.upload.received";
/// Trace of the page a view belongs to, in hexadecimal; repeats the link for back ends without them.
pub const PAGE_TRACE_ID: &str = "live_view.page.trace_id";
/// Mount span of the page a view belongs to, in hexadecimal.
pub const PAGE_SPAN_ID: &str = "live_view.page.span_id";

/// On a link: what stands at its other end, one of the `LINK_*` values.
pub const LINK: &str = "live_view.link";
/// Value of [`LINK`]: the mount span of the page the view belongs to.
pub const LINK_PAGE: &str = "page";
/// Value of [`LINK`]: the mount span of the page from which a live navigation came.
pub const LINK_LED_BY: &str = "led by";
/// Value of [`LINK`]: the act that published the message being handled.
pub const LINK_PUBLISHER: &str = "publisher";
/// Value of [`LINK`]: the act that started this work beside it.
pub const LINK_SPAWNER: &str = "spawner";
/// Value of [`LINK`]: the last act that changed what is being sent.
pub const LINK_ACT: &str = "act";
/// Value of [`LINK`]: the client's span named by an incoming `traceparent`.
pub const LINK_CLIENT: &str = "client";

/// On a metric, and on the span of guards: what became of it, one of the `OUTCOME_*` values.
pub const OUTCOME: &str = "live_view.outcome";
/// Value of [`OUTCOME`]: an event whose callback succeeded, or a piece of work that is done.
pub const OUTCOME_HANDLED: &str = "handled";
/// Value of [`OUTCOME`]: an event whose callback returned an error, or a piece of work that has failed.
pub const OUTCOME_FAILED: &str = "failed";
/// Value of [`OUTCOME`]: an event that a guard let pass. On a span of guards only.
pub const OUTCOME_PASSED: &str = "passed";
/// Value of [`OUTCOME`]: an event that a guard did not let pass.
pub const OUTCOME_REFUSED: &str = "refused";
/// Value of [`OUTCOME`]: an event that a guard did not let pass, and whose browser it sent elsewhere. On a
/// span of guards only.
pub const OUTCOME_REDIRECTED: &str = "redirected";
/// Value of [`OUTCOME`]: an event that is not declared, or malformed.
pub const OUTCOME_IGNORED: &str = "ignored";
/// Value of [`OUTCOME`]: an upload of which all has come.
pub const OUTCOME_RECEIVED: &str = "received";
/// Value of [`OUTCOME`]: an upload that nobody wanted any more, or whose connection was lost.
pub const OUTCOME_CANCELLED: &str = "cancelled";
/// Value of [`OUTCOME`]: a snapshot that a view has taken over.
pub const OUTCOME_RESTORED: &str = "restored";
/// Value of [`OUTCOME`]: a held view that a join took over.
pub const OUTCOME_ADOPTED: &str = "adopted";
/// Value of [`OUTCOME`]: a browser that polls has opened a session.
pub const OUTCOME_OPENED: &str = "opened";
/// Value of [`OUTCOME`]: a poll's answer was lost, and its frames were sent again.
pub const OUTCOME_AGAIN: &str = "again";
/// Value of [`OUTCOME`]: a frame that had come before was dropped.
pub const OUTCOME_REPEATED: &str = "repeated";
/// Value of [`OUTCOME`]: a request of a session that is over, or of another visitor.
pub const OUTCOME_GONE: &str = "gone";
/// Value of [`OUTCOME`]: a request of another server's session.
pub const OUTCOME_ELSEWHERE: &str = "elsewhere";
/// Value of [`OUTCOME`]: a held view that nobody asked for in time.
pub const OUTCOME_EXPIRED: &str = "expired";
/// Value of [`OUTCOME`]: a held view that made room for others.
pub const OUTCOME_EVICTED: &str = "evicted";
/// On a metric: for whom a view was kept, `page` or `reconnect`.
pub const HOLD: &str = "live_view.hold";
/// Value of [`HOLD`]: for the first join of its page.
pub const HOLD_PAGE: &str = "page";
/// Value of [`HOLD`]: for a browser that has lost its connection.
pub const HOLD_RECONNECT: &str = "reconnect";
/// On a metric: why, in fixed words of the runtime.
pub const REASON: &str = "live_view.reason";

/// Kind of failure, few distinct values: an error type, or an HTTP status as text.
pub const ERROR_TYPE: &str = "error.type";
/// Template of the path that matched: `/users/{id}`.
pub const HTTP_ROUTE: &str = "http.route";
/// Method of the request, `_OTHER` when it is none of the registered ones.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// Status code of the response.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// Path of the request, without its query.
pub const URL_PATH: &str = "url.path";
/// `http` or `https`, as the client sees it.
pub const URL_SCHEME: &str = "url.scheme";
/// Host the client asked for.
pub const SERVER_ADDRESS: &str = "server.address";
/// Port the client asked for.
pub const SERVER_PORT: &str = "server.port";
/// The other end of the connection: the client, or a proxy in front.
pub const NETWORK_PEER_ADDRESS: &str = "network.peer.address";
/// The port of the other end.
pub const NETWORK_PEER_PORT: &str = "network.peer.port";
/// Address of the client.
pub const CLIENT_ADDRESS: &str = "client.address";
/// The client's own description of itself.
pub const USER_AGENT: &str = "user_agent.original";
/// Version of HTTP: `1.1`, `2`.
pub const NETWORK_PROTOCOL_VERSION: &str = "network.protocol.version";

//! Every name and short key of the wire, once.
//!
//! Event and topic names of frames first, then the keys of payloads, then the one-letter keys of a
//! rendered tree and its diffs. Nothing else in the crate spells one of them.

/// Topic of heartbeats; no view can have it.
pub const TOPIC_HEARTBEAT: &str = "phoenix";
/// Prefix of a view's topic; the rest is the DOM id of its container.
pub const TOPIC_VIEW_PREFIX: &str = "lv:";
/// Prefix of an upload's topic; the rest is the ref of the entry.
pub const TOPIC_UPLOAD_PREFIX: &str = "lvu:";

/// The client attaches a view to a topic.
pub const JOIN: &str = "phx_join";
/// The client lets go of a topic.
pub const LEAVE: &str = "phx_leave";
/// The server answers the message whose ref the frame repeats.
pub const REPLY: &str = "phx_reply";
/// What a reply begins with after its topic, as far as its response, when the request was granted.
pub const REPLY_OK: &str = r#""phx_reply",{"status":"ok","response":"#;
/// The same of a request that was not.
pub const REPLY_ERROR: &str = r#""phx_reply",{"status":"error","response":"#;
/// The server says that a topic the client left, or is about to leave, has ended.
pub const CLOSE: &str = "phx_close";
/// The server says that a view crashed; the client joins again.
pub const ERROR: &str = "phx_error";
/// The client asks whether the connection lives.
pub const HEARTBEAT: &str = "heartbeat";
/// The client reports a user's action.
pub const EVENT: &str = "event";
/// The client asks for another URL of the same view, or the server announces one.
pub const CONTAINER: &str = "container";
pub const LIVE_PATCH: &str = "live_patch";
/// The server sends the client to another view on the same connection.
pub const LIVE_REDIRECT: &str = "live_redirect";
/// The server sends the client to another page by a full load.
pub const REDIRECT: &str = "redirect";
/// The URL of a `live_patch` request belongs to another view.
pub const LINK_REDIRECT: &str = "link_redirect";
/// The client found components without an element left.
pub const CIDS_WILL_DESTROY: &str = "cids_will_destroy";
/// The client has dropped components.
pub const CIDS_DESTROYED: &str = "cids_destroyed";
/// The client asks to upload the files it announced.
pub const ALLOW_UPLOAD: &str = "allow_upload";
/// The client reports how far an upload has come.
pub const PROGRESS: &str = "progress";
/// The client sends the next part of a file, as a binary frame on an upload's topic.
pub const CHUNK: &str = "chunk";
/// Name of a pushed diff.
pub const DIFF: &str = "diff";
/// Prefix of event names that belong to the runtime; no view may declare one.
pub const RESERVED_EVENT_PREFIX: &str = "lv:";
/// Dismiss one flash message, or all of them.
pub const CLEAR_FLASH: &str = "lv:clear-flash";

/// Reply: `"ok"` or `"error"`.
pub const STATUS: &str = "status";
/// Reply: the answer itself.
pub const RESPONSE: &str = "response";
/// Error reply: why.
pub const REASON: &str = "reason";
/// Join reply: version of the client bundle the page was served.
pub const VERSION: &str = "liveview_version";
/// Join reply: the whole tree.
pub const RENDERED: &str = "rendered";
/// Component ids, in requests and in the answer to `cids_destroyed`.
pub const CIDS: &str = "cids";
/// Navigation: where to.
pub const TO: &str = "to";
/// Navigation: whether the history entry is pushed or replaced.
pub const KIND: &str = "kind";
/// Navigation: flash token; absent when there is no flash.
pub const FLASH: &str = "flash";
/// Join refused with `reload`: the token the client stores in a cookie.
pub const TOKEN: &str = "token";

/// Uploads: the ref of the upload.
pub const REF: &str = "ref";
/// Answer to `allow_upload`: limits, and how to send.
pub const CONFIG: &str = "config";
/// In [`CONFIG`]: most bytes of a file.
pub const MAX_FILE_SIZE: &str = "max_file_size";
/// In [`CONFIG`]: most files.
pub const MAX_ENTRIES: &str = "max_entries";
/// In [`CONFIG`]: bytes of a file that travel at once.
pub const CHUNK_SIZE: &str = "chunk_size";
/// In [`CONFIG`]: how long the client waits for them to be taken, in milliseconds.
pub const CHUNK_TIMEOUT: &str = "chunk_timeout";
/// Answer to `allow_upload`: what is granted, by entry ref.
pub const ENTRIES: &str = "entries";
/// Answer to `allow_upload`: what is refused while other entries are granted, by entry ref.
pub const UPLOAD_ERRORS: &str = "errors";
/// Answer to `allow_upload`: why nothing is granted.
pub const UPLOAD_ERROR: &str = "error";
/// Refused chunk: most bytes of the file.
pub const LIMIT: &str = "limit";

/// Form payload: the field a change came from.
pub const FORM_TARGET: &str = "_target";
/// Form target of an input without a name, as the client's JavaScript prints it.
pub const FORM_TARGET_NAMELESS: &str = "undefined";
/// Before the last key of a field's name: nobody has used it.
pub const FORM_UNUSED: &str = "_unused_";

/// Tree: statics, an array of strings or a number pointing into [`TEMPLATES`].
pub const STATICS: &str = "s";
/// Tree: templates shared by the nodes of one message.
pub const TEMPLATES: &str = "p";
/// Node: this node is exactly one element. At the root of a message: [`REPLY_VALUE`].
pub const ROOT: &str = "r";
/// Root of a message: the value a hook's caller receives. The same letter as [`ROOT`].
pub const REPLY_VALUE: &str = "r";
/// Comprehension: its entries.
pub const KEYED: &str = "k";
/// Inside [`KEYED`]: number of entries.
pub const KEYED_COUNT: &str = "kc";
/// Inside [`KEYED`]: at least one entry moved.
pub const KEYED_MOVES: &str = "km";
/// Comprehension: stream operations.
pub const STREAM: &str = "stream";
/// Root of a message: components by cid.
pub const COMPONENTS: &str = "c";
/// Root of a message: events for the browser.
pub const EVENTS: &str = "e";
/// Root of a message: page title.
pub const TITLE: &str = "t";

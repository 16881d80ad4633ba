//! The attributes that a [`TraceStore`](super::TraceStore) keeps; all others are dropped.
//!
//! The keys are those of the runtime, of query spans and of OpenTelemetry's conventions.
//! They are spelled anew because this crate depends on neither; tests compare them.

/// The view's type name.
pub const VIEW: &str = "live_view.name";
/// The declared event that an act handles.
pub const EVENT: &str = "live_view.event";
/// Whether a join took over the view of its page.
pub const ADOPTED: &str = "live_view.adopted";
/// Bytes of HTML or of a diff that a render wrote.
pub const DIFF_BYTES: &str = "live_view.diff_bytes";
/// Places of the template that changed.
pub const HOLES_CHANGED: &str = "live_view.holes_changed";
/// How often the statement of [`N_PLUS_ONE`] ran.
pub use crate::n_plus_one::COUNT as N_PLUS_ONE_COUNT;
/// Whether one statement was run again and again within this callback.
pub use crate::n_plus_one::N_PLUS_ONE;
/// The statement of [`N_PLUS_ONE`].
pub use crate::n_plus_one::STATEMENT as N_PLUS_ONE_STATEMENT;
/// On a link: what stands at its other end.
pub const LINK: &str = "live_view.link";
/// Template of the path that matched.
pub const HTTP_ROUTE: &str = "http.route";
/// Method of the request.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// Status code of the response.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// Path of the request, without its query.
pub const URL_PATH: &str = "url.path";
/// Kind of failure.
pub const ERROR_TYPE: &str = "error.type";
/// Kind of database.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// First table of a statement.
pub const DB_COLLECTION_NAME: &str = "db.collection.name";
/// The statement with placeholders, never with values.
pub const DB_QUERY_TEXT: &str = "db.query.text";
/// Rows that came back.
pub const DB_RESPONSE_RETURNED_ROWS: &str = "db.response.returned_rows";
/// Source file that asked for a query.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// Line that asked for a query.
pub const CODE_LINE_NUMBER: &str = "code.line.number";
/// How long a query waited for a connection.
pub const QUEUE_TIME: &str = "queue_time_us";

/// Everything that is kept of a span.
pub const KEPT: [&str; 20] = [
    VIEW,
    EVENT,
    ADOPTED,
    DIFF_BYTES,
    HOLES_CHANGED,
    N_PLUS_ONE,
    N_PLUS_ONE_STATEMENT,
    N_PLUS_ONE_COUNT,
    HTTP_ROUTE,
    HTTP_REQUEST_METHOD,
    HTTP_RESPONSE_STATUS_CODE,
    URL_PATH,
    ERROR_TYPE,
    DB_SYSTEM_NAME,
    DB_COLLECTION_NAME,
    DB_QUERY_TEXT,
    DB_RESPONSE_RETURNED_ROWS,
    CODE_FILE_PATH,
    CODE_LINE_NUMBER,
    QUEUE_TIME,
];

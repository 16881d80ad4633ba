//! The attributes that a [`TraceStore`](super::TraceStore) keeps; all others are dropped.
//!
//! The keys are those of the runtime, of OpenTelemetry's conventions, and a few that a connection
//! writes.

pub use belvedere::telemetry::attribute::{
    ADOPTED, DIFF_BYTES, ERROR_TYPE, EVENT, HOLES_CHANGED, HTTP_REQUEST_METHOD,
    HTTP_RESPONSE_STATUS_CODE, HTTP_ROUTE, LINK, OUTCOME, TRANSPORT, UPLOAD_RECEIVED, UPLOAD_SIZE,
    URL_PATH, VIEW,
};

/// How often the statement of [`N_PLUS_ONE`] ran.
pub use crate::n_plus_one::COUNT as N_PLUS_ONE_COUNT;
/// Whether one statement was run again and again within this callback.
pub use crate::n_plus_one::N_PLUS_ONE;
/// The statement of [`N_PLUS_ONE`].
pub use crate::n_plus_one::STATEMENT as N_PLUS_ONE_STATEMENT;
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

/// How much of a query's time a network was simulated for.
pub const SIMULATED_TIME: &str = "simulated_time_us";

/// Everything that is kept of a span.
pub const KEPT: [&str; 25] = [
    VIEW,
    EVENT,
    ADOPTED,
    TRANSPORT,
    DIFF_BYTES,
    HOLES_CHANGED,
    OUTCOME,
    UPLOAD_SIZE,
    UPLOAD_RECEIVED,
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
    SIMULATED_TIME,
];

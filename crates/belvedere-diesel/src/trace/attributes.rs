//! Every attribute key and event name of a query span. Those of the OpenTelemetry conventions are
//! spelled as there; durations carry their unit.

/// `sqlite` or `postgresql`.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// The name of the database; the file name for SQLite.
pub const DB_NAMESPACE: &str = "db.namespace";
/// The first table of the statement.
pub const DB_COLLECTION_NAME: &str = "db.collection.name";
/// The statement's first keyword.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// The statement with placeholders, never with values.
pub const DB_QUERY_TEXT: &str = "db.query.text";
/// Operations and tables in the order of the statement, the same as the span's name.
pub const DB_QUERY_SUMMARY: &str = "db.query.summary";
/// How many rows came back.
pub const DB_RESPONSE_RETURNED_ROWS: &str = "db.response.returned_rows";
/// The database's own code for an error: PostgreSQL's SQLSTATE, SQLite's result code.
pub const DB_RESPONSE_STATUS_CODE: &str = "db.response.status_code";
/// The host of the server.
pub const SERVER_ADDRESS: &str = "server.address";
/// The port of the server.
pub const SERVER_PORT: &str = "server.port";
/// The address that the connection leads to, which a name may stand for in [`SERVER_ADDRESS`].
pub const NETWORK_PEER_ADDRESS: &str = "network.peer.address";
/// The port of that address.
pub const NETWORK_PEER_PORT: &str = "network.peer.port";
/// The SQLSTATE of an error, also of SQLite's where there is one for it, or a word.
pub const ERROR_TYPE: &str = "error.type";
/// The source file that asked for the query.
pub const CODE_FILE_PATH: &str = "code.file.path";
/// The line that asked for the query.
pub const CODE_LINE_NUMBER: &str = "code.line.number";
/// How long the query waited for a connection; on the first query after a check-out only.
pub const QUEUE_TIME: &str = "queue_time_us";
/// From sending the query to the last row read.
pub const QUERY_TIME: &str = "query_time_us";
/// From the last row read to the last row decoded.
pub const DECODE_TIME: &str = "decode_time_us";
/// How much of the query's time a network was simulated for, see
/// [`Repo::with_round_trip`](crate::Repo::with_round_trip).
pub const SIMULATED_TIME: &str = "simulated_time_us";
/// All of these together.
pub const TOTAL_TIME: &str = "total_time_us";

/// `error.type` of a query whose caller went away before the answer.
pub const CANCELLED: &str = "cancelled";
/// The event on the caller's span when it got no connection.
pub const NO_CONNECTION_EVENT: &str = "no database connection";

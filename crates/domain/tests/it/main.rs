//! The domain against real databases.

mod database_url;
mod errors;
mod metrics;
mod migrations;
mod queries;
mod recording;
mod schema;
mod span_errors;
mod spans;
mod tls;

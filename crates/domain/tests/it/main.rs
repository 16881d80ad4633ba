//! The domain against real databases.

mod check;
mod database_url;
mod errors;
mod metrics;
mod migrations;
mod pooler;
mod queries;
mod recording;
mod schema;
mod silence;
mod span_errors;
mod spans;
mod threads;
mod tls;
mod types;

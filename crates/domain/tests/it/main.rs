//! The domain, and `belvedere-diesel` under it, against real databases.

mod bulk;
mod check;
mod errors;
mod figures;
mod imports;
mod leaving;
mod lists;
mod metrics;
mod migrations;
mod pooler;
mod queries;
#[path = "../../../belvedere-diesel/tests/it/recording.rs"]
mod recording;
mod schema;
mod silence;
mod span_errors;
mod spans;
mod text;
mod threads;
mod transactions;
mod types;
mod users_page;

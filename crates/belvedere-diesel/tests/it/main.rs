//! The library as an application with one table uses it.

mod bus;
mod database_url;
mod notes;
mod outside;
mod recording;
mod snapshots;
mod tls;
mod wrong;

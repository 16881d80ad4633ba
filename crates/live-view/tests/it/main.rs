//! Tests of the runtime through what it offers, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod client_packages;
mod client_rendered;
mod commands;
mod components;
mod diff;
mod diff_bytes;
mod hostile;
mod http_client;
mod lifecycle;
mod outside;
mod reconnect;
mod socket;
mod streams;
mod template;
mod tidy;
mod views;

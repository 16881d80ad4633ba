//! Tests of the runtime through what it offers, in one binary.

mod client_packages;
mod diff;
mod hostile;
mod http_client;
mod lifecycle;
mod outside;
mod reconnect;
mod socket;
mod template;
mod tidy;
mod views;

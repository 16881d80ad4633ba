//! Tests of the runtime through what it offers, in one binary.

mod client_packages;
mod diff;
mod hostile;
mod lifecycle;
mod reconnect;
mod socket;
mod streams;
mod template;
mod views;

//! The inspector's pages: the last traces, one of them, fast beside slow, and the live views.
//!
//! They show what `belvedere_telemetry::store` and the runtime keep; who may see them is decided in
//! [`crate::inspector`].

pub mod compare;
mod format;
mod frame;
mod ticker;
pub mod trace;
pub mod traces;
pub mod views;
mod waterfall;

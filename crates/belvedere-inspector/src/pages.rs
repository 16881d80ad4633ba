//! The inspector's pages: the last traces, one of them, two side by side, and the live views.
//!
//! They show what `belvedere_telemetry::store` and the runtime keep; who may see them is decided in
//! [`crate::guard`].

pub(crate) mod compare;
mod format;
mod look;
mod pair;
mod ticker;
pub(crate) mod trace;
pub(crate) mod traces;
pub(crate) mod views;
mod waterfall;

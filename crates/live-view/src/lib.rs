//! Server-rendered pages kept live over WebSockets, for axum applications.

extern crate self as live_view;

pub mod event;
pub mod template;

pub mod diff;

pub mod wire;

pub mod http;

pub mod telemetry;

#[doc(hidden)]
pub mod __private;

pub use event::LiveEvent;
pub use live_view_macros::live;

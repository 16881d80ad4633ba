//! How HTTP reaches the runtime. The only module that names axum.
//!
//! [`LiveRouter::live`] adds a page to a router; [`LiveRuntime::serve`] adds the socket and the
//! browser client, and from then on a join travels through that same router.

pub(crate) mod allowed_hosts;
pub mod assets;
mod client;
pub(crate) mod client_address;
pub(crate) mod content_security_policy;
mod dead_render;
mod error_pages;
mod form;
mod forwarded;
mod group;
mod join_route;
mod layout_route;
mod layout_views;
#[doc(hidden)]
pub mod live_path;
mod live_route;
mod live_runtime;
pub(crate) mod long_poll;
mod origin;
pub mod page;
mod patch_route;
mod refusal;
mod refused;
mod requested;
mod requested_host;
mod routes;
pub mod security;
pub mod server;
mod session;
pub(crate) mod session_value;
mod socket_stream;
mod trace;
mod upgrade;
mod visitor;
pub(crate) mod websocket;

pub use allowed_hosts::AllowedHosts;
#[cfg(feature = "testing")]
pub(crate) use client::client_of;
pub use client_address::{ClientAddress, ClientAddressError, ClientNetwork};
pub use content_security_policy::{ContentSecurityPolicy, NotAPolicy};
pub use error_pages::error_pages;
pub use form::FormRejection;
pub use group::{GroupLayer, GroupService, guard_events, share, share_with_state};
pub use live_path::LivePathRejection;
pub use live_route::LiveRouter;
pub use live_runtime::LiveRuntime;
pub use requested::{AlwaysAdmitted, is_join};
#[cfg(feature = "testing")]
pub(crate) use session::{FLASH_COOKIE, RELOAD_COOKIE};
pub use session_value::SessionValueError;
pub use trace::{TraceLayer, TraceOptions, TraceService, trace_layer};
pub use visitor::{SessionRejection, SessionValue, Visitor};

//! What travels between server and browser: frames, the messages in them, replies, tokens.
//!
//! ```text
//! WebSocket text or binary ─▶ Frame ─▶ ClientMessage ─▶ the runtime
//! the runtime ─▶ write_reply, write_push, … ─▶ String ─▶ WebSocket text
//! page HTML ◀─ PageToken, StaticToken, CsrfToken ─▶ verified again at the join
//! ```
//!
//! Everything here is pure: bytes in, values out, and back. There is no `async`, no I/O and no
//! clock (the time is an argument); only decoding can fail. How a rendered tree becomes a diff
//! lives in [`crate::diff`], what an event's payload means to a view in [`crate::event`].
//!
//! The format is that of the `phoenix` 1.8 and `phoenix_live_view` 1.2 browser clients, serializer
//! version 2.0.0. Short keys have one home, [`keys`].

pub mod frame;
pub(crate) mod hex;
pub mod json;
pub mod keys;
pub mod message;
pub mod reply;
pub mod response;
pub(crate) mod scan;
mod text;
pub mod token;

pub use frame::{Frame, FrameError, Payload};
pub use json::write_json_string;
pub use message::{ClientMessage, EventKind, EventPayload, JoinParams, JoinPayload, MessageError};
pub use reply::{Address, Status};
pub use response::{JoinRefusal, Navigation};
pub use token::{Keys, SecretKeyBase, SessionId, TokenError};

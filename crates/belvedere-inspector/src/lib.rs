//! The last traces, their queries and the live views of an axum application, shown by the
//! application itself.
//!
#![doc = include_str!("docs/guide.md")]

mod guard;
mod inspector;
mod layout;
mod pages;
mod styles;

pub use belvedere::http::{ClientAddress, ClientAddressError};
pub use guard::password::{Password, PasswordError};
pub use guard::{Guard, SIGN_IN_PATH, SIGN_OUT_PATH};
pub use inspector::{Inspector, PATH, trace_store, trace_store_at};

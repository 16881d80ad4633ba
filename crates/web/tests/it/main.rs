//! The application over HTTP, and its binary, without a browser.

mod binary;
mod http;
mod traces;

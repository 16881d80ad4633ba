//! The application over HTTP, and its binary, without a browser.

mod app;
mod binary;
mod http;
mod inspector;
mod traces;

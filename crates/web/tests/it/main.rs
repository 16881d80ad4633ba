//! The application over HTTP, its binary and what it is deployed with, without a browser.

mod binary;
mod http;
mod ops;
mod stop;

//! The application over HTTP, its binary, its traces and what it is deployed with, without a browser.

mod binary;
mod http;
mod ops;
mod stop;
mod traces;

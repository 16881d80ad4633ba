//! The application over HTTP, its binary, its traces and what it is deployed with, without a browser.

mod app;
mod binary;
mod http;
mod inspector;
mod kit;
mod ops;
mod pages;
mod stop;
mod traces;
mod user;
mod users;

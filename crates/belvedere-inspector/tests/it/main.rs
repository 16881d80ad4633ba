//! The inspector in an application without a database: what it shows and who may see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod app;
mod guard;
mod outside;
mod pages;
mod sign_in;

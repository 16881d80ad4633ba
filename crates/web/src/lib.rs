//! The application: users and their todo lists as live pages, traced end to end.
//!
//! A request goes from [`router`] to a page in [`pages`], is wrapped by [`layout`], or ends in
//! [`error`]. [`config`] reads the environment, [`server`] listens.

pub mod config;

pub mod server;

pub mod router;

pub mod assets;
pub mod health;
pub mod pages;

pub mod layout;

pub mod error;

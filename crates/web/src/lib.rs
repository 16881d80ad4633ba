//! The application: users and their todo lists as live pages, traced end to end.
//!
//! The binary runs a [`command`], which reads [`config`], opens the [`database`] and [`server`].
//! A request goes from [`router`] to one of the [`pages`] with the [`state`], is wrapped by
//! [`layout`], or ends in [`error`].

pub mod command;
pub mod config;
pub mod database;
pub mod server;
pub mod voice;

pub mod router;
pub mod state;
pub mod writes;

pub mod bus;
mod busy;
pub mod changes;
pub mod company;
pub mod imports;
pub mod people_csv;
pub mod shares;
pub mod snapshots;

pub mod assets;
pub mod examples;
pub mod health;
pub mod inspector;
pub mod kit;
pub mod pages;

pub mod layout;

pub mod error;

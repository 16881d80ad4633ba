//! Tests of the runtime through what it offers, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod base_path;
mod build_script;
mod client_packages;
mod client_rendered;
mod commands;
mod component_farewells;
mod component_messages;
mod component_streams;
mod component_trees;
mod components;
mod departures;
mod diff;
mod diff_bytes;
mod drain;
mod edge;
mod endings;
mod error_pages;
mod forms;
mod guards;
mod hostile;
mod http_client;
mod in_layout;
mod inspection;
mod lifecycle;
mod mistakes;
mod navigating;
mod navigation;
mod navigation_law;
mod nested;
mod outside;
mod overload;
mod reconnect;
mod server;
mod session_changes;
mod sessions;
mod socket;
mod socket_bounds;
mod socket_ends;
mod streams;
mod subscriptions;
mod template;
mod tidy;
mod unread;
mod views;

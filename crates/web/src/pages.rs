//! The pages, one file each: state, events, render, in that order.

pub mod counter;
pub mod dashboard;
pub mod home;
pub mod import;
pub mod round_trip;
pub mod user;
pub mod users;
pub mod users_fast;
pub mod users_slow;
mod users_table;

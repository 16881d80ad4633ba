//! The pages, one file each: state, events, render, in that order.

pub mod home;

//! Faults around the application: killed in the middle of writing, without its database, on a full disk.

mod database;
mod full_disk;
mod killed;
mod process;

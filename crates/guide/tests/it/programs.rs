//! The programs, put together by `build.rs`. Each has the test of its chapter in it.
#![expect(
    dead_code,
    unreachable_pub,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "they are written for their readers, and their `main` is not called here"
)]

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

//! Tests of the runtime through what it offers, in one binary.

mod diff;
mod template;

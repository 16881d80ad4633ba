//! The guide's program after each chapter, as its reader has it, and the reference's templates.

mod attributes;
mod guide;
mod programs;
mod starter;

//! Faults: what an author's code and a server's surroundings do wrong, and what comes of it.

mod pane;
mod panics;

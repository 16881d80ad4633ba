//! How HTTP reaches the runtime.

mod trace;

pub use trace::{TraceLayer, TraceOptions, TraceService, trace_layer};

//! Servers that hear each other over a real NATS.

mod bus;
mod servers;

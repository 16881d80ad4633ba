//! How HTTP reaches the runtime. The only module that names axum.

pub mod assets;
pub mod security;

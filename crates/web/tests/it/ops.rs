//! What the application is deployed with.

//! A browser without a browser: opens pages, joins, merges diffs as the client does, clicks.
//!
//! A view nested in the page is a [`TestView`] on the same socket: [`TestView::child`].
//!
//! Everything below the transport is the real thing: the application's router and its layers,
//! joins, mailboxes, view tasks, diffs. Nothing here waits on a clock: [`TestView::settle`] returns
//! when no work is under way.
//!
//! ```
//! use axum::Router;
//! use belvedere::testing::TestApp;
//! use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
//! use belvedere::{Result, SecretKeyBase, Socket, live};
//!
//! struct Counter(i64);
//!
//! #[derive(LiveEvent)]
//! enum Event { Inc }
//!
//! impl LiveView for Counter {
//!     type Extract = ();
//!     type Params = ();
//!     type Event = Event;
//!     type Message = ();
//!
//!     async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
//!         Ok(Self(0))
//!     }
//!
//!     async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
//!         match event { Event::Inc => self.0 += 1 }
//!         Ok(())
//!     }
//!
//!     fn render(&self) -> impl Render {
//!         live! { output { (self.0) } button phx-click=(Event::Inc) { "+" } }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let secret = SecretKeyBase::new(&"x".repeat(64)).expect("64 bytes are enough");
//! let live = LiveRuntime::new(LiveConfig::new(secret));
//! let router = live.clone().serve(Router::new().live::<Counter>("/counter"));
//! let app = TestApp::new(&live, router);
//!
//! let mut counter = app.get("/counter").await.join().await;
//! counter.click("button").await;
//! assert_eq!(counter.text("output"), "1");
//! # }
//! ```

mod acts;
mod app;
mod diff_bytes;
mod dom;
mod files;
mod form;
mod frames;
mod held;
#[doc(hidden)]
pub mod incoming;
mod outcome;
mod streams;
mod tab;
mod transport;
#[doc(hidden)]
pub mod two_servers;
mod view;

pub use crate::assert_diff_bytes;
#[doc(inline)]
pub use crate::pub_sub::{TestBus, TestConnection};
pub use app::{TestApp, TestPage};
#[doc(hidden)]
pub use diff_bytes::check_diff_bytes;
pub use files::{TestFile, part_frame};
pub use form::TestForm;
#[doc(hidden)]
pub use frames::Frames;
pub use held::HeldAsync;
pub use outcome::Outcome;
pub use view::{LostSocket, TestView};

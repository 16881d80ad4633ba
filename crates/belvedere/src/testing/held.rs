//! [`HeldAsync`]: pieces of work that do not begin, so that a test sees what a page shows meanwhile.

use std::sync::Arc;

use crate::runtime::in_flight::InFlight;
use crate::testing::app::TestApp;

/// Keeps pieces of work of one name from beginning, until it is released or dropped.
///
/// ```
/// # use axum::Router;
/// # use belvedere::testing::TestApp;
/// # use belvedere::{Async, LiveConfig, LiveRouter, LiveRuntime, LiveView, MountError, Render};
/// # use belvedere::{Result, SecretKeyBase, Socket, live};
/// # struct Totals(Async<u64>);
/// # impl LiveView for Totals {
/// #     type Extract = ();
/// #     type Params = ();
/// #     type Event = ();
/// #     type Message = ();
/// #     async fn mount(_: (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
/// #         Ok(Self(socket.load("totals", async { Ok(42) })))
/// #     }
/// #     fn render(&self) -> impl Render {
/// #         live! { p { @if let Some(total) = self.0.value() { (total) } @else { "loading" } } }
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let live = LiveRuntime::new(LiveConfig::new(SecretKeyBase::new(&"x".repeat(64)).unwrap()));
/// # let app = TestApp::new(&live, live.clone().serve(Router::new().live::<Totals>("/")));
/// let totals = app.hold_async("totals");
/// let mut page = app.get("/").await.join().await;
/// assert_eq!(page.text("p"), "loading");
/// totals.release();
/// page.settle().await;
/// assert_eq!(page.text("p"), "42");
/// # }
/// ```
#[derive(Debug)]
#[must_use = "dropping it lets the pieces begin"]
pub struct HeldAsync {
    in_flight: Arc<InFlight>,
    name: Box<str>,
}

impl HeldAsync {
    /// Lets them begin: those that wait, and those to come.
    pub fn release(self) {
        drop(self);
    }
}

impl Drop for HeldAsync {
    fn drop(&mut self) {
        self.in_flight.release(&self.name);
    }
}

impl TestApp {
    /// Holds all pieces of work of this name, of views and of components, whose start is yet to come. One
    /// that is held is no work under way, so nothing waits for it but a first response
    /// [`within`](crate::Load::within) its time.
    pub fn hold_async(&self, name: &str) -> HeldAsync {
        self.runtime.in_flight.hold(name);
        HeldAsync { in_flight: Arc::clone(&self.runtime.in_flight), name: name.into() }
    }
}

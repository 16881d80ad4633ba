//! What becomes of a page's connection: it is lost, noticed or not, and opened anew, here or elsewhere.

use crate::runtime::in_flight::InFlight;
use crate::runtime::recipient::Detached;
use crate::runtime::transport::Incoming;
use crate::testing::app::TestApp;
use crate::testing::tab::{Reader, Tab};
use crate::testing::view::TestView;

/// A connection that is lost without its server having noticed; it notices when this is dropped.
#[derive(Debug)]
pub struct LostSocket(#[expect(dead_code, reason = "held until it is dropped")] Tab);

impl TestView {
    /// Loses the connection, opens a new one and joins again, as the client does by itself. It then
    /// joins the page's nested views anew, and those of its layout: ask for each with
    /// [`child`](Self::child) or [`in_layout`](Self::in_layout).
    pub async fn reconnect(&mut self) {
        self.disconnect().await;
        self.tab = self.app.connect(Some(&self.csrf_token));
        self.join().await;
    }

    /// As [`reconnect`](Self::reconnect), to another process: the server was killed and started anew, or
    /// another machine answers. `app` has the same secret, or the page is loaded anew.
    pub async fn reconnect_to(&mut self, app: &TestApp) {
        self.disconnect().await;
        self.app = app.of_visitor(&self.app);
        self.reconnect().await;
    }

    /// Connects to another process, or the same, and joins there; nothing of the answer arrives. Returns the
    /// connection before.
    pub async fn join_in_vain(&mut self, app: &TestApp) -> LostSocket {
        let lost = self.connect_to(app);
        let join = self.join_frame(|_| {});
        let ticket = self.app.runtime.in_flight.ticket();
        self.tab.send(Incoming::Text(join.into(), Some(ticket))).await;
        InFlight::settled(&self.app.runtime.in_flight).await;
        drop(self.tab.take(Reader::Page));
        lost
    }

    /// As [`reconnect_to`](Self::reconnect_to), but nobody tells the server that the connection before is lost,
    /// which is returned.
    pub async fn reconnect_unnoticed(&mut self, app: &TestApp) -> LostSocket {
        let lost = self.connect_to(app);
        self.join().await;
        lost
    }

    fn connect_to(&mut self, app: &TestApp) -> LostSocket {
        self.app = app.of_visitor(&self.app);
        let tab = self.app.connect(Some(&self.csrf_token));
        LostSocket(std::mem::replace(&mut self.tab, tab))
    }

    /// Loses the connection.
    pub async fn disconnect(&mut self) {
        self.end(Detached::Lost).await;
    }

    /// Closes, reloads or leaves the page, as a browser does: with a goodbye to the server.
    pub async fn close(&mut self) {
        self.end(Detached::Left).await;
    }

    async fn end(&mut self, parting: Detached) {
        self.tab.send(Incoming::Closed(parting)).await;
        self.tab.closed().await;
        self.settle().await;
    }

    /// Waits until the server has closed the socket; [`outcome`](Self::outcome) says why.
    pub async fn disconnected(&mut self) {
        self.tab.closed().await;
        self.settle().await;
    }
}

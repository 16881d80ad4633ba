//! Where a callback sends the browser: to another URL of its view, to another view, away.

use crate::navigation::{History, NotASite, NotLocal};
use crate::socket::Socket;
use crate::view::LiveView;

impl<V: LiveView> Socket<V> {
    /// Shows another URL of the same view: [`handle_params`](LiveView::handle_params) is given what
    /// it says, and the browser a new entry in its history. The flash that this callback has put stays,
    /// an earlier one goes.
    ///
    /// The URL is asked for through the application's router, like a page: a layer or an extractor
    /// that refuses is obeyed. A view whose [`Params`](LiveView::Params) are `()` is mounted anew, and
    /// so is the view of another route, as by [`navigate`](Self::navigate). A
    /// [`nested`](crate::nested()) view has no URL of its own: its page shows the other one, and what
    /// fails on the way is told to the page's own view.
    ///
    /// The last patch of a callback counts; one that also leaves the view, by `navigate` or a redirect,
    /// patches nothing.
    ///
    /// ```
    /// # use belvedere::{LiveView, MountError, Render, Result, Socket, live};
    /// # struct Users { page: u32 }
    /// # impl LiveView for Users {
    /// #     type Extract = ();
    /// #     type Params = ();
    /// #     type Event = ();
    /// #     type Message = ();
    /// #     async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> { Ok(Self { page: 0 }) }
    /// async fn handle_event(&mut self, (): (), socket: &mut Socket<Self>) -> Result {
    ///     socket.patch(format!("/users?page={}", self.page + 1))?;
    ///     Ok(())
    /// }
    /// #     fn render(&self) -> impl Render { live! { p { "…" } } }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn patch(&mut self, to: impl Into<String>) -> Result<(), NotLocal> {
        self.patch_with(to, History::Push)
    }

    /// As [`patch`](Self::patch); [`History::Replace`] leaves no entry of the URL shown before, which
    /// suits what changes at each keystroke.
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn patch_with(&mut self, to: impl Into<String>, history: History) -> Result<(), NotLocal> {
        self.pending.patch(to, history)
    }

    /// Sends the browser to another live view on the same socket, with the flash shown now. This view
    /// ends when the browser has left it.
    ///
    /// Where `to` is no live view of the same group (see
    /// [`Layout::group`](crate::http::page::Layout::group)), the browser loads it.
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn navigate(&mut self, to: impl Into<String>) -> Result<(), NotLocal> {
        self.navigate_with(to, History::Push)
    }

    /// As [`navigate`](Self::navigate), with or without a new entry in the browser's history.
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn navigate_with(
        &mut self,
        to: impl Into<String>,
        history: History,
    ) -> Result<(), NotLocal> {
        self.pending.navigate(to, history)
    }

    /// Sends the browser to another page of this application by a full load, with the flash shown
    /// now. The view ends.
    ///
    /// # Errors
    ///
    /// [`NotLocal`] when `to` is not a path of this application.
    pub fn redirect(&mut self, to: impl Into<String>) -> Result<(), NotLocal> {
        self.pending.redirect(to)
    }

    /// Sends the browser to another site. The view ends.
    ///
    /// # Errors
    ///
    /// [`NotASite`] when `url` is not an absolute address of the web. Whether it is the site that the
    /// visitor expects is for the caller to know: an address that came from a browser may lead
    /// anywhere.
    pub fn redirect_to_site(&mut self, url: impl Into<String>) -> Result<(), NotASite> {
        self.pending.redirect_to_site(url)
    }
}

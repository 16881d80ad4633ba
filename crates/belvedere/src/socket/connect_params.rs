//! Connect parameters: what the page's script tells of its browser, such as its time zone.

use std::future::Future;

use serde::de::DeserializeOwned;

use crate::socket::Socket;
use crate::view::LiveView;
use crate::wire::message::OwnParams;

/// Why connect parameters cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ConnectParamsError {
    /// The page's script sends more than is kept.
    #[error(
        "the connect parameters have {bytes} bytes and may have {}: send less from `params` of the \
         page's `Belvedere.connect`",
        OwnParams::MAX_BYTES
    )]
    TooLarge {
        /// Their length as JSON.
        bytes: usize,
    },
    /// A parameter is missing, or of another type. Anybody can send anything here.
    #[error("the connect parameters do not read as the type that is asked for")]
    Form(#[source] serde_json::Error),
}

tokio::task_local! {
    /// Of the join whose view is being looked for. Between a join and the mount of its view stands the
    /// application's router, which hands on a request and no more.
    static OF_JOIN: OwnParams;
}

/// Looks for the view of a join that has brought these parameters.
pub(crate) async fn with<T>(params: OwnParams, look: impl Future<Output = T>) -> T {
    OF_JOIN.scope(params, look).await
}

/// Those of the join under way; absent for the first response of a page.
pub(super) fn current() -> Option<OwnParams> {
    OF_JOIN.try_with(Clone::clone).ok()
}

impl<V: LiveView> Socket<V> {
    /// What the page's script has told of its browser when it last joined: its time zone, its locale,
    /// the width of its window.
    ///
    /// `None` as long as no browser has joined: `mount` runs for the first response of a page, before
    /// any script. A view that shows something by these reads them in
    /// [`connected`](LiveView::connected), which each join calls, whether the view was mounted for it
    /// or for its page.
    ///
    /// A page sends `time_zone` (`"Europe/Vienna"`), `locale` (`"de-AT"`) and `window_width` (in CSS
    /// pixels); a script of the application's own adds what it likes, by `params` of
    /// `Belvedere.connect`, up to 4 KiB of JSON. Keys that begin with `_` are the client's.
    ///
    /// ```
    /// use belvedere::{Joined, LiveView, MountError, Render, Result, Socket, live};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize)]
    /// struct Browser { time_zone: Option<String> }
    ///
    /// struct Clock { time_zone: String }
    ///
    /// impl LiveView for Clock {
    /// #     type Extract = ();
    /// #     type Params = ();
    /// #     type Event = ();
    /// #     type Message = ();
    ///     async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
    ///         Ok(Self { time_zone: "UTC".to_owned() })
    ///     }
    ///
    ///     async fn connected(&mut self, _: Joined, socket: &mut Socket<Self>) -> Result {
    ///         // Whoever sends nonsense reads the time of Greenwich.
    ///         if let Ok(Some(Browser { time_zone: Some(zone) })) = socket.connect_params() {
    ///             self.time_zone = zone;
    ///         }
    ///         Ok(())
    ///     }
    /// #     fn render(&self) -> impl Render { live! { p { (self.time_zone) } } }
    /// }
    /// ```
    ///
    /// A test says them as it joins:
    ///
    /// ```
    /// # use belvedere::testing::TestPage;
    /// # async fn test(page: TestPage) {
    /// let mut clock = page.open();
    /// clock.join_with(|join| join["params"]["time_zone"] = "Europe/Vienna".into()).await;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConnectParamsError`]: they come from the browser, and nothing in them can be relied on. The
    /// view goes on in any case.
    pub fn connect_params<T: DeserializeOwned>(&self) -> Result<Option<T>, ConnectParamsError> {
        let json = match &self.connect_params {
            None => return Ok(None),
            Some(OwnParams::Absent) => "{}",
            Some(OwnParams::Object(json)) => json,
            Some(OwnParams::TooLarge { bytes }) => {
                return Err(ConnectParamsError::TooLarge { bytes: *bytes });
            }
        };
        serde_json::from_str(json).map(Some).map_err(ConnectParamsError::Form)
    }
}

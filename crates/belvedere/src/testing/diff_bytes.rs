//! The assertion on the size of a diff, which fails with what the diff is made of.

use std::fmt::Write as _;

use serde_json::Value;

use crate::testing::view::TestView;

/// Longest part of a member's JSON that a failure shows, in characters.
const MAX_SHOWN_CHARS: usize = 80;

/// Asserts the size of the last diff that a [`TestView`] received, in bytes of JSON without the
/// frame around it: `<=`, `<` or `==` a number.
///
/// A view that sends little stays quick on a slow line, and a change that makes a page send more
/// than it must is found here. An event that changed nothing sends no diff; the one before counts.
///
/// # Panics
///
/// When the size is another, with the diff's members and what each weighs, or when the view has
/// received no diff.
///
/// ```
/// # use axum::Router;
/// # use belvedere::testing::TestApp;
/// # use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
/// # use belvedere::{Result, SecretKeyBase, Socket, live};
/// # struct Counter(i64);
/// # #[derive(LiveEvent)] enum Event { Inc }
/// # impl LiveView for Counter {
/// #     type Extract = ();
/// #     type Params = ();
/// #     type Event = Event;
/// #     type Message = ();
/// #     async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> { Ok(Self(0)) }
/// #     async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
/// #         self.0 += 1;
/// #         Ok(())
/// #     }
/// #     fn render(&self) -> impl Render {
/// #         live! { output { (self.0) } button phx-click=(Event::Inc) { "+" } }
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let secret = SecretKeyBase::new(&"x".repeat(64)).expect("64 bytes are enough");
/// # let live = LiveRuntime::new(LiveConfig::new(secret));
/// # let router = live.clone().serve(Router::new().live::<Counter>("/counter"));
/// # let app = TestApp::new(&live, router);
/// let mut counter = app.get("/counter").await.join().await;
/// counter.click("button").await;
/// belvedere::assert_diff_bytes!(counter, <= 9); // {"0":"1"}
/// # }
/// ```
#[macro_export]
macro_rules! assert_diff_bytes {
    ($view:expr, <= $bytes:expr $(,)?) => {
        $crate::testing::check_diff_bytes(&$view, "at most", $bytes, |bytes, limit| bytes <= limit)
    };
    ($view:expr, < $bytes:expr $(,)?) => {
        $crate::testing::check_diff_bytes(&$view, "less than", $bytes, |bytes, limit| bytes < limit)
    };
    ($view:expr, == $bytes:expr $(,)?) => {
        $crate::testing::check_diff_bytes(&$view, "exactly", $bytes, |bytes, limit| bytes == limit)
    };
}

/// What [`assert_diff_bytes!`](crate::assert_diff_bytes) calls.
///
/// # Panics
///
/// As the macro.
#[doc(hidden)]
#[track_caller]
pub fn check_diff_bytes(
    view: &TestView,
    relation: &str,
    limit: usize,
    accept: fn(usize, usize) -> bool,
) {
    let Some(diff) = view.last_diff() else { panic!("the view has received no diff") };
    let bytes = diff.to_string().len();
    assert!(
        accept(bytes, limit),
        "the last diff has {bytes} bytes, {relation} {limit} expected\n{}",
        table(diff)
    );
}

/// The members of a diff, the heaviest first.
fn table(diff: &Value) -> String {
    let mut rows: Vec<_> = diff
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{}:{value}", Value::from(key.as_str())))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.len()));
    let mut table = "\n  bytes  member".to_owned();
    for row in rows {
        let shown = match row.char_indices().nth(MAX_SHOWN_CHARS) {
            Some((end, _)) => format!("{}…", &row[..end]),
            None => row.clone(),
        };
        // Writing to a string cannot fail.
        let _ = write!(table, "\n  {:>5}  {shown}", row.len());
    }
    table
}

//! [`LiveStream`]: items that the page shows and the server forgets.
//!
//! A view keeps a stream as a field, puts items in, takes them out by key, and splices it with
//! `@for`. Only what happened since the last frame is held here ([`pending`]); how it travels is
//! `diff`'s, and the frame that carries it makes the stream forget it.

use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::diff::{Forget, StreamOperations};
use pending::Pending;
use waiting::{At, Insert};

mod pending;
mod waiting;

/// A list that lives in the browser: the server keeps an item until it was sent, and no longer.
///
/// A field of the view's struct. The stream's name and an item's key make the id of the item's
/// element, `messages-7`; the container says `phx-update="stream"` and has an id of its own:
///
/// ```
/// use belvedere::{LiveStream, live, template::to_html};
///
/// struct Message { id: u32, text: String }
/// # let message = |id, text: &str| Message { id, text: text.into() };
///
/// let mut messages = LiveStream::new("messages", |message: &Message| message.id);
/// messages.append(message(1, "Hi"));
/// messages.prepend(message(2, "Pinned"));
///
/// let page = live! {
///     ul #messages phx-update="stream" {
///         @for (id, message) in &messages { li id=(id) { (message.text) } }
///     }
/// };
/// assert_eq!(
///     to_html(&page),
///     "<ul id=\"messages\" phx-update=\"stream\">\
///      <li id=\"messages-2\">Pinned</li><li id=\"messages-1\">Hi</li></ul>",
/// );
/// ```
///
/// The body of the `@for` is exactly one element with that `id`, a direct child of the container.
/// Rows need no `key`. In a container that does not say `phx-update="stream"` the browser shows the
/// items of the last frame alone, and nothing warns of it.
///
/// What is pending when a frame is sent goes out with it, in one message however many callbacks it
/// took: an item put in twice is sent once, as it was last, in the place of the first time unless
/// the limit has taken it from there, and one put in and taken out is not sent. Positions count the
/// items the browser has when the frame arrives, after all deletions.
///
/// At most 1,000 changes wait for a frame, of which one `extend` or [`reset`](Self::reset) is one. A
/// stream that is given more, because its browser is slow or away, forgets them all, and whose it is,
/// is asked for the items again. The first fill, before the stream is shown, is not counted.
///
/// The container stays in the page: one that disappears takes its items along, and
/// [`reset`](Self::reset) fills it when it is back; where a whole component comes back, that is asked
/// of it. After a lost connection the browser has nothing,
/// and whose the stream is, a [view](crate::LiveView::restream) or a
/// [component](crate::LiveComponent::restream), is asked for the items again. The name is unique
/// among the streams of a view and its components.
pub struct LiveStream<T> {
    name: Arc<str>,
    key: Box<dyn Fn(&T) -> String + Send + Sync>,
    limit: Option<StreamLimit>,
    /// Shared with the render under way, which forgets what it has sent when its frame is done. The
    /// view's task is the only one that locks it.
    pending: Arc<Mutex<Pending<T>>>,
}

/// How many items a browser keeps; the others go when an item is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamLimit {
    /// The first ones, for a stream that grows at its start.
    First(u32),
    /// The last ones, for a stream that grows at its end.
    Last(u32),
}

impl StreamLimit {
    /// As the wire has it: positive keeps the first, negative the last.
    fn number(self) -> i64 {
        match self {
            Self::First(n) => i64::from(n),
            Self::Last(n) => -i64::from(n),
        }
    }
}

impl<T: Send + Sync + 'static> LiveStream<T> {
    /// An empty stream. `name` and what `key` makes of an item form the id of its element.
    pub fn new<K: Display>(
        name: impl Into<Arc<str>>,
        key: impl Fn(&T) -> K + Send + Sync + 'static,
    ) -> Self {
        let key = Box::new(move |item: &T| key(item).to_string());
        Self { name: name.into(), key, limit: None, pending: Arc::default() }
    }

    /// The same stream, of which a browser keeps so many items. Default: all.
    #[must_use]
    pub fn with_limit(mut self, limit: StreamLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Puts `item` at the end, or in the place of the item with its key.
    pub fn append(&mut self, item: T) {
        self.insert(At::End, item);
    }

    /// Puts `item` at the start, or in the place of the item with its key.
    pub fn prepend(&mut self, item: T) {
        self.insert(At::Index(0), item);
    }

    /// Puts `item` before the one at `index`, at the end when there are fewer, or in the place of
    /// the item with its key.
    pub fn insert_at(&mut self, index: u32, item: T) {
        self.insert(At::Index(index), item);
    }

    /// Shows `item` in the place of the one with its key; nothing when the browser has none.
    pub fn update(&mut self, item: T) {
        let id = self.dom_id((self.key)(&item));
        self.lock().change(|pending| pending.update(id.into(), item));
    }

    /// Takes out the item with this key; nothing when the browser has none.
    pub fn delete(&mut self, key: impl Display) {
        let id = self.dom_id(key);
        self.lock().change(|pending| pending.delete(&id));
    }

    /// Takes out everything and puts `items` in.
    pub fn reset(&mut self, items: impl IntoIterator<Item = T>) {
        self.lock().reset();
        self.extend(items);
    }

    /// The id of the element that shows the item with this key.
    #[must_use]
    pub fn dom_id(&self, key: impl Display) -> String {
        format!("{}-{key}", self.name)
    }

    fn insert(&self, at: At, item: T) {
        let insert = self.placed(at, item);
        self.lock().change(|pending| pending.insert(insert));
    }

    fn placed(&self, at: At, item: T) -> Insert<T> {
        let id = self.dom_id((self.key)(&item)).into();
        let limit = self.limit.map(StreamLimit::number);
        Insert { id, at, limit, update_only: false, item: Arc::new(item) }
    }

    /// Whether more was put in than may wait, so that the items are to be told again.
    pub(crate) fn is_lost(&self) -> bool {
        self.lock().is_lost()
    }

    /// The items as a page shows them that has none yet.
    pub(crate) fn shown(&self) -> Vec<(Arc<str>, Arc<T>)> {
        self.lock().shown()
    }

    /// Forgets the updates of items whose elements the browser `lacks`, of which it is told the stream's
    /// name and the element's id.
    pub(crate) fn forget_absent(&self, lacks: impl Fn(&str, &str) -> bool) {
        self.lock().forget_absent(|id| lacks(&self.name, id));
    }

    /// The items to send, in the order in which they were put in.
    pub(crate) fn inserted(&self) -> Vec<(Arc<str>, Arc<T>)> {
        self.lock().inserted()
    }

    /// What to send, without the items.
    pub(crate) fn operations(&self) -> StreamOperations {
        self.lock().operations(&self.name)
    }

    /// What makes the stream forget what it has sent.
    pub(crate) fn forget_sent(&self) -> Arc<dyn Forget> {
        Arc::clone(&self.pending) as Arc<dyn Forget>
    }
}

impl<T> LiveStream<T> {
    fn lock(&self) -> MutexGuard<'_, Pending<T>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + Sync + 'static> Extend<T> for LiveStream<T> {
    /// Appends each item, as one change.
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        let inserts: Vec<_> = items.into_iter().map(|item| self.placed(At::End, item)).collect();
        self.lock().change(|pending| inserts.into_iter().for_each(|insert| pending.insert(insert)));
    }
}

impl<T: Send + Sync> Forget for Mutex<Pending<T>> {
    fn forget(&self) {
        self.lock().unwrap_or_else(PoisonError::into_inner).forget();
    }
}

impl<T> fmt::Debug for LiveStream<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LiveStream")
            .field("name", &self.name)
            .field("pending", &self.lock().len())
            .finish_non_exhaustive()
    }
}

/// What [`LiveView::restream`](crate::LiveView::restream) or
/// [`LiveComponent::restream`](crate::LiveComponent::restream) could do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restream {
    /// The streams hold their items again.
    Done,
    /// The items cannot be told any more: another view is mounted in place of this one.
    Unable,
}

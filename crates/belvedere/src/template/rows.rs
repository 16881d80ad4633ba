//! What `@for` runs over, chosen by its type while the author's crate compiles: anything that can be
//! iterated is a list, a stream is a stream.
//!
//! `(&&Rows(&rows)).kind()` finds [`ViaStream`] first, as in `pick`.

use std::sync::Arc;

use super::{Renderer, private::Template};
use crate::stream::LiveStream;

/// A reference to what `@for` runs over.
#[derive(Debug)]
pub struct Rows<T>(pub T);

/// First choice: a reference to a stream.
pub trait ViaStream {
    /// Says how its rows are written.
    fn kind(&self) -> StreamRows {
        StreamRows
    }
}

/// Everything else.
pub trait ViaList {
    /// Says how its rows are written.
    fn kind(&self) -> ListRows {
        ListRows
    }
}

impl<T> ViaStream for &Rows<&&LiveStream<T>> {}
impl<T> ViaList for Rows<&T> {}

#[derive(Debug)]
pub struct StreamRows;
#[derive(Debug)]
pub struct ListRows;

impl ListRows {
    pub fn begin<I: IntoIterator>(
        self,
        rows: I,
        renderer: &mut Renderer,
        row: &'static Template,
    ) -> I::IntoIter {
        renderer.list(row);
        rows.into_iter()
    }
}

impl StreamRows {
    pub fn begin<T: Send + Sync + 'static>(
        self,
        stream: &LiveStream<T>,
        renderer: &mut Renderer,
        row: &'static Template,
    ) -> impl Iterator<Item = (Arc<str>, Arc<T>)> + use<T> {
        renderer.stream(stream, row).into_iter()
    }
}

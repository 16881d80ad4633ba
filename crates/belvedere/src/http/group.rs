//! What a group of routes gives to each visit of its pages, as layers around its routes.
//!
//! A layer only notes it on the request; the live handler makes a [`Visit`] of what all layers have
//! noted. So the page, its join and a patch get it alike, whatever routers the route is nested in.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::request::Parts;
use http::{Extensions, Request};
use tower::{Layer, Service};

use crate::http::session::caller_of_request;
use crate::runtime::Runtime;
use crate::visit::{AnyGuard, EventGuard, Visit};

/// Guards the events of the routes that it is put on, as a layer; the [guide](crate::_guards) tells
/// when to.
///
/// An event has to pass the guards of all layers, from the outermost in. A live view that a patch or a
/// navigation leads to has those of its own route. Nothing else passes a guard: who may see a page, what
/// a URL may say and what plain handlers do is for extractors and other layers, and a dismissed flash is
/// the browser's own.
pub fn guard_events(guard: impl EventGuard) -> GroupLayer {
    GroupLayer { note: Note::Guard(Arc::new(guard)) }
}

/// The layer that [`guard_events`] makes.
#[derive(Clone, Debug)]
pub struct GroupLayer {
    note: Note,
}

#[derive(Clone)]
enum Note {
    Guard(Arc<dyn AnyGuard>),
}

impl fmt::Debug for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guard(_) => formatter.write_str("Guard"),
        }
    }
}

/// On a request: what the layers that it has passed have noted, the outermost first.
#[derive(Clone, Debug, Default)]
struct Notes(Vec<Note>);

impl<S> Layer<S> for GroupLayer {
    type Service = GroupService<S>;

    fn layer(&self, inner: S) -> GroupService<S> {
        GroupService { inner, note: self.note.clone() }
    }
}

/// The service of a [`GroupLayer`].
#[derive(Clone, Debug)]
pub struct GroupService<S> {
    inner: S,
    note: Note,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for GroupService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        notes_in(request.extensions_mut()).0.push(self.note.clone());
        self.inner.call(request)
    }
}

fn notes_in(extensions: &mut Extensions) -> &mut Notes {
    extensions.get_or_insert_default()
}

/// What the request's routes give to the visit that it begins or goes on with.
pub(super) fn visit_of(parts: &mut Parts, runtime: &Runtime) -> Visit {
    let Some(Notes(notes)) = parts.extensions.remove::<Notes>() else { return Visit::default() };
    let guards = notes.into_iter().map(|note| match note {
        Note::Guard(guard) => guard,
    });
    Visit::new(guards.collect(), caller_of_request(parts, runtime).stored())
}

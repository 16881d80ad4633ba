//! What a group of routes gives to each visit of its pages, as layers around its routes.
//!
//! A layer only notes it on the request; the live handler makes a [`Visit`] of what all layers have
//! noted. So the page, its join and a patch get it alike, whatever routers the route is nested in.

use std::any::{TypeId, type_name};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Request, StatusCode};
use tower::{Layer, Service};
use tracing::Instrument;

use crate::http::session::caller_of_request;
use crate::runtime::Runtime;
use crate::telemetry::{self, FailOnPanic, short_name};
use crate::visit::{AnyGuard, EventGuard, Shared, SharedValues, Visit};

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

/// Loads a `T` once for each visit of a page of these routes, as a layer, for all who show the page: see
/// [`Shared`]. Any extractor will do; one that refuses, refuses the page.
///
/// It is loaded before what the view extracts, the outermost layer's first, so that it may be an
/// extractor of `Shared` values itself. Plain handlers of the routes have it by the same extractor, and it
/// is loaded for those that ask.
#[must_use]
pub fn share<T>() -> GroupLayer
where
    T: FromRequestParts<()> + Send + Sync + 'static,
{
    share_with_state::<T, ()>(())
}

/// As [`share`], for an extractor that needs a state, such as a database handle:
/// `share_with_state::<Chrome, _>(database)`.
pub fn share_with_state<T, S>(state: S) -> GroupLayer
where
    T: FromRequestParts<S> + Send + Sync + 'static,
    S: Send + Sync + 'static,
{
    GroupLayer { note: Note::Share(Arc::new(LoadWith::<T, S> { state, of: PhantomData })) }
}

/// The layer that [`guard_events`] and [`share`] make.
#[derive(Clone, Debug)]
pub struct GroupLayer {
    note: Note,
}

#[derive(Clone)]
enum Note {
    Guard(Arc<dyn AnyGuard>),
    Share(Arc<dyn Load>),
}

impl fmt::Debug for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Guard(_) => "Guard",
            Self::Share(_) => "Share",
        })
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
        let Notes(notes) = request.extensions_mut().get_or_insert_default();
        notes.push(self.note.clone());
        self.inner.call(request)
    }
}

/// What the request's routes give to the visit that it begins; or goes on with, if there is an `earlier`
/// one, whose values are not loaded again. The error is how one refuses.
pub(super) async fn visit_of(
    parts: &mut Parts,
    runtime: &Runtime,
    earlier: Option<&Visit>,
) -> Result<Visit, Response> {
    let Some(Notes(notes)) = parts.extensions.get().cloned() else { return Ok(Visit::default()) };
    let mut guards = Vec::new();
    for note in notes {
        match note {
            Note::Guard(guard) => guards.push(guard),
            Note::Share(load) => load_once(&*load, parts, earlier).await?,
        }
    }
    let shared = parts.extensions.get().cloned().unwrap_or_default();
    Ok(Visit::new(guards, caller_of_request(parts, runtime).stored(), shared))
}

/// Sees to it that the request has the value.
async fn load_once(
    load: &dyn Load,
    parts: &mut Parts,
    earlier: Option<&Visit>,
) -> Result<(), Response> {
    let values: &mut SharedValues = parts.extensions.get_or_insert_default();
    let earlier = earlier.and_then(Visit::shared);
    if values.has(load.of()) || earlier.is_some_and(|it| values.take_over(load.of(), it)) {
        return Ok(());
    }
    load.load(parts).await
}

/// A value on its way into a request.
type Loading<'a> = Pin<Box<dyn Future<Output = Result<(), Response>> + Send + 'a>>;

/// How a value of some type is loaded.
trait Load: Send + Sync {
    fn of(&self) -> TypeId;

    /// Puts the value into the request.
    fn load<'a>(&'a self, parts: &'a mut Parts) -> Loading<'a>;
}

struct LoadWith<T, S> {
    state: S,
    of: PhantomData<fn() -> T>,
}

impl<T, S> Load for LoadWith<T, S>
where
    T: FromRequestParts<S> + Send + Sync + 'static,
    S: Send + Sync,
{
    fn of(&self) -> TypeId {
        TypeId::of::<T>()
    }

    fn load<'a>(&'a self, parts: &'a mut Parts) -> Loading<'a> {
        Box::pin(async move {
            let span = telemetry::load_span(short_name::<T>());
            let _panic = FailOnPanic::new(&span, "share");
            let loaded = T::from_request_parts(parts, &self.state).instrument(span.clone()).await;
            let value = loaded.map_err(IntoResponse::into_response)?;
            parts.extensions.get_or_insert_default::<SharedValues>().put(value);
            Ok(())
        })
    }
}

/// What a layer of [`share`] has loaded, or loads for a plain handler. Without such a layer it refuses
/// with 500, and a line in the log that says which is missing.
impl<S: Sync, T: Send + Sync + 'static> FromRequestParts<S> for Shared<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let is_it =
            |note: &&Note| matches!(note, Note::Share(load) if load.of() == TypeId::of::<T>());
        let notes = parts.extensions.get::<Notes>();
        if let Some(Note::Share(load)) = notes.and_then(|notes| notes.0.iter().find(is_it)).cloned()
        {
            load_once(&*load, parts, None).await?;
        }
        let values = parts.extensions.get::<SharedValues>();
        values.and_then(SharedValues::get).ok_or_else(|| {
            let missing = type_name::<T>();
            let text = format!(
                "a page wants what its routes share and none of their layers shares a `{missing}`: \
                 put `.layer(share::<{missing}>())` on their router, below its last route"
            );
            tracing::error!("{text}");
            let shown = if cfg!(debug_assertions) { text } else { String::new() };
            (StatusCode::INTERNAL_SERVER_ERROR, shown).into_response()
        })
    }
}

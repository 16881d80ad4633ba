//! [`Shared`]: a value that is loaded once for a visit, and had by all who show its page.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// What all pages of some routes know, such as who is signed in: loaded once when a page is visited, and
/// given to its view, to its layout, to its guards and to the views nested in it.
///
/// [`share`](crate::http::share) puts any extractor on the routes as a layer. It is then an extractor of
/// their views as a `Shared` one; a layout has
/// [`Page::shared`](crate::http::page::Page::shared), a callback [`Socket::shared`](crate::Socket::shared).
///
/// ```
/// use axum::Router;
/// use axum::extract::FromRequestParts;
/// use axum::http::request::Parts;
/// use belvedere::http::share;
/// use belvedere::{LiveRouter, LiveView, MountError, Render, Result, Shared, Socket, live};
///
/// struct Chrome { name: String }
///
/// impl<S: Sync> FromRequestParts<S> for Chrome {
///     type Rejection = std::convert::Infallible;
///
///     async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
///         Ok(Self { name: "Ann".to_owned() }) // from the session and the database
///     }
/// }
///
/// struct Desk { chrome: Shared<Chrome> }
///
/// impl LiveView for Desk {
///     type Extract = Shared<Chrome>;
///     type Params = ();
///     type Event = ();
///     type Message = ();
///
///     async fn mount(chrome: Shared<Chrome>, _: &mut Socket<Self>) -> Result<Self, MountError> {
///         Ok(Self { chrome })
///     }
///
///     fn render(&self) -> impl Render {
///         live! { h1 { "The desk of " (self.chrome.name) } }
///     }
/// }
///
/// let pages: Router = Router::new().live::<Desk>("/desk").layer(share::<Chrome>());
/// ```
///
/// The [guide](crate::_guards#what-all-pages-share) tells when it is loaded, and what is better a nested
/// view.
pub struct Shared<T>(Arc<T>);

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A value of any type.
type AnyShared = Arc<dyn Any + Send + Sync>;

/// The values of one visit, one of each type.
#[derive(Clone, Default)]
pub(crate) struct SharedValues(Vec<(TypeId, AnyShared)>);

impl SharedValues {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of this type.
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Shared<T>> {
        let value = Arc::clone(self.any(TypeId::of::<T>())?);
        value.downcast().ok().map(Shared)
    }

    /// The same, for as long as these values are there.
    pub(crate) fn get_ref<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.any(TypeId::of::<T>())?.downcast_ref()
    }

    /// Adds a value.
    pub(crate) fn put<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.push((TypeId::of::<T>(), Arc::new(value)));
    }

    /// Takes the value of this type over from `earlier`; whether it has one.
    pub(crate) fn take_over(&mut self, of: TypeId, earlier: &Self) -> bool {
        let taken = earlier.any(of).map(|value| (of, Arc::clone(value)));
        let is_there = taken.is_some();
        self.0.extend(taken);
        is_there
    }

    pub(crate) fn has(&self, of: TypeId) -> bool {
        self.any(of).is_some()
    }

    fn any(&self, of: TypeId) -> Option<&AnyShared> {
        self.0.iter().find(|(own, _)| *own == of).map(|(_, value)| value)
    }
}

impl fmt::Debug for SharedValues {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SharedValues").field(&self.0.len()).finish()
    }
}

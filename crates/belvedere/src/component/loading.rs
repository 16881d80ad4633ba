//! Pieces of work whose outcomes are state of a component.

use std::any::Any;
use std::future::Future;
use std::sync::{Arc, Weak};

use super::id::name;
use super::{ComponentSocket, LiveComponent};
use crate::error::Result;
use crate::load::{Async, AsyncError, FailedLate, Load, Slot};
use crate::socket::pieces::Beginning;
use crate::template::Key;

/// What the view's task does when a piece of a component has come to its end.
pub(super) struct Settle<C: LiveComponent>(pub(super) Box<Then<C>>);

type Then<C> = dyn FnOnce(&mut C, &mut ComponentSocket<'_>) -> FailedLate + Send;

impl ComponentSocket<'_> {
    /// Starts `work` beside the view, as [`Socket::load`](crate::Socket::load) does, for the component of
    /// this type and id: `socket.load::<Self, _>(self.id, "days", …)` for this one. Its name tells it from
    /// the other pieces of that component, and its span is `Dashboard Chart async days`. It ends with the
    /// component's state. One of a component that the view does not have [fails](AsyncError::NoComponent).
    pub fn load<C: LiveComponent, T: Send + Sync + 'static>(
        &mut self,
        id: impl Key,
        load: impl Into<Load>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Async<T> {
        self.start::<C, T, T>(&id, load.into(), work, |_, outcome, _| outcome)
    }

    /// As [`Socket::load_then`](crate::Socket::load_then), for the component of this type and id.
    pub fn load_then<C: LiveComponent, T: Send + 'static, U: Send + Sync + 'static>(
        &mut self,
        id: impl Key,
        load: impl Into<Load>,
        work: impl Future<Output = Result<T>> + Send + 'static,
        then: impl FnOnce(&mut C, Result<T, AsyncError>, &mut ComponentSocket<'_>) -> Result<U>
        + Send
        + 'static,
    ) -> Async<U> {
        self.start(&id, load.into(), work, |component, outcome, socket| {
            then(component, outcome, socket).map_err(AsyncError::of)
        })
    }

    /// As [`Socket::cancel`](crate::Socket::cancel), for the component of this type and id.
    pub fn cancel<C: LiveComponent>(&mut self, id: impl Key, piece: &'static str) {
        self.pieces.cancel(Some(name::<C>(&id)), piece);
    }

    fn start<C: LiveComponent, T: Send + 'static, U: Send + Sync + 'static>(
        &mut self,
        id: &impl Key,
        load: Load,
        work: impl Future<Output = Result<T>> + Send + 'static,
        then: impl FnOnce(
            &mut C,
            Result<T, AsyncError>,
            &mut ComponentSocket<'_>,
        ) -> Result<U, AsyncError>
        + Send
        + 'static,
    ) -> Async<U> {
        let component = Some((name::<C>(id), C::name()));
        let (identity, inbox) = (self.identity, Arc::clone(&self.inbox));
        let beginning = Beginning { load, component, identity, inbox };
        let settle = |outcome, slot: Weak<Slot<U>>| {
            Box::new(Settle::<C>(Box::new(move |component, socket| {
                slot.upgrade()?.settle_with(outcome, |outcome| then(component, outcome, socket))
            }))) as Box<dyn Any + Send>
        };
        self.pieces.start(self.tasks, beginning, work, settle)
    }
}

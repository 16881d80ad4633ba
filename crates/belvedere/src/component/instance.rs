//! One component whose type is not known: what the registry holds.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;

use super::loading::Settle;
use super::{ComponentId, ComponentSocket, LiveComponent, Update};
use crate::error::CallbackError;
use crate::event::{Declared, EventError, EventValue, LiveEvent};
use crate::load::FailedLate;
use crate::snapshot::{Kept, SnapshotError};
use crate::stream::Restream;
use crate::telemetry::FailOnPanic;
use crate::template::{Render, Renderer};
use crate::upload::UploadEntry;

/// A callback under way.
pub(crate) type Callback<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Components taken out of the registry for a callback, by number.
pub(crate) type Batch = Vec<(u64, Box<dyn Instance>)>;

/// Runs `update_many` for components of one type, and gives them back.
type UpdateMany =
    for<'a> fn(Batch, ComponentSocket<'a>) -> Callback<'a, (Batch, Result<(), CallbackError>)>;

/// What the registry knows of a component's type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Names of the events that it declares.
    pub(crate) events: &'static [&'static str],
    pub(crate) update: UpdateMany,
}

impl Kind {
    pub(crate) fn of<C: LiveComponent>() -> Self {
        Self {
            name: C::name(),
            events: C::Event::NAMES,
            update: |batch, socket| Box::pin(update::<C>(batch, socket)),
        }
    }
}

/// A component of any type.
pub(crate) trait Instance: Any + Send {
    fn render(&self, target: ComponentId, renderer: &mut Renderer);

    /// Whether it has been mounted.
    fn is_loaded(&self) -> bool;

    /// Its state is given up; the next update mounts it again.
    fn renew(&mut self);

    /// Whether it is kept when its server goes away.
    fn is_kept(&self) -> bool;

    /// Version and JSON of what is kept of it; nothing while it is not mounted.
    fn keep(&self) -> Option<Result<(u32, String), SnapshotError>>;

    /// Puts in what was kept of it by some build.
    fn give(&mut self, version: u32, json: &str) -> Result<(), SnapshotError>;

    /// Bytes held in place, what state and properties point to left out.
    fn bytes(&self) -> usize;

    /// What was declared of an event.
    fn declared_event(&self, name: &str, value: &EventValue) -> Result<Declared, EventError>;

    /// The callback of an event; `None` when there is no such one, or nothing is mounted.
    fn event<'a>(
        &'a mut self,
        name: &str,
        value: &EventValue,
        socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<(), CallbackError>>>;

    /// `None` when the message is of another type, or nothing is mounted.
    fn message<'a>(
        &'a mut self,
        message: Box<dyn Any + Send>,
        socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<(), CallbackError>>>;

    /// A piece of work that it has started has come to its end; what is done then.
    fn settle(&mut self, settle: Box<dyn Any + Send>, socket: ComponentSocket<'_>) -> FailedLate;

    /// `None` when nothing is mounted.
    fn upload<'a>(
        &'a mut self,
        entry: UploadEntry,
        socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<(), CallbackError>>>;

    /// `None` when nothing is mounted.
    fn restream<'a>(
        &'a mut self,
        socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<Restream, CallbackError>>>;
}

/// A component with the properties it was last given.
pub(crate) struct Mounted<C: LiveComponent> {
    state: Option<C>,
    props: C::Props,
    /// `props` are to be taken over.
    is_stale: bool,
    /// What is kept of it, if anything is.
    kept: Option<Box<Kept<C>>>,
}

impl<C: LiveComponent> Mounted<C> {
    pub(super) fn new(props: C::Props) -> Self {
        let kept = C::snapshot().declared().map(Box::new);
        Self { state: None, props, is_stale: true, kept }
    }

    /// Notes the properties; whether they are to be taken over.
    pub(super) fn offer(&mut self, props: &C::Props) -> bool {
        if self.props != *props {
            self.props = props.clone();
            self.is_stale = true;
        }
        self.is_stale
    }
}

impl<C: LiveComponent> Instance for Mounted<C> {
    fn render(&self, target: ComponentId, renderer: &mut Renderer) {
        if let Some(state) = &self.state {
            renderer.components().nested.begin_template(Some(target.0));
            let _panic = FailOnPanic::part(Some(C::name()), "render");
            state.render(target).render_to(renderer);
        }
    }

    fn is_loaded(&self) -> bool {
        self.state.is_some()
    }

    fn renew(&mut self) {
        self.state = None;
        self.is_stale = true;
    }

    fn is_kept(&self) -> bool {
        self.kept.is_some()
    }

    fn keep(&self) -> Option<Result<(u32, String), SnapshotError>> {
        let (kept, state) = (self.kept.as_ref()?, self.state.as_ref()?);
        let json = kept.take(state).map_err(|error| error.of_component(C::name()));
        Some(json.map(|json| (kept.version, json)))
    }

    fn give(&mut self, version: u32, json: &str) -> Result<(), SnapshotError> {
        match (&self.kept, &mut self.state) {
            (Some(kept), Some(state)) => kept.give(state, version, json),
            _ => Ok(()),
        }
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
    }

    fn declared_event(&self, name: &str, value: &EventValue) -> Result<Declared, EventError> {
        C::Event::decode(name, value).map(|event| Declared::of(&event))
    }

    fn event<'a>(
        &'a mut self,
        name: &str,
        value: &EventValue,
        mut socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<(), CallbackError>>> {
        let event = C::Event::decode(name, value).ok()?;
        let state = self.state.as_mut()?;
        Some(Box::pin(async move { state.handle_event(event, &mut socket).await }))
    }

    fn message<'a>(
        &'a mut self,
        message: Box<dyn Any + Send>,
        mut socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<(), CallbackError>>> {
        let message = message.downcast::<C::Message>().ok()?;
        let state = self.state.as_mut()?;
        Some(Box::pin(async move { state.handle_message(*message, &mut socket).await }))
    }

    fn settle(
        &mut self,
        settle: Box<dyn Any + Send>,
        mut socket: ComponentSocket<'_>,
    ) -> FailedLate {
        let Settle(settle) = *settle.downcast::<Settle<C>>().ok()?;
        settle(self.state.as_mut()?, &mut socket)
    }

    fn upload<'a>(
        &'a mut self,
        entry: UploadEntry,
        mut socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<(), CallbackError>>> {
        let state = self.state.as_mut()?;
        Some(Box::pin(async move { state.handle_upload(entry, &mut socket).await }))
    }

    fn restream<'a>(
        &'a mut self,
        mut socket: ComponentSocket<'a>,
    ) -> Option<Callback<'a, Result<Restream, CallbackError>>> {
        let state = self.state.as_mut()?;
        Some(Box::pin(async move { state.restream(&mut socket).await }))
    }
}

async fn update<C: LiveComponent>(
    batch: Batch,
    mut socket: ComponentSocket<'_>,
) -> (Batch, Result<(), CallbackError>) {
    let mut batch: Vec<(u64, Box<Mounted<C>>)> = batch
        .into_iter()
        .filter_map(|(number, instance)| {
            let instance: Box<dyn Any> = instance;
            Some((number, instance.downcast().ok()?))
        })
        .collect();
    let updates = batch.iter_mut().map(|(_, mounted)| {
        let Mounted { state, props, is_stale, .. } = &mut **mounted;
        *is_stale = false;
        let component = state.get_or_insert_with(|| {
            let _panic = FailOnPanic::part(Some(C::name()), "mount");
            C::mount(props)
        });
        Update { component, props: props.clone() }
    });
    let updated = C::update_many(updates.collect(), &mut socket).await;
    let batch = batch.into_iter().map(|(number, mounted)| (number, mounted as Box<dyn Instance>));
    (batch.collect(), updated)
}

//! What a view task makes of one frame of its client.

use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

use crate::event::{EventError, EventValue, LiveEvent, ValueError};
use crate::navigation::LocalPath;
use crate::runtime::client_frame::ClientFrame;
use crate::runtime::view_task::components::ComponentEvent;
use crate::runtime::view_task::uploads::UploadAsked;
use crate::runtime::view_task::{Flow, Step, ViewTask, done};
use crate::socket::Socket;
use crate::telemetry::{FailOnPanic, Told};
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::message::{ClientMessage, EventKind, EventPayload};
use crate::wire::response;

/// What a frame asks the view for.
enum Asked<E> {
    /// An event of the view.
    Event(E),
    /// An event of a component.
    Component(ComponentEvent),
    /// Another URL.
    Patch(LocalPath),
    /// Something about its uploads.
    Upload(UploadAsked),
    /// Nothing but an answer: its flash was dismissed, or says why an event was not read.
    Answer,
}

impl<V: LiveView> ViewTask<V> {
    /// Handles one frame of the client, and answers it.
    pub(super) fn frame(&mut self, frame: ClientFrame) -> Step<'_> {
        let own = self.channel.as_mut().filter(|channel| channel.incarnation == frame.incarnation);
        let Some(own) = own else { return done(Flow::Continue) };
        own.is_taken = true;
        // One frame of a view waits at most, whatever it answers.
        if !self.socket.mailbox.is_frame_waiting() {
            return self.frame_after(Duration::ZERO, frame);
        }
        Box::pin(async move {
            let waited = self.frame_taken().await;
            self.frame_after(waited, frame).await
        })
    }

    /// Handles a frame for which the browser was waited for so long, which is no time in the queue.
    fn frame_after(&mut self, waited: Duration, frame: ClientFrame) -> Step<'_> {
        let queued = frame.came + waited;
        // The payload is gone before the callback begins: while that waits, there is the event alone.
        let asked = self.read(&frame);
        let request = frame.into_request();
        match asked {
            ControlFlow::Continue(Asked::Event(event)) => self.event(event, request, queued),
            ControlFlow::Continue(Asked::Component(event)) => {
                Box::pin(self.component_event(event, request, queued))
            }
            ControlFlow::Continue(Asked::Patch(url)) => {
                Box::pin(self.patch_asked(url, request, queued))
            }
            ControlFlow::Continue(Asked::Upload(asked)) => {
                Box::pin(self.upload_asked(asked, request))
            }
            ControlFlow::Continue(Asked::Answer) => {
                Box::pin(async move { self.reply_rendered(request.message_ref()).await })
            }
            ControlFlow::Break(flow) => done(flow),
        }
    }

    /// Returns when the browser has taken the frame before, and how long that took.
    pub(super) async fn frame_taken(&mut self) -> Duration {
        if !self.socket.mailbox.is_frame_waiting() {
            return Duration::ZERO;
        }
        let since = Instant::now();
        self.socket.mailbox.frame_slot().await;
        let waited = since.elapsed();
        self.metrics.browser_waited(waited);
        waited
    }

    /// The view's event in `frame`; any other message is answered at once.
    fn read(&mut self, frame: &ClientFrame) -> ControlFlow<Flow, Asked<V::Event>> {
        let recovers = self.forms.end_recovery();
        if let Some(n_bytes) = frame.dropped_bytes {
            let max_bytes = self.runtime.config.max_frame_bytes;
            self.unread(None, &ValueError::MessageTooLong { n_bytes, max_bytes }.into());
            return ControlFlow::Continue(Asked::Answer);
        }
        let message_ref = frame.message_ref.as_deref();
        ControlFlow::Break(match frame.as_frame().message() {
            Ok(ClientMessage::Event(payload)) => {
                return self.read_event(&payload, recovers, message_ref);
            }
            Ok(ClientMessage::LivePatch { url }) => match LocalPath::of_url(&url) {
                Ok(url) => return ControlFlow::Continue(Asked::Patch(url)),
                Err(_) => self.reply(message_ref, response::write_link_redirect),
            },
            Ok(ClientMessage::AllowUpload(asked)) => {
                return ControlFlow::Continue(Asked::Upload(asked.into()));
            }
            Ok(ClientMessage::Progress(progress)) => {
                return ControlFlow::Continue(Asked::Upload(progress.into()));
            }
            Ok(ClientMessage::CidsDestroyed(cids)) => self.components_destroyed(&cids, message_ref),
            Ok(ClientMessage::CidsWillDestroy(cids)) => {
                self.socket.components.will_destroy(&cids);
                let flow = self.acknowledge(message_ref);
                self.follow_up();
                flow
            }
            Ok(_) => self.protocol_error("unexpected message", message_ref),
            Err(error) => self.protocol_error(error.reason(), message_ref),
        })
    }

    fn read_event(
        &mut self,
        payload: &EventPayload<'_>,
        recovers: bool,
        message_ref: Option<&str>,
    ) -> ControlFlow<Flow, Asked<V::Event>> {
        if payload.event.starts_with(keys::RESERVED_EVENT_PREFIX) {
            return self.reserved_event(payload, message_ref);
        }
        let has_files = self.announced(payload);
        // A form is read in any case: it has bounds, and says when it is beyond them.
        if payload.cid.is_none()
            && payload.kind == EventKind::Other
            && let Some(event) = V::Event::without_fields(&payload.event)
        {
            self.socket.has_read(event.name(), false);
            return ControlFlow::Continue(Asked::Event(event));
        }
        let room = self.take_room_for(payload);
        let limits = &self.runtime.config.form_limits;
        let value = room.and_then(|()| EventValue::from_payload(payload, limits));
        if let Ok(value) = &value
            && self.forms.is_old(payload, value, recovers)
            && !has_files
        {
            return ControlFlow::Break(self.acknowledge(message_ref));
        }
        if let (Some(number), Ok(value)) = (payload.cid, &value) {
            let (name, value) = (payload.event.as_ref().into(), value.clone());
            let is_form = payload.kind == EventKind::Form;
            let event = ComponentEvent { number, name, value, is_form };
            return ControlFlow::Continue(Asked::Component(event));
        }
        let decoded = value
            .map_err(EventError::from)
            .and_then(|value| V::Event::decode(&payload.event, &value));
        match decoded {
            Ok(event) => {
                self.socket.has_read(event.name(), payload.kind == EventKind::Form);
                ControlFlow::Continue(Asked::Event(event))
            }
            Err(error) => {
                self.unread(None, &error);
                ControlFlow::Continue(Asked::Answer)
            }
        }
    }

    /// An event that cannot be read. While a program is being written that is mostly a mistake in
    /// it, such as an input without a name or a missing `phx-target`; later it is the visitor's.
    pub(super) fn unread(&mut self, component: Option<&'static str>, error: &EventError) {
        let view = V::name();
        log_unread(&self.runtime.told.unread, view, component, error);
        self.runtime.metrics.event_ignored(view);
        self.runtime.protocol_error(error.reason());
        let _panic = FailOnPanic::part(None, "handle_unread");
        self.view.handle_unread(error, &mut self.socket);
        self.not_handled();
    }

    /// The browser is to keep what was typed: the view has not got it.
    pub(super) fn not_handled(&mut self) {
        let Socket { pending, identity, .. } = &mut self.socket;
        pending.push_refused(identity.dom_id());
    }

    /// An event of the client itself.
    fn reserved_event(
        &mut self,
        payload: &EventPayload<'_>,
        message_ref: Option<&str>,
    ) -> ControlFlow<Flow, Asked<V::Event>> {
        if &*payload.event != keys::CLEAR_FLASH {
            return ControlFlow::Break(self.protocol_error("unknown reserved event", message_ref));
        }
        let value: serde_json::Value =
            serde_json::from_str(payload.value.json()).unwrap_or_default();
        match value.get("key").and_then(serde_json::Value::as_str) {
            Some(kind) => self.socket.flash.clear(kind),
            None => self.socket.flash.clear_all(),
        }
        ControlFlow::Continue(Asked::Answer)
    }
}

fn log_unread(
    told: &Told,
    view: &'static str,
    component: Option<&'static str>,
    error: &EventError,
) {
    if error.is_authors() {
        if let Some(times) = told.again() {
            tracing::warn!(view, component, %error, times, "event ignored");
        }
    } else if cfg!(debug_assertions) {
        tracing::warn!(view, component, %error, "event ignored");
    } else {
        tracing::debug!(view, component, %error, "event ignored");
    }
}

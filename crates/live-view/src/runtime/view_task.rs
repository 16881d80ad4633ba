//! The task that owns one view: takes its mail in order, runs its callbacks, renders, answers.
//!
//! A view renders only when the socket has taken its last frame, so at most one frame of a view
//! waits and messages meanwhile only mark it dirty. A panic in a callback ends this view and
//! nothing else: the client joins again.

use std::any::TypeId;
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use crate::diff::Memory;
use crate::error::CallbackError;
use crate::event::{EventError, EventValue, LiveEvent};
use crate::runtime::Runtime;
use crate::runtime::attachment::{Attachment, Channel};
use crate::runtime::client_frame::ClientFrame;
use crate::runtime::in_flight::Ticket;
use crate::runtime::join::PreparedView;
use crate::runtime::mailbox::{Detached, Inbox, Mail};
use crate::runtime::outbox::Outgoing;
use crate::runtime::views::Claim;
use crate::socket::Socket;
use crate::telemetry::{self, Act, ViewIdentity};
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::message::{ClientMessage, EventPayload};
use crate::wire::response;

mod answer;

/// A mounted view and its socket, from the page's request on.
pub(crate) struct ViewState<V: LiveView> {
    pub(crate) view: V,
    pub(crate) socket: Socket<V>,
}

impl<V: LiveView> ViewState<V> {
    /// What a join must agree with to adopt this view.
    pub(crate) fn claim(&self) -> Claim {
        Claim {
            session: self.socket.identity.session,
            view: TypeId::of::<V>(),
            url: self.socket.identity.url.clone(),
        }
    }
}

/// A view without a task, ready for its first join.
pub(crate) struct IdleView<V: LiveView> {
    pub(crate) state: ViewState<V>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) join_span: Span,
}

impl<V: LiveView> PreparedView for IdleView<V> {
    fn attach(self: Box<Self>, mut attachment: Box<Attachment>) {
        let Self { state, runtime, join_span } = *self;
        attachment.span = join_span;
        let task = runtime.next_incarnation();
        let inbox: Arc<dyn Inbox> = Arc::clone(&state.socket.mailbox) as Arc<dyn Inbox>;
        let topic = state.socket.identity.topic.clone();
        runtime.views.started(topic, state.claim(), task, inbox);
        let mut task = ViewTask::new(state, runtime, task);
        // Lent to `run`: an async function keeps what it is given twice.
        tokio::spawn(async move { task.run(attachment).await });
    }
}

/// A view whose task runs already: held for a reconnect, or still on another socket.
pub(crate) struct RunningView {
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) join_span: Span,
}

impl PreparedView for RunningView {
    fn attach(self: Box<Self>, mut attachment: Box<Attachment>) {
        attachment.span = self.join_span;
        // A view that ended this moment gives the attachment back; dropping it refuses the join.
        drop(self.inbox.attach(attachment));
    }
}

/// The owner of one view's state.
struct ViewTask<V: LiveView> {
    view: V,
    socket: Socket<V>,
    runtime: Arc<Runtime>,
    /// Distinguishes this task in the registry.
    number: u64,
    /// What the client holds of the last render.
    memory: Memory,
    /// The browser, while there is one.
    channel: Option<Channel>,
    /// The join on `channel` has not been answered yet.
    joining: bool,
    /// State may have changed since the last render.
    dirty: bool,
    /// Of the mail being handled; kept while a render is due, and until a panic was reported.
    busy: Option<Ticket>,
    /// The session ended: nothing is kept once the browser is gone.
    evicted: bool,
}

/// Whether the task goes on.
#[derive(PartialEq, Eq)]
enum Flow {
    Continue,
    /// The browser is gone for good.
    Stop,
}

impl<V: LiveView> ViewTask<V> {
    fn new(state: ViewState<V>, runtime: Arc<Runtime>, number: u64) -> Self {
        let ViewState { view, socket } = state;
        Self {
            view,
            socket,
            runtime,
            number,
            memory: Memory::default(),
            channel: None,
            joining: false,
            dirty: false,
            busy: None,
            evicted: false,
        }
    }

    /// Serves the view to its end.
    async fn run(&mut self, first: Box<Attachment>) {
        let served = AssertUnwindSafe(self.serve(first)).catch_unwind().await;
        self.socket.mailbox.close();
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        if served.is_err() {
            tracing::error!(
                view = V::name(),
                "a live view panicked; its state is lost and its browser joins anew"
            );
            match self.channel.take() {
                Some(channel) if self.joining => {
                    channel.refuse_join(&response::JoinRefusal::Crashed);
                }
                Some(channel) => channel.crashed(),
                None => {}
            }
        }
    }

    async fn serve(&mut self, first: Box<Attachment>) {
        let mut grace_ends = None;
        self.socket.mailbox.start();
        self.busy = Some(self.runtime.in_flight.ticket());
        self.attach(first).await;
        self.busy = None;
        loop {
            let mail = match grace_ends {
                None => self.socket.mailbox.next_or_slot(self.dirty).await,
                Some(end) => match timeout_at(end, self.socket.mailbox.next()).await {
                    Ok(mail) => Some(mail),
                    Err(_) => return self.terminate().await,
                },
            };
            let flow = match mail {
                Some((mail, ticket)) => {
                    self.busy = ticket;
                    self.handle(mail).await
                }
                None => self.push(),
            };
            if !self.dirty {
                self.busy = None;
            }
            if flow == Flow::Stop {
                return self.terminate().await;
            }
            grace_ends = match (&self.channel, grace_ends) {
                (Some(_), _) => None,
                (None, Some(end)) => Some(end),
                (None, None) => Some(Instant::now() + self.runtime.config.reconnect_grace),
            };
        }
    }

    async fn handle(&mut self, mail: Mail<V::Message>) -> Flow {
        match mail {
            Mail::Frame(frame) => self.frame(frame).await,
            Mail::Message(message) => self.messages(message).await,
            Mail::Attach(attachment) => {
                self.attach(attachment).await;
                Flow::Continue
            }
            Mail::Detach { incarnation, cause } => self.detach(incarnation, cause),
            Mail::Evict => {
                self.evicted = true;
                if self.channel.is_some() { Flow::Continue } else { Flow::Stop }
            }
        }
    }

    /// Answers a join with the whole tree. A browser that was still attached is let go.
    async fn attach(&mut self, mut attachment: Box<Attachment>) {
        let Some(channel) = attachment.take_channel() else { return };
        if let Some(replaced) = self.channel.take() {
            replaced.close();
        }
        let topic = &self.socket.identity.topic;
        self.runtime.views.attached(topic, self.number);
        let inbox = Arc::clone(&self.socket.mailbox) as Arc<dyn Inbox>;
        channel.outbox.push(Outgoing::Joined { incarnation: channel.incarnation, inbox });
        self.channel = Some(channel);
        self.joining = true;
        self.memory = Memory::default();
        self.socket.pending.title = self.socket.title.is_some();
        if attachment.assets_changed {
            // The payload is a constant, so writing it as JSON cannot fail.
            let _ = self.socket.push_event("live_view:assets_changed", &serde_json::json!({}));
        }
        let span = attachment.span.clone();
        async {
            let connected = telemetry::connected_span(V::name());
            let result = self.view.connected(&mut self.socket).instrument(connected.clone()).await;
            self.settle_result(result, &connected);
            self.answer_join();
        }
        .instrument(span)
        .await;
    }

    /// The browser of `incarnation` is gone.
    fn detach(&mut self, incarnation: u64, cause: Detached) -> Flow {
        let current = self.channel.as_ref().is_some_and(|own| own.incarnation == incarnation);
        if !current {
            return Flow::Continue;
        }
        self.channel = None;
        self.memory = Memory::default();
        if cause == Detached::Left || self.evicted {
            return Flow::Stop;
        }
        let limits = self.runtime.config.reconnect_limits;
        let kept = self.runtime.views.detached(&self.socket.identity.topic, self.number, limits);
        if kept { Flow::Continue } else { Flow::Stop }
    }

    async fn terminate(&mut self) {
        // Nobody can adopt a view whose last callback runs.
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        let span = telemetry::act_span(&self.identity(), Act::Terminate);
        self.view.terminate(&mut self.socket).instrument(span).await;
    }

    /// Handles a message and those that wait behind it; the next free frame slot renders once for
    /// all of them.
    async fn messages(&mut self, first: V::Message) -> Flow {
        let mut next = Some(first);
        while let Some(message) = next {
            let span = telemetry::act_span(&self.identity(), Act::Message);
            async {
                let result = self.view.handle_message(message, &mut self.socket).await;
                self.settle_result(result, &Span::current());
            }
            .instrument(span)
            .await;
            self.dirty = self.channel.is_some();
            next = self.socket.mailbox.next_message().map(|(message, ticket)| {
                self.busy = ticket;
                message
            });
        }
        Flow::Continue
    }

    /// Handles one frame of the client, and answers it.
    async fn frame(&mut self, frame: ClientFrame) -> Flow {
        let own = self.channel.as_ref().map(|channel| channel.incarnation);
        if own != Some(frame.incarnation) {
            return Flow::Continue;
        }
        // What is read of the frame is gone before the callback begins: a waiting view's task has
        // room for the event alone.
        match self.read(&frame) {
            ControlFlow::Continue(event) => self.event(event, frame.message_ref).await,
            ControlFlow::Break(flow) => flow,
        }
    }

    /// The view's event in `frame`; any other message is answered at once.
    fn read(&mut self, frame: &ClientFrame) -> ControlFlow<Flow, V::Event> {
        let message_ref = frame.message_ref.as_deref();
        ControlFlow::Break(match frame.as_frame().message() {
            Ok(ClientMessage::Event(payload)) => return self.read_event(&payload, message_ref),
            Ok(ClientMessage::LivePatch { .. }) => {
                self.reply(message_ref, response::write_link_redirect)
            }
            Ok(ClientMessage::CidsDestroyed(_)) => {
                self.reply(message_ref, |out| response::write_cids(out, &[]))
            }
            Ok(ClientMessage::CidsWillDestroy(_)) => self.acknowledge(message_ref),
            Ok(_) => self.protocol_error("unexpected message", message_ref),
            Err(error) => self.protocol_error(error.reason(), message_ref),
        })
    }

    fn read_event(
        &mut self,
        payload: &EventPayload<'_>,
        message_ref: Option<&str>,
    ) -> ControlFlow<Flow, V::Event> {
        if payload.cid.is_some() {
            // A component that is gone is an ordinary race; this view has none.
            return ControlFlow::Break(self.acknowledge(message_ref));
        }
        if payload.event.starts_with(keys::RESERVED_EVENT_PREFIX) {
            return ControlFlow::Break(self.reserved_event(payload, message_ref));
        }
        let decoded = EventValue::from_payload(payload, &self.runtime.config.form_limits)
            .map_err(EventError::from)
            .and_then(|value| V::Event::decode(&payload.event, &value));
        match decoded {
            Ok(event) => ControlFlow::Continue(event),
            Err(error) => {
                tracing::warn!(view = V::name(), %error, "event ignored");
                ControlFlow::Break(self.protocol_error(error.reason(), message_ref))
            }
        }
    }

    async fn event(&mut self, event: V::Event, message_ref: Option<Box<str>>) -> Flow {
        self.socket.mailbox.frame_slot().await;
        let span = telemetry::act_span(&self.identity(), Act::Event(event.name()));
        async {
            let result = self.view.handle_event(event, &mut self.socket).await;
            self.settle_result(result, &Span::current());
            self.reply_rendered(message_ref.as_deref())
        }
        .instrument(span)
        .await
    }

    /// An event of the client itself.
    fn reserved_event(&mut self, payload: &EventPayload<'_>, message_ref: Option<&str>) -> Flow {
        if &*payload.event != keys::CLEAR_FLASH {
            return self.protocol_error("unknown reserved event", message_ref);
        }
        let value: serde_json::Value =
            serde_json::from_str(payload.value.get()).unwrap_or_default();
        match value.get("key").and_then(serde_json::Value::as_str) {
            Some(kind) => self.socket.flash.clear(kind),
            None => self.socket.flash.clear_all(),
        }
        self.reply_rendered(message_ref)
    }

    /// Logs the error of a callback once, marks its span, and lets the view show it.
    fn settle_result(&mut self, result: Result<(), CallbackError>, span: &Span) {
        if let Err(error) = result {
            tracing::error!(view = V::name(), %error, "a callback failed");
            telemetry::fail(span, "callback", &error.to_string());
            self.view.handle_error(&error, &mut self.socket);
        }
    }

    fn protocol_error(&mut self, kind: &'static str, message_ref: Option<&str>) -> Flow {
        self.runtime.protocol_error(kind);
        self.acknowledge(message_ref)
    }

    fn identity(&self) -> ViewIdentity<'_> {
        self.socket.identity.for_spans::<V>()
    }
}

//! The task that owns one view: takes its mail in order, runs its callbacks, renders, answers.
//!
//! A view renders only when the socket has taken its last frame, so at most one frame of a view
//! waits and messages meanwhile only mark it dirty. A panic in a callback ends this view and
//! nothing else: the client joins again.

use std::any::TypeId;
use std::future::{Future, ready};
use std::pin::{Pin, pin};
use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use crate::diff::Memory;
use crate::ended::{Ended, Held, let_go};
use crate::error::CallbackError;
use crate::navigation::{History, LocalPath};
use crate::runtime::attachment::{Attachment, Channel};
use crate::runtime::callback::report;
use crate::runtime::in_flight::Ticket;
use crate::runtime::mailbox::{Inbox, Mail, Which};
use crate::runtime::outbox::Outgoing;
use crate::runtime::recipient::Recipient;
use crate::runtime::views::Claim;
use crate::runtime::{Runtime, arrivals};
use crate::socket::Socket;
use crate::telemetry::{self, Hold, HoldOutcome, PageTrace, Told, ViewIdentity, ViewMetrics};
use crate::view::{Joined, LiveView};
use crate::wire::response::JoinRefusal;

use answer::Scope;
use kept::KeptTexts;
use navigation::{Departure, Followed};
pub(crate) use prepared::{IdleView, RunningView};
use recovery::ToldForms;
use snapshots::{Brought, Moment, Snapshots};

mod answer;
mod arrival;
mod components;
mod event;
mod frame;
mod guarding;
mod kept;
mod measure;
mod message;
mod navigation;
mod nested_patch;
mod parting;
mod prepared;
mod pushing;
mod recovery;
mod restream;
mod snapshots;
mod stray;
mod uploads;

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
            url: Some(self.socket.identity.url.clone()),
        }
    }
}

impl<V: LiveView> Held for ViewState<V> {
    fn name(&self) -> &'static str {
        V::name()
    }

    fn give_up(&mut self, why: Ended) {
        self.socket.endings.why = why;
        self.socket.components.nested.give_up(why);
    }
}

/// The owner of one view's state.
struct ViewTask<V: LiveView> {
    view: V,
    socket: Socket<V>,
    runtime: Arc<Runtime>,
    metrics: Arc<ViewMetrics>,
    /// Distinguishes this task in the registry.
    number: u64,
    /// What the client holds of the last render.
    memory: Memory,
    /// Size of the whole tree that the last join was answered with.
    tree_bytes: usize,
    /// The browser, while there is one.
    channel: Option<Channel>,
    /// The join on `channel` has not been answered yet.
    joining: bool,
    /// Which join of this view the next one is.
    next_join: Joined,
    /// Where the view has moved since the browser joined, to be said with the answer.
    moved: Option<(LocalPath, History)>,
    /// Where a view in the layout sends the page since the browser joined, to be said after the answer.
    page_goes: Option<Box<Departure>>,
    /// The browser was sent to another view and is about to leave.
    is_left: bool,
    /// What may have changed since it was last rendered.
    dirty: Option<Scope>,
    /// The act that made the state dirty, and since when the render waits for the browser.
    dirtied_by: Option<(PageTrace, Instant)>,
    /// When the last frame was sent that nobody had asked for.
    pushed_at: Option<Instant>,
    /// Of the mail being handled; kept while a render is due, and to the end of a view that ends.
    busy: Option<Ticket>,
    /// What the browser has sent of its forms.
    forms: ToldForms,
    /// What it may keep of what was typed.
    kept: KeptTexts,
    /// What the browser keeps of it.
    snapshots: Snapshots<V>,
    /// Nothing is kept once the browser is gone, for this reason.
    evicted: Option<Ended>,
}

/// Whether the task goes on.
#[derive(PartialEq, Eq)]
enum Flow {
    Continue,
    /// The browser is gone for good.
    Stop,
}

/// What a task does about one mail, in a box of its own size: a task, which mostly waits, has room for
/// none of it.
type Step<'a> = Pin<Box<dyn Future<Output = Flow> + Send + 'a>>;

/// A step that was done at once.
fn done<'a>(flow: Flow) -> Step<'a> {
    Box::pin(ready(flow))
}

impl<V: LiveView> ViewTask<V> {
    fn new(state: ViewState<V>, runtime: Arc<Runtime>, number: u64) -> Self {
        let ViewState { view, mut socket } = state;
        // What ends the view says why; a task that is dropped has no time to.
        socket.endings.why = Ended::ServerStopped;
        Self {
            view,
            socket,
            metrics: runtime.metrics.of_view(V::name()),
            runtime,
            number,
            memory: Memory::default(),
            tree_bytes: 0,
            channel: None,
            joining: false,
            next_join: Joined::First,
            moved: None,
            page_goes: None,
            is_left: false,
            dirty: None,
            dirtied_by: None,
            pushed_at: None,
            busy: None,
            forms: ToldForms::default(),
            kept: KeptTexts::default(),
            snapshots: Snapshots::new(),
            evicted: None,
        }
    }

    /// Serves the view to its end.
    async fn run(&mut self, first: Box<Attachment>) {
        let served = telemetry::caught(pin!(self.serve(first))).await;
        self.runtime.views.ended(&self.socket.identity.topic, self.number);
        let_go(V::name(), || self.socket.mailbox.close());
        let_go(V::name(), || self.socket.uploads.forget_entries());
        if self.socket.mailbox.has_overflowed() {
            self.runtime.metrics.mailbox_overflowed(V::name());
            log_overflow(&self.runtime.told.overflows, V::name());
        }
        if let Err(panicked) = served {
            self.socket.endings.why = Ended::Crashed;
            panicked.log(V::name(), "its state is lost and its browser joins anew");
            match self.channel.take() {
                Some(channel) if self.joining => {
                    channel.refuse_join(&JoinRefusal::Crashed);
                }
                Some(channel) => channel.crashed(),
                None => {}
            }
        }
    }

    async fn serve(&mut self, first: Box<Attachment>) {
        self.socket.mailbox.start();
        self.busy = Some(self.runtime.in_flight.ticket());
        let mut grace_ends = None;
        let mut flow = Box::pin(self.attach(first)).await;
        while flow == Flow::Continue {
            self.rest();
            let mail = match grace_ends {
                None => self.next_at_rate().await,
                Some(end) => match Box::pin(self.next_within_grace(end)).await {
                    Some(mail) => Some(mail),
                    None => break,
                },
            };
            flow = self.step(mail).await;
            grace_ends = match (&self.channel, grace_ends) {
                (Some(_), _) => None,
                (None, Some(end)) => Some(end),
                (None, None) => Some(Instant::now() + self.runtime.config.reconnect_grace),
            };
        }
        Box::pin(self.terminate()).await;
    }

    /// The next mail of a view without a browser, or nothing when none has come back in time.
    async fn next_within_grace(
        &mut self,
        end: Instant,
    ) -> Option<(Mail<V::Message>, Option<Ticket>)> {
        // A timer that has run out still takes a mail that waits, and there may always be one.
        if Instant::now() < end
            && let Ok(mail) = timeout_at(end, self.socket.mailbox.next()).await
        {
            return Some(mail);
        }
        self.runtime.metrics.holds_ended(Hold::Reconnect, HoldOutcome::Expired, 1);
        self.socket.endings.why = Ended::NotReturned;
        None
    }

    /// A mail was handled: no work is under way, unless a render is due.
    fn rest(&mut self) {
        if self.dirty.is_none() {
            self.busy = None;
        }
    }

    /// What is to be done about a mail, or without one.
    fn step(&mut self, mail: Option<(Mail<V::Message>, Option<Ticket>)>) -> Step<'_> {
        let Some((mail, ticket)) = mail else { return Box::pin(self.push()) };
        self.busy = ticket;
        self.runtime.views.show_page(&mut self.socket.identity);
        match mail {
            Mail::Frame(frame) => self.frame(frame),
            Mail::Message(envelope) => self.messages(envelope),
            Mail::Attach(attachment) => Box::pin(self.attach(attachment)),
            Mail::Detach { incarnation, cause } => Box::pin(self.detach(incarnation, cause)),
            Mail::Drain { incarnation } => Box::pin(self.drained(incarnation)),
            Mail::Evict(why) => done(self.evict(why)),
            Mail::End => done(self.sent_elsewhere(Ended::Removed)),
            Mail::Patch { to, history, queued } => {
                Box::pin(self.patch_for_nested(to, history, queued))
            }
            Mail::SeatFreed => done(self.seat_freed()),
            Mail::Uploads => Box::pin(self.uploads_changed()),
        }
    }

    /// Answers a join with the whole tree. A browser that was still attached loads its page anew: it
    /// may be a tab of its own, which would show for ever what the view was.
    async fn attach(&mut self, mut attachment: Box<Attachment>) -> Flow {
        if self.socket.mailbox.has_overflowed() {
            return self.give_way(*attachment);
        }
        if !self.restream().instrument(attachment.span.clone()).await {
            return self.give_way(*attachment);
        }
        let Some(mut channel) = attachment.take_channel() else { return Flow::Continue };
        channel.connected = Some(self.runtime.metrics.connected(V::name()));
        self.socket.connect_params = Some(attachment.connect_params.clone());
        if let Some(replaced) = self.channel.take() {
            replaced.load_anew(&self.socket.identity.url);
        }
        let topic = &self.socket.identity.topic;
        self.runtime.views.attached(topic, self.number, attachment.count);
        self.socket.is_shown_in(&channel.outbox);
        let view = Arc::clone(&self.socket.mailbox) as Arc<dyn Recipient>;
        channel.outbox.push(Outgoing::Joined { incarnation: channel.incarnation, view });
        if self.socket.identity.depth == 0 {
            *channel.client.shown() = self.socket.identity.page;
        }
        self.channel = Some(channel);
        self.joining = true;
        self.moved = None;
        self.page_goes = None;
        self.is_left = false;
        self.memory = Memory::default();
        self.socket.uploads.forget_entries();
        self.socket.components.begin_join();
        self.socket.pending.title = self.socket.title.is_some() || attachment.is_navigation;
        // A first join shows what its page was given a moment ago, by another release perhaps while
        // servers are being replaced: loading it again would change nothing.
        if attachment.assets_changed && attachment.is_rejoin() {
            // The payload is a constant, so writing it as JSON cannot fail.
            let _ = self.socket.push_event("live_view:assets_changed", &serde_json::json!({}));
        }
        let span = attachment.span.clone();
        async {
            let _panic = telemetry::FailOnPanic::new(&span, "join");
            self.join(attachment).await
        }
        .instrument(span.clone())
        .await
    }

    /// Shows the view what the browser shows, says that it has joined, and answers. A view that sends
    /// the browser elsewhere before does not hear of it.
    async fn join(&mut self, mut attachment: Box<Attachment>) -> Flow {
        let (shown, is_navigation) = (attachment.shown.take(), attachment.is_navigation);
        arrivals::waiting(&self.runtime, &mut self.view, &mut self.socket, Which::First);
        let asked = shown.as_ref().map_or(&self.socket.identity.url, |shown| &shown.url).clone();
        if let Some(shown) = shown {
            self.show(*shown).await;
        }
        match self.follow().await {
            Ok(Followed::Departs(departure)) => return self.join_departs(&departure, &asked),
            Ok(Followed::Stayed | Followed::Moved) => {}
            Err(flow) => return flow,
        }
        let connected = telemetry::connected_span(V::name());
        let joined = std::mem::replace(&mut self.next_join, Joined::Again);
        let mut brought = Brought::Nothing;
        match joined {
            Joined::Again => self.forms.begin_recovery(true),
            Joined::First if is_navigation => {}
            Joined::First => brought = Box::pin(self.restore(&mut attachment)).await,
        }
        let result = {
            let _panic = telemetry::FailOnPanic::new(&connected, "connected");
            self.view.connected(joined, &mut self.socket).instrument(connected.clone()).await
        };
        self.settle_result(result, &connected);
        self.settle_brought(brought);
        let moment = match (joined, brought) {
            (Joined::First, Brought::Nothing | Brought::Refused | Brought::Unknown) => {
                Moment::Mounted
            }
            (Joined::First, Brought::Restored) | (Joined::Again, _) => Moment::Joined,
        };
        self.answer_join(is_navigation, &asked, moment).await
    }

    /// Ends the view for this reason.
    fn end(&mut self, why: Ended) -> Flow {
        self.socket.endings.why = why;
        Flow::Stop
    }

    /// Logs the error of a callback once, marks its span, and lets the view show it.
    fn settle_result(&mut self, result: Result<(), CallbackError>, span: &Span) {
        report(&mut self.view, &mut self.socket, result, span);
    }

    fn identity(&self) -> ViewIdentity<'_> {
        self.socket.identity.for_spans::<V>()
    }
}

fn log_overflow(told: &Told, view: &'static str) {
    let Some(times) = told.again() else { return };
    tracing::warn!(
        view,
        times,
        "more messages waited for a live view than its mailbox takes; its state is lost"
    );
}

//! Spans of the runtime: every name, attribute key and link, and the functions that build them.
//!
//! What lives here: the shape of a trace. What does not: exporting it (the crate
//! `belvedere-telemetry`), or deciding when something happens (the runtime, which calls this).
//! Without the feature `otel` spans are `tracing`'s alone: no links, no metrics, nothing that costs.
//!
//! ```text
//! GET /users-slow                      the page's trace: its duration is the page's cost
//! ├─ UsersSlow mount                   ⊃ the queries of the mount
//! └─ UsersSlow render
//! UsersSlow join            ── link ─▶ UsersSlow mount      a trace of its own, as every later act
//! └─ UsersSlow connected
//! UsersSlow handle_event delete ─ link ─▶ UsersSlow mount
//! └─ UsersSlow render
//! ```
//!
//! Two kinds of span follow from it. An **act** ([`join_span`], [`act_span`], [`push_span`]) is the root of a
//! trace, linked to its page's mount span, and repeats the page's ids as attributes. It inherits
//! the page's sampling decision, so an act of a page that was not sampled is [`Span::none`] and
//! costs one comparison. A **callback** ([`remount_span`], [`connected_span`], [`restream_span`],
//! [`guard_span`], [`component_span`], [`render_span`], [`async_span`], [`settled_span`]) is a child of the
//! current span and is none where there is nothing to be a child of; so work below a missing act is silent
//! as well.
//!
//! Names are compile-time strings: what a client sends never becomes one. A span ends when it is
//! last exited, so run the work with `.instrument(span)` or `span.in_scope(..)`; attributes and
//! status may follow until it is dropped.

use std::time::Duration;

use tracing::field::Empty;
use tracing::{Span, info_span, record_all};

// The only places that know whether there is OpenTelemetry.
#[cfg_attr(feature = "otel", path = "telemetry/otel.rs")]
#[cfg_attr(not(feature = "otel"), path = "telemetry/plain.rs")]
mod bridge;

mod act;
pub mod attribute;
mod group;
mod instruments;
mod long_poll;
pub mod metric;
mod name;
mod page_trace;
mod panicked;
mod piece;
mod pub_sub;
mod request;
mod server;
mod told;
mod upload;

pub use act::Act;
pub use group::{guard_span, load_span, record_guarded};
pub(crate) use instruments::{
    ConnectedView, EventOutcome, Hold, HoldOutcome, Metrics, ViewMetrics,
};
pub(crate) use long_poll::PollOutcome;
pub(crate) use name::short_name;
use name::words;
pub use page_trace::PageTrace;
pub(crate) use panicked::{FailOnPanic, caught, caught_now};
pub use piece::{async_span, settled_span};
pub(crate) use pub_sub::PubSubMetrics;
pub(crate) use request::{
    IncomingTrace, RequestIdentity, RequestMetrics, RequestSeries, continue_trace, record_response,
    request_span,
};
pub(crate) use server::{ServerMetrics, TurnedAway};
pub use told::Told;
pub(crate) use told::{TOLD_FOR, ToldOf};
pub(crate) use upload::{UploadAct, UploadOutcome, record_upload};

/// What every act of a view repeats about it.
#[derive(Clone, Copy, Debug)]
pub struct ViewIdentity<'a> {
    /// The view's type name, first word of its spans' names.
    pub view: &'static str,
    /// Template of the route that leads to the view: `/users/{id}`.
    pub route: &'a str,
    /// The topic the view answers on.
    pub view_id: &'a str,
    /// The page the view was first rendered in.
    pub page: PageTrace,
}

/// `UsersSlow mount` of a page: child of the HTTP span, root where there is none.
///
/// None within a request that is not sampled. Outside of requests it is built in any case, because only a span
/// can be asked for its decision. [`PageTrace::of_mount`] of it tells the page's later acts what that is.
#[must_use]
pub fn mount_span(view: &'static str) -> Span {
    if PageTrace::current().is_unsampled() { Span::none() } else { mount(view, false) }
}

/// `UsersSlow mount` within a join that found no view to adopt.
#[must_use]
pub fn remount_span(view: &'static str) -> Span {
    within_recorded_work(|| mount(view, true))
}

fn mount(view: &'static str, connected: bool) -> Span {
    info_span!(
        "mount",
        otel.name = words([view, "mount"]),
        { attribute::VIEW } = view,
        { attribute::CONNECTED } = connected,
    )
}

/// `UsersSlow connected` within a join.
#[must_use]
pub fn connected_span(view: &'static str) -> Span {
    callback_span(view, "connected")
}

/// `UsersSlow handle_params` within a mount, or within the act that patches.
#[must_use]
pub fn params_span(view: &'static str) -> Span {
    callback_span(view, "handle_params")
}

/// `UsersSlow restream` within a join.
#[must_use]
pub fn restream_span(view: &'static str) -> Span {
    callback_span(view, "restream")
}

/// `UsersFast UserRow update`: a callback of `n_components` of one type, within an act of their view.
#[must_use]
pub fn component_span(
    view: &'static str,
    component: &'static str,
    callback: &'static str,
    n_components: usize,
) -> Span {
    within_recorded_work(|| {
        info_span!(
            "component",
            otel.name = words([view, component, callback]),
            { attribute::VIEW } = view,
            { attribute::COMPONENT } = component,
            { attribute::COMPONENTS } = integer(n_components),
        )
    })
}

fn callback_span(view: &'static str, callback: &'static str) -> Span {
    within_recorded_work(|| {
        info_span!("callback", otel.name = words([view, callback]), { attribute::VIEW } = view,)
    })
}

/// `UsersSlow render`, to HTML or to a diff. [`record_render`] completes it.
#[must_use]
pub fn render_span(view: &'static str) -> Span {
    within_recorded_work(|| {
        info_span!(
            "render",
            otel.name = words([view, "render"]),
            { attribute::VIEW } = view,
            { attribute::DIFF_BYTES } = Empty,
            { attribute::HOLES_CHANGED } = Empty,
        )
    })
}

/// Says on a [`render_span`] what the render wrote.
pub fn record_render(span: &Span, bytes: usize, holes_changed: usize) {
    if span.is_disabled() {
        return;
    }
    record_all!(
        span,
        { attribute::DIFF_BYTES } = integer(bytes),
        { attribute::HOLES_CHANGED } = integer(holes_changed),
    );
}

/// `UsersSlow join`: a browser attaches to the view. [`record_adopted`] and [`record_transport`] complete it.
#[must_use]
pub fn join_span(identity: &ViewIdentity<'_>) -> Span {
    linked_to_page(identity, || {
        info_span!(
            parent: None,
            "join",
            otel.name = words([identity.view, "join"]),
            { attribute::VIEW } = identity.view,
            { attribute::TOPIC } = identity.view_id,
            { attribute::HTTP_ROUTE } = identity.route,
            { attribute::PAGE_TRACE_ID } = identity.page.shown_trace_id(),
            { attribute::PAGE_SPAN_ID } = identity.page.shown_span_id(),
            { attribute::ADOPTED } = Empty,
            { attribute::RESTORED } = Empty,
            { attribute::SNAPSHOT_BUILD } = Empty,
            { attribute::TRANSPORT } = Empty,
        )
    })
}

/// Says on a [`join_span`] what carries the frames of its socket.
pub fn record_transport(span: &Span, transport: &'static str) {
    span.record(attribute::TRANSPORT, transport);
}

/// Says on a [`join_span`] whether the page's view was taken over.
pub fn record_adopted(span: &Span, adopted: bool) {
    span.record(attribute::ADOPTED, adopted);
}

/// Says on a [`join_span`] that its view was given what `build`, if that has a name, has kept.
pub fn record_restored(span: &Span, build: &str) {
    span.record(attribute::RESTORED, true);
    if !build.is_empty() {
        span.record(attribute::SNAPSHOT_BUILD, build);
    }
}

/// `UsersSlow handle_event delete`, `UsersSlow handle_message`: one act of a view.
#[must_use]
pub fn act_span(identity: &ViewIdentity<'_>, act: Act) -> Span {
    act_after(identity, act, None)
}

/// The same, of an event or a message that has waited so long.
#[must_use]
pub fn queued_act_span(identity: &ViewIdentity<'_>, act: Act, waited: Duration) -> Span {
    act_after(identity, act, Some(waited))
}

fn act_after(identity: &ViewIdentity<'_>, act: Act, waited: Option<Duration>) -> Span {
    linked_to_page(identity, || {
        let (callback, name) = act.parts();
        let component = act.component();
        let event =
            matches!(act, Act::Event(_) | Act::ComponentEvent(..)).then_some(name).flatten();
        info_span!(
            parent: None,
            "act",
            otel.name = words([
                identity.view,
                component.unwrap_or_default(),
                callback,
                name.unwrap_or_default(),
            ]),
            { attribute::VIEW } = identity.view,
            { attribute::TOPIC } = identity.view_id,
            { attribute::HTTP_ROUTE } = identity.route,
            { attribute::EVENT } = event,
            { attribute::COMPONENT } = component,
            { attribute::PAGE_TRACE_ID } = identity.page.shown_trace_id(),
            { attribute::PAGE_SPAN_ID } = identity.page.shown_span_id(),
            { attribute::QUEUE_WAIT } = waited.map(microseconds),
        )
    })
}

/// Links the act that handles a message to the work that published it, which said
/// [`PageTrace::current`] then.
///
/// To be called before the act's span is entered, so that samplers see the link.
pub fn link_publisher(span: &Span, publisher: PageTrace) {
    link(span, publisher, attribute::LINK_PUBLISHER);
}

/// Links the mount of a live navigation to the page that led to it, before its span is entered.
pub fn link_led_by(span: &Span, page: PageTrace) {
    link(span, page, attribute::LINK_LED_BY);
}

/// Links spawned work to the act that started it, before its span is entered.
pub fn link_spawner(span: &Span, spawner: PageTrace) {
    link(span, spawner, attribute::LINK_SPAWNER);
}

/// `UsersSlow push`: what is sent of the act `cause` after the browser has taken the frame before.
///
/// A trace of its own, linked to that act, which has ended meanwhile: a span is work, and waiting for a
/// browser is none.
#[must_use]
pub fn push_span(identity: &ViewIdentity<'_>, cause: PageTrace, waited: Duration) -> Span {
    if cause.is_none() || cause.is_unsampled() {
        return Span::none();
    }
    let span = linked_to_page(identity, || {
        info_span!(
            parent: None,
            "push",
            otel.name = words([identity.view, "push"]),
            { attribute::VIEW } = identity.view,
            { attribute::TOPIC } = identity.view_id,
            { attribute::HTTP_ROUTE } = identity.route,
            { attribute::PAGE_TRACE_ID } = identity.page.shown_trace_id(),
            { attribute::PAGE_SPAN_ID } = identity.page.shown_span_id(),
            { attribute::BROWSER_WAIT } = microseconds(waited),
        )
    });
    link(&span, cause, attribute::LINK_ACT);
    span
}

/// Marks a span as failed: error status with `message`, and `error.type`.
///
/// `error_type` has few distinct values (a type or variant name); `message` is for people and holds
/// no secrets, since it leaves the process.
pub fn fail(span: &Span, error_type: &str, message: &str) {
    if span.is_disabled() {
        return;
    }
    bridge::fail(span, error_type, message);
}

fn linked_to_page(identity: &ViewIdentity<'_>, build: impl FnOnce() -> Span) -> Span {
    let page = identity.page;
    if page.is_unsampled() {
        return Span::none();
    }
    let span = build();
    link(&span, page, attribute::LINK_PAGE);
    span
}

fn link(span: &Span, target: PageTrace, what: &'static str) {
    if !target.is_none() && !span.is_disabled() {
        bridge::link(span, target, what);
    }
}

/// Builds a child span only where it would be recorded: below a span, and below no unsampled one.
fn within_recorded_work(build: impl FnOnce() -> Span) -> Span {
    let has_parent =
        tracing::dispatcher::get_default(|subscriber| subscriber.current_span().id().is_some());
    if has_parent && !PageTrace::current().is_unsampled() { build() } else { Span::none() }
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The signed integer the OpenTelemetry layer records as a number; unsigned ones become text.
fn integer(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

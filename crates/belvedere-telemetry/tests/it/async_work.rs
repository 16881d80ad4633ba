//! Pieces of work in the trace of their page: side by side, below the callback that has started them.

use belvedere::telemetry::attribute;
use belvedere::{Async, LiveEvent, LiveView, Load, MountError, Render, Result, Socket, live};
use belvedere_telemetry::n_plus_one::{COUNT, N_PLUS_ONE, QUERIES};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use opentelemetry::Value;
use opentelemetry::trace::Status;

use crate::live::{acts, event, visitor};
use crate::n_plus_one::{COUNT_ITEMS, query};
use crate::named;

struct Pieces {
    pieces: [Async<u32>; 2],
}

#[derive(LiveEvent)]
enum Event {
    Again,
    Panic,
}

fn piece(name: &'static str, socket: &mut Socket<Pieces>) -> Async<u32> {
    socket.load(name, async move {
        let tracer = opentelemetry::global::tracer("domain");
        for _ in 0..3 {
            query(&tracer, "SELECT", "items", COUNT_ITEMS);
            tokio::task::yield_now().await;
        }
        Ok(1)
    })
}

impl LiveView for Pieces {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(_: (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { pieces: ["totals", "days"].map(|name| piece(name, socket)) })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        self.pieces[0] = match event {
            Event::Again => piece("totals", socket),
            Event::Panic => {
                socket.load(Load::named("totals"), async { panic!("a piece panics on purpose") })
            }
        };
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { @for piece in &self.pieces { p { (format!("{piece:?}")) } } }
    }
}

#[tokio::test]
async fn pieces_lie_side_by_side_in_the_trace_of_their_page_with_their_queries() {
    let page = visitor::<Pieces>("/pieces").get("/pieces").await;
    // The request is told of at once, whatever still goes on in its trace.
    let spans = recorder().trace(page.trace_id());
    assert_eq!(named(&spans, "GET /pieces").parent_span_id, opentelemetry::SpanId::INVALID);
    let view = page.join().await;
    assert_eq!(view.texts("p"), ["Done(1)", "Done(1)"]);
    let spans = recorder().trace(view.trace_id());
    let mount = named(&spans, "Pieces mount").span_context.span_id();
    assert_eq!(value_of(named(&spans, "Pieces mount"), QUERIES), None);
    for name in ["totals", "days"] {
        let piece = named(&spans, &format!("Pieces async {name}"));
        assert_eq!(piece.parent_span_id, mount);
        assert_eq!(
            value_of(piece, attribute::ASYNC).map(ToString::to_string).as_deref(),
            Some(name)
        );
        let id = piece.span_context.span_id();
        assert_eq!(spans.iter().filter(|span| span.parent_span_id == id).count(), 3);
        assert_eq!(value_of(piece, QUERIES), Some(&3.into()), "a callback of its own");
        assert_eq!(value_of(piece, N_PLUS_ONE), Some(&true.into()));
        // The act that shows the outcome links to the piece.
        let acts = acts(view.trace_id());
        let act = named(&acts, &format!("Pieces handle_async {name}"));
        assert_eq!(act.links[1].span_context.span_id(), id);
    }
}

/// Rows that each load one piece, all by the same query.
struct Rows {
    rows: Vec<Async<u32>>,
}

impl LiveView for Rows {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(_: (), socket: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut piece = |name| {
            socket.load(name, async move {
                query(&opentelemetry::global::tracer("domain"), "SELECT", "items", COUNT_ITEMS);
                Ok(1)
            })
        };
        Ok(Self { rows: ["one", "two", "three", "four", "five"].map(&mut piece).into() })
    }

    fn render(&self) -> impl Render {
        live! { @for row in &self.rows { p { (format!("{row:?}")) } } }
    }
}

#[tokio::test]
async fn one_query_in_each_of_many_pieces_is_an_n_plus_one() {
    // Each visit counts for itself.
    for _ in 0..2 {
        let view = visitor::<Rows>("/rows").get("/rows").await.join().await;
        let spans = recorder().trace(view.trace_id());
        let pieces = spans.iter().filter(|span| span.name.starts_with("Rows async "));
        let counts: Vec<_> = pieces
            .map(|span| (value_of(span, QUERIES).cloned(), value_of(span, COUNT).cloned()))
            .collect();
        let of = |count: Option<i64>| (Some(1.into()), count.map(Value::I64));
        assert_eq!(counts, [None, None, Some(3), Some(4), Some(5)].map(of));
        let trace = view.trace_id();
        let failure = std::panic::catch_unwind(|| {
            belvedere_telemetry::assert_no_n_plus_one!(trace);
        });
        assert!(failure.is_err());
    }
}

#[tokio::test]
async fn a_piece_of_a_later_callback_is_in_its_act_and_a_failure_marks_it() {
    let mut view = visitor::<Pieces>("/later").get("/later").await.join().await;
    event(&mut view, "again").await;
    let acts_before = acts(view.trace_id());
    let act = &named(&acts_before, "Pieces handle_event again").span_context;
    let spans = recorder().trace(act.trace_id());
    assert_eq!(named(&spans, "Pieces async totals").parent_span_id, act.span_id());
    event(&mut view, "panic").await;
    let acts = acts(view.trace_id());
    let act = &named(&acts, "Pieces handle_event panic").span_context;
    let spans = recorder().trace(act.trace_id());
    let piece = named(&spans, "Pieces async totals");
    assert_eq!(piece.status, Status::error("the work panicked: a piece panics on purpose"));
    assert_eq!(
        value_of(piece, attribute::ERROR_TYPE).map(ToString::to_string).as_deref(),
        Some("panic")
    );
    assert!(view.text("p:first-of-type").starts_with("Failed"), "{}", view.html());
}

//! Queries of `sqlx` as spans: it says each in an event when it is over, and how long it took.
//!
//! No setting of the application is needed, and none of its log: this layer listens to the target
//! `sqlx::query` by itself, whatever `RUST_LOG` shows. An event has the statement with placeholders
//! and never a value.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Span, SpanBuilder, SpanKind, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer;
use tracing_subscriber::registry::LookupSpan;

use crate::statement::Statement;

const TARGET: &str = "sqlx::query";

/// The layer that writes a span for each query of `sqlx`, below the span in progress.
pub(crate) fn layer<S>(tracer: SdkTracer) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    Queries { tracer }.with_filter(Targets::new().with_target(TARGET, LevelFilter::DEBUG))
}

struct Queries {
    tracer: SdkTracer,
}

impl<S: Subscriber> Layer<S> for Queries {
    fn on_event(&self, event: &Event<'_>, _context: layer::Context<'_, S>) {
        let parent = Context::current();
        if !parent.span().is_recording() {
            return;
        }
        let mut said = Said::default();
        event.record(&mut said);
        let Some(sql) = said.sql() else { return };
        let end = SystemTime::now();
        let builder = SpanBuilder::from_name(Statement::summary_of(sql))
            .with_kind(SpanKind::Client)
            .with_start_time(end.checked_sub(said.took).unwrap_or(end))
            .with_attributes(said.attributes(sql));
        self.tracer.build_with_context(builder, &parent).end_with_timestamp(end);
    }
}

/// What an event says of its query.
#[derive(Default)]
struct Said {
    /// The first words of the statement.
    summary: String,
    /// All of it; empty where these are all.
    statement: String,
    rows_returned: i64,
    took: Duration,
}

impl Said {
    fn sql(&self) -> Option<&str> {
        let whole = [self.statement.trim(), self.summary.trim()];
        whole.into_iter().find(|text| !text.is_empty())
    }

    fn attributes(&self, sql: &str) -> Vec<KeyValue> {
        let mut attributes = vec![
            // Which one it is, the event does not say.
            KeyValue::new("db.system.name", "other_sql"),
            KeyValue::new("db.query.text", sql.to_owned()),
            KeyValue::new("db.query.summary", Statement::summary_of(sql)),
            KeyValue::new("db.response.returned_rows", self.rows_returned),
        ];
        let (operation, table) = Statement::operation_and_table_of(sql);
        attributes.push(KeyValue::new("db.operation.name", operation));
        attributes.extend(table.map(|table| KeyValue::new("db.collection.name", table)));
        attributes
    }
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows_returned = i64::try_from(value).unwrap_or(i64::MAX);
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.took = Duration::try_from_secs_f64(value).unwrap_or_default();
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Texts that an event was given by `Display`.
        if matches!(field.name(), "summary" | "db.statement") {
            self.record_str(field, &format!("{value:?}"));
        }
    }
}

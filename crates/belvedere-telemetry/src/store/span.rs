//! One finished span, as far as it is kept.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, SpanKind, Status, TraceId};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::attribute;
use crate::text::beginning;

/// Longest text kept of one attribute, in bytes: a long statement, and no more.
const MAX_TEXT_BYTES: usize = 4096;

/// Most links kept of one span.
const MAX_LINKS: usize = 8;

/// A span that has ended.
#[derive(Clone, Debug)]
pub struct StoredSpan {
    /// Its own id.
    pub id: SpanId,
    /// The span it is part of; `None` for the first span of a trace, also where the trace began in
    /// another process.
    pub parent: Option<SpanId>,
    /// What it is called: a compile-time name.
    pub name: Box<str>,
    /// Its place between client and server.
    pub kind: SpanKind,
    /// When it began.
    pub started: SystemTime,
    /// How long it took.
    pub duration: Duration,
    /// What went wrong; empty where nobody said.
    pub error: Option<Box<str>>,
    /// The work that it followed from.
    pub links: Box<[SpanLink]>,
    attributes: Box<[(&'static str, Value)]>,
}

/// A link to a span of another trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanLink {
    /// The other trace.
    pub trace_id: TraceId,
    /// The span there.
    pub span_id: SpanId,
    /// What it stands for: `page`, `publisher` or `client`.
    pub meaning: Option<Box<str>>,
}

impl StoredSpan {
    pub(super) fn of(span: SpanData) -> Self {
        let is_root = span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote;
        let error = match span.status {
            Status::Error { description } => Some(cut(&description).into()),
            Status::Ok | Status::Unset => None,
        };
        let links = span.links.iter().take(MAX_LINKS).map(|link| SpanLink {
            trace_id: link.span_context.trace_id(),
            span_id: link.span_context.span_id(),
            meaning: meaning(&link.attributes),
        });
        Self {
            id: span.span_context.span_id(),
            parent: (!is_root).then_some(span.parent_span_id),
            name: cut(&span.name).into(),
            kind: span.span_kind,
            started: span.start_time,
            duration: span.end_time.duration_since(span.start_time).unwrap_or_default(),
            error,
            links: links.collect(),
            attributes: kept(span.attributes),
        }
    }

    /// An attribute that is text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.value(key)? {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// An attribute that counts something.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<u64> {
        match self.value(key)? {
            Value::I64(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// Whether an attribute says yes.
    #[must_use]
    pub fn is(&self, key: &str) -> bool {
        matches!(self.value(key), Some(Value::Bool(true)))
    }

    /// Whether this is a statement sent to a database.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.value(attribute::DB_QUERY_TEXT).is_some()
    }

    /// Whether its route or path is `path` or lies below.
    pub(super) fn is_of_path(&self, path: &str) -> bool {
        [attribute::HTTP_ROUTE, attribute::URL_PATH].into_iter().any(|key| {
            let rest = self.text(key).and_then(|text| text.strip_prefix(path));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// What it takes of memory, near enough.
    pub(super) fn bytes(&self) -> usize {
        let texts = self.attributes.iter().map(|(_, value)| match value {
            Value::String(text) => text.as_str().len(),
            _ => 0,
        });
        size_of::<Self>()
            + self.name.len()
            + self.error.as_ref().map_or(0, |error| error.len())
            + size_of_val(&*self.links)
            + size_of_val(&*self.attributes)
            + texts.sum::<usize>()
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.attributes.iter().find(|(kept, _)| *kept == key).map(|(_, value)| value)
    }
}

/// The listed attributes, each once; of one recorded twice the last counts.
fn kept(attributes: Vec<KeyValue>) -> Box<[(&'static str, Value)]> {
    let mut kept: Vec<(&'static str, Value)> = Vec::with_capacity(attributes.len());
    for KeyValue { key, value, .. } in attributes {
        let Some(key) = attribute::KEPT.into_iter().find(|listed| *listed == key.as_str()) else {
            continue;
        };
        let value = match value {
            Value::String(text) if text.as_str().len() > MAX_TEXT_BYTES => {
                Value::String(cut(text.as_str()).to_owned().into())
            }
            Value::Bool(_) | Value::I64(_) | Value::F64(_) | Value::String(_) => value,
            _ => continue,
        };
        match kept.iter_mut().find(|(seen, _)| *seen == key) {
            Some(earlier) => earlier.1 = value,
            None => kept.push((key, value)),
        }
    }
    kept.into()
}

fn meaning(attributes: &[KeyValue]) -> Option<Box<str>> {
    let meaning = attributes.iter().find(|one| one.key.as_str() == attribute::LINK)?;
    Some(cut(&meaning.value.as_str()).into())
}

/// The beginning of a text, at most [`MAX_TEXT_BYTES`].
fn cut(text: &str) -> &str {
    beginning(text, MAX_TEXT_BYTES)
}

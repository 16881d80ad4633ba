//! What telemetry does without OpenTelemetry: spans are those of `tracing` alone, and there are no
//! metrics. Everything here is empty, so that the compiler leaves it out.

use std::marker::PhantomData;

use tracing::Span;

use super::page_trace::PageTrace;

pub(super) fn trace_of(_span: &Span) -> PageTrace {
    PageTrace::NONE
}

pub(super) fn current_trace() -> PageTrace {
    PageTrace::NONE
}

pub(super) fn link(_span: &Span, _target: PageTrace, _what: &'static str) {}

pub(super) fn set_parent(_span: &Span, _parent: PageTrace) {}

pub(super) fn set_local_parent(_span: &Span, _parent: PageTrace) {}

pub(super) fn fail(_span: &Span, _error_type: &str, _message: &str) {}

pub(super) fn meter() -> Meter {
    Meter
}

/// Stands for the label of a metric.
#[derive(Debug)]
pub(super) struct KeyValue;

impl KeyValue {
    pub(super) fn new<V>(_key: &'static str, _value: V) -> Self {
        Self
    }
}

/// Makes instruments that do nothing.
#[derive(Debug)]
pub(super) struct Meter;

impl Meter {
    pub(super) fn u64_counter(&self, _name: &'static str) -> Builder<Counter<u64>> {
        Builder(Counter(PhantomData))
    }

    pub(super) fn i64_up_down_counter(&self, _name: &'static str) -> Builder<UpDownCounter<i64>> {
        Builder(Counter(PhantomData))
    }

    pub(super) fn f64_histogram(&self, _name: &'static str) -> Builder<Histogram<f64>> {
        Builder(Histogram(PhantomData))
    }

    pub(super) fn u64_histogram(&self, _name: &'static str) -> Builder<Histogram<u64>> {
        Builder(Histogram(PhantomData))
    }
}

/// An instrument about to be made.
#[derive(Debug)]
pub(super) struct Builder<I>(I);

impl<I> Builder<I> {
    pub(super) fn with_unit(self, _unit: &'static str) -> Self {
        self
    }

    pub(super) fn with_description(self, _what: &'static str) -> Self {
        self
    }

    pub(super) fn with_boundaries(self, _bounds: Vec<f64>) -> Self {
        self
    }

    pub(super) fn build(self) -> I {
        self.0
    }
}

/// Counts nothing.
#[derive(Clone, Debug)]
pub(super) struct Counter<N>(PhantomData<N>);

/// Counts nothing, in both directions.
pub(super) type UpDownCounter<N> = Counter<N>;

impl<N> Counter<N> {
    pub(super) fn add(&self, _n: N, _labels: &[KeyValue]) {}

    pub(super) fn bind(&self, _labels: &[KeyValue]) -> BoundCounter<N> {
        BoundCounter(PhantomData)
    }
}

/// Counts nothing of one series.
#[derive(Clone, Debug)]
pub(super) struct BoundCounter<N>(PhantomData<N>);

impl<N> BoundCounter<N> {
    pub(super) fn add(&self, _n: N) {}
}

/// Measures nothing.
#[derive(Clone, Debug)]
pub(super) struct Histogram<N>(PhantomData<N>);

impl<N> Histogram<N> {
    pub(super) fn record(&self, _value: N, _labels: &[KeyValue]) {}

    pub(super) fn bind(&self, _labels: &[KeyValue]) -> BoundHistogram<N> {
        BoundHistogram(PhantomData)
    }
}

/// Measures nothing of one series.
#[derive(Clone, Debug)]
pub(super) struct BoundHistogram<N>(PhantomData<N>);

impl<N> BoundHistogram<N> {
    pub(super) fn record(&self, _value: N) {}
}

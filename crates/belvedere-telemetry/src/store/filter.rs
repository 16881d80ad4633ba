//! Which traces are listed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::TraceSummary;

/// What a listed trace must be; the default lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceFilter {
    /// Exactly this route, e.g. `/users-slow`.
    pub route: Option<String>,
    /// Exactly this view, e.g. `UsersSlow`.
    pub view: Option<String>,
    /// At least this long.
    pub min_duration: Duration,
    /// With an error anywhere in it.
    pub only_errors: bool,
    /// With a statement run again and again.
    pub only_n_plus_one: bool,
}

impl TraceFilter {
    pub(super) fn matches(&self, trace: &TraceSummary) -> bool {
        let same = |wanted: &Option<String>, found: &Option<Box<str>>| match wanted {
            Some(wanted) => found.as_deref() == Some(wanted),
            None => true,
        };
        same(&self.route, &trace.route)
            && same(&self.view, &trace.view)
            && trace.duration >= self.min_duration
            && (!self.only_errors || trace.is_error)
            && (!self.only_n_plus_one || trace.n_plus_one.is_some())
    }
}

/// What can be chosen among, in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Routes of the traces kept.
    pub routes: Vec<Box<str>>,
    /// Views of the traces kept.
    pub views: Vec<Box<str>>,
}

impl Facets {
    pub(super) fn of<'a>(traces: impl Iterator<Item = &'a TraceSummary>) -> Self {
        let (mut routes, mut views) = (BTreeSet::new(), BTreeSet::new());
        for trace in traces.filter(|trace| trace.is_complete) {
            routes.extend(trace.route.as_deref());
            views.extend(trace.view.as_deref());
        }
        let owned = |texts: BTreeSet<&str>| texts.into_iter().map(Box::from).collect();
        Self { routes: owned(routes), views: owned(views) }
    }
}

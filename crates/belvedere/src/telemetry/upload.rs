//! Uploads: an act for each file, and what it is called.

use std::sync::Arc;

use tracing::field::Empty;
use tracing::{Span, info_span};

use super::{PageTrace, ViewIdentity, attribute, linked_to_page, words};

/// Whose upload it is.
#[derive(Clone, Debug)]
pub(crate) struct UploadAct {
    pub(crate) view: &'static str,
    route: Arc<str>,
    view_id: Box<str>,
    page: PageTrace,
    /// As the application calls it.
    pub(crate) upload: &'static str,
}

/// What has become of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UploadOutcome {
    /// All of it is here.
    Received,
    /// It was refused by what it holds, or its writer has failed, or nothing came for too long.
    Failed,
    /// Its visitor, or the view, wanted it no more, or the connection was lost.
    Cancelled,
}

impl UploadOutcome {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Received => attribute::OUTCOME_RECEIVED,
            Self::Failed => attribute::OUTCOME_FAILED,
            Self::Cancelled => attribute::OUTCOME_CANCELLED,
        }
    }
}

impl UploadAct {
    pub(crate) fn new(identity: &ViewIdentity<'_>, route: &Arc<str>, upload: &'static str) -> Self {
        let ViewIdentity { view, view_id, page, .. } = *identity;
        Self { view, route: Arc::clone(route), view_id: view_id.into(), page, upload }
    }

    /// `Photos upload photos`: one file, from its client's join to its last part. What the file is
    /// called stays with the application. [`record_upload`] completes it.
    pub(crate) fn span(&self, size: u64) -> Span {
        let Self { view, route, view_id, page, upload } = self;
        let identity = ViewIdentity { view, route, view_id, page: *page };
        linked_to_page(&identity, || {
            info_span!(
                parent: None,
                "upload",
                otel.name = words([view, "upload", upload]),
                { attribute::VIEW } = *view,
                { attribute::TOPIC } = &**view_id,
                { attribute::HTTP_ROUTE } = &**route,
                { attribute::UPLOAD } = *upload,
                { attribute::UPLOAD_SIZE } = i64::try_from(size).unwrap_or(i64::MAX),
                { attribute::UPLOAD_RECEIVED } = Empty,
                { attribute::OUTCOME } = Empty,
                { attribute::PAGE_TRACE_ID } = page.shown_trace_id(),
                { attribute::PAGE_SPAN_ID } = page.shown_span_id(),
            )
        })
    }
}

/// Says on the span of an upload what has become of it.
pub(crate) fn record_upload(span: &Span, outcome: UploadOutcome, received: u64) {
    span.record(attribute::OUTCOME, outcome.as_str());
    span.record(attribute::UPLOAD_RECEIVED, i64::try_from(received).unwrap_or(i64::MAX));
}

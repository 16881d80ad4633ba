//! Log lines, and the trace each names.

use std::io;
use std::time::Duration;

use belvedere_telemetry::{Extras, Settings};
use tokio::sync::mpsc;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// Longest a test waits for a line.
const PATIENCE: Duration = Duration::from_secs(10);

/// The lines a subscriber wrote.
pub(crate) struct Lines(mpsc::Receiver<String>);

/// Where it writes them.
#[derive(Clone)]
pub(crate) struct LineWriter(mpsc::Sender<String>);

impl Lines {
    pub(crate) fn new() -> (LineWriter, Self) {
        let (sender, lines) = mpsc::channel(64);
        (LineWriter(sender), Self(lines))
    }

    pub(crate) async fn next(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.0.recv()).await;
        line.expect("a line is written in time").expect("the subscriber lives")
    }

    pub(crate) fn try_next(&mut self) -> Option<String> {
        self.0.try_recv().ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl io::Write for LineWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.try_send(String::from_utf8_lossy(line).into_owned()).map_err(io::Error::other)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LineWriter {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The line written inside a span, and the one outside; with tracing on, as spans are received.
async fn two_lines(format: &str, collector: Option<&str>) -> (String, String) {
    let settings = Settings::from_vars("web", |name| match name {
        "LOG_FORMAT" => Some(format.to_owned()),
        "OTLP_ENDPOINT" => collector.map(str::to_owned),
        _ => None,
    });
    let (writer, mut lines) = Lines::new();
    let extras = Extras { log_writer: BoxMakeWriter::new(writer), ..Extras::default() };
    let (telemetry, subscriber) = belvedere_telemetry::build(&settings.unwrap(), extras).unwrap();
    with_default(&subscriber, || {
        tracing::info_span!("mount").in_scope(|| tracing::info!(users = 3, "loaded"));
        tracing::info!(users = 4, "loaded");
        tracing::debug!("never shown");
    });
    telemetry.shutdown().await;
    let pair = (lines.try_next().unwrap(), lines.try_next().unwrap());
    assert!(lines.is_empty());
    pair
}

#[tokio::test]
async fn a_line_names_the_trace_it_was_written_in() {
    let mut receiver = crate::receiver::Receiver::start(Default::default()).await;
    let (inside, outside) = two_lines("text", Some(&receiver.url())).await;
    let span = receiver.batch().await.spans().remove(0);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let ids = format!(" trace_id={} span_id={}\n", hex(&span.trace_id), hex(&span.span_id));
    assert!(inside.contains("INFO") && inside.contains("loaded users=3"), "{inside}");
    assert!(inside.ends_with(&ids), "{inside}");
    assert!(outside.ends_with("loaded users=4\n"), "{outside}");
}

#[tokio::test]
async fn a_json_line_is_one_object_with_the_traces_ids() {
    let mut receiver = crate::receiver::Receiver::start(Default::default()).await;
    let (inside, outside) = two_lines("json", Some(&receiver.url())).await;
    receiver.batch().await;
    let inside: serde_json::Value = serde_json::from_str(&inside).unwrap();
    assert_eq!(inside["message"], "loaded");
    assert_eq!(inside["users"], 3);
    assert_eq!(inside["level"], "INFO");
    assert_eq!(inside["trace_id"].as_str().unwrap().len(), 32);
    assert_eq!(inside["span_id"].as_str().unwrap().len(), 16);
    let outside: serde_json::Value = serde_json::from_str(&outside).unwrap();
    assert!(outside.get("trace_id").is_none());
}

#[tokio::test]
async fn without_tracing_a_line_names_no_trace() {
    let (inside, _) = two_lines("text", None).await;
    assert!(inside.ends_with("loaded users=3\n"), "{inside}");
}

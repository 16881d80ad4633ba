//! What happens to the last spans when the guard is dropped.

use belvedere_telemetry::{Extras, Settings};
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::export::work;
use crate::logs::Lines;
use crate::receiver::{Options, Receiver};

/// Traces to `receiver`, in an hour.
fn settings(receiver: &Receiver) -> Settings {
    let endpoint = receiver.url();
    let settings = Settings::from_vars("web", |name| match name {
        "OTLP_ENDPOINT" => Some(endpoint.clone()),
        "OTEL_METRICS_EXPORTER" => Some("none".to_owned()),
        "OTEL_BSP_SCHEDULE_DELAY" => Some("3600000".to_owned()),
        _ => None,
    });
    settings.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_that_is_dropped_sends_what_waits() {
    let mut receiver = Receiver::start(Options::default()).await;
    let (telemetry, subscriber) =
        belvedere_telemetry::build(&settings(&receiver), Extras::default()).unwrap();
    work(&subscriber);
    drop(telemetry);
    assert_eq!(receiver.batch().await.spans().len(), 2);
}

#[tokio::test]
async fn where_nobody_is_left_to_send_a_dropped_guard_says_what_is_lost() {
    let receiver = Receiver::start(Options::default()).await;
    let (writer, mut lines) = Lines::new();
    let extras = Extras { log_writer: BoxMakeWriter::new(writer), ..Extras::default() };
    let (telemetry, subscriber) = belvedere_telemetry::build(&settings(&receiver), extras).unwrap();
    work(&subscriber);
    drop(telemetry);
    let line = lines.try_next().unwrap();
    assert!(line.contains("not all spans were delivered"), "{line}");
    assert!(line.contains("waiting_spans=2"), "{line}");
}

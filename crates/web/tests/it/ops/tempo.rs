//! Tempo's configuration, which stops the start when a key is unknown.

use super::{assert_documented, text, yaml};

/// Keys of Tempo 3.0's configuration manifest, of which the file may be made.
const DOCUMENTED: [&str; 12] = [
    "backend_worker.compaction.block_retention",
    "distributor.receivers.otlp.protocols.grpc.endpoint",
    "distributor.receivers.otlp.protocols.http.endpoint",
    "live_store.flush_check_period",
    "live_store.max_trace_idle",
    "query_frontend.query_end_cutoff",
    "server.http_listen_port",
    "storage.trace.backend",
    "storage.trace.local.path",
    "storage.trace.wal.path",
    "stream_over_http_enabled",
    "usage_report.reporting_enabled",
];

fn seconds(duration: &str) -> u64 {
    let (number, unit) = duration.split_at(duration.len() - 1);
    let factor = match unit {
        "s" => 1,
        "h" => 3_600,
        _ => panic!("{duration} has another unit"),
    };
    number.parse::<u64>().expect("a whole number") * factor
}

#[test]
fn keys_are_those_of_tempo_3() {
    assert_documented("tempo.yaml", &yaml("ops/tempo/tempo.yaml"), &DOCUMENTED);
}

#[test]
fn a_trace_is_found_within_seconds_and_kept_for_days() {
    let tempo = yaml("ops/tempo/tempo.yaml");
    let cutoff = seconds(text(&tempo, "/query_frontend/query_end_cutoff"));
    let idle = seconds(text(&tempo, "/live_store/max_trace_idle"));
    let flush = seconds(text(&tempo, "/live_store/flush_check_period"));
    assert!(cutoff + idle + flush <= 5);
    assert!(seconds(text(&tempo, "/backend_worker/compaction/block_retention")) >= 24 * 3_600);
}

#[test]
fn spans_are_taken_on_every_address() {
    let tempo = yaml("ops/tempo/tempo.yaml");
    for (protocol, port) in [("grpc", 4317), ("http", 4318)] {
        let pointer = format!("/distributor/receivers/otlp/protocols/{protocol}/endpoint");
        assert_eq!(text(&tempo, &pointer), format!("[::]:{port}"));
    }
    assert!(tempo.pointer("/server/http_listen_address").is_none(), "none means every address");
}

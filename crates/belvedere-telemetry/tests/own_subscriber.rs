//! An application with a subscriber of its own adds the layer to it. In a process of its own, since
//! both are the process's.

use belvedere_telemetry::{Extras, Settings, TelemetryError, TraceStore, init_layer, init_with};
use opentelemetry::trace::{Span, Tracer};
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn the_layer_serves_a_subscriber_of_ones_own() {
    let store = TraceStore::default();
    let extras = Extras { processors: vec![Box::new(store.clone())], ..Extras::default() };
    let (telemetry, spans) = init_layer(&Settings::new("web"), extras).unwrap();
    let subscriber = tracing_subscriber::registry().with(spans);
    tracing::subscriber::set_global_default(subscriber).unwrap();

    tracing::info_span!("work").in_scope(|| {
        // What writes spans through OpenTelemetry's own interface finds its place as well.
        opentelemetry::global::tracer("driver").start("SELECT tickets").end();
    });
    let listed = store.list(&Default::default(), 10);
    assert_eq!((listed.len(), &*listed[0].name), (1, "work"));
    assert_eq!(listed[0].n_spans, 2);
    drop(telemetry);

    // Another set-up in the same process is told what to do instead.
    let second = init_with(&Settings::new("web"), Extras::default()).unwrap_err();
    assert!(matches!(second, TelemetryError::Installed(_)));
    assert!(second.to_string().contains("add the layer of init_layer to it"), "{second}");
}

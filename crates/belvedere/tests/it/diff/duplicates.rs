//! Two rows with one key are the author's mistake: reported where they can see it, shown all the
//! same.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, LazyLock, Mutex},
};

use belvedere::live;
use tracing::subscriber::NoSubscriber;
use tracing::{Dispatch, Event, Metadata, Subscriber, field, span};

use super::Client;

/// Collects events as text.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<String>>);

/// While there is one subscriber alone, `tracing` asks that of the thread that comes to an event first whether anybody
/// wants it; this may be another test's, which has none.
static ANOTHER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(NoSubscriber::default()));

impl Default for Log {
    fn default() -> Self {
        LazyLock::force(&ANOTHER);
        Self(Arc::default())
    }
}

impl Log {
    pub(crate) fn text(&self) -> String {
        self.0.lock().expect("no test panics while it logs").clone()
    }

    /// What was said since it was taken last.
    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().expect("no test panics while it logs"))
    }
}

impl Subscriber for Log {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Fields<'a>(&'a mut String);
        impl field::Visit for Fields<'_> {
            fn record_debug(&mut self, field: &field::Field, value: &dyn Debug) {
                write!(self.0, "{field}={value:?} ").expect("a string takes all");
            }
        }
        let mut log = self.0.lock().expect("no test panics while it logs");
        write!(log, "{} ", event.metadata().level()).expect("a string takes all");
        event.record(&mut Fields(&mut log));
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

#[test]
fn a_duplicate_key_is_reported_with_its_template() {
    let log = Log::default();
    let page = |names: &'static [&'static str]| {
        live! { @for name in names { li key=(name) { @for _ in 0..2 { (name) } } } }
    };
    tracing::subscriber::with_default(log.clone(), || {
        let mut client = Client::new();
        client.render(&page(&["a", "b"]));
        assert_eq!(*log.0.lock().expect("no panic"), "", "different keys are no mistake");
        client.render(&page(&["a", "b", "a"]));
    });
    let log = log.0.lock().expect("no panic");
    assert!(log.starts_with("ERROR "), "{log}");
    assert!(log.contains("two rows of one `@for` have the same key"), "{log}");
    assert!(log.contains(r#"key="a""#), "{log}");
    assert!(log.contains("tests/it/diff/duplicates.rs:"), "{log}");
}

//! The end of a session, as servers tell it to each other.

use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};

use super::Runtime;
use crate::pub_sub::{Delivered, Listener, Listening, Topic};
use crate::telemetry::PageTrace;
use crate::wire::token::SessionId;

const SESSION_ENDS: Topic<SessionEnd> = Topic::new("belvedere.session_ends");

/// What became of a session elsewhere.
#[derive(Clone, Serialize, Deserialize)]
struct SessionEnd {
    session: [u8; 16],
    what: What,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    /// Its cookie is believed no more.
    Ended { has_value: bool },
    /// Its pages are to be mounted anew.
    Disconnected,
}

/// Hears of it for one runtime.
struct Hears(Weak<Runtime>);

impl Runtime {
    /// Hears what other servers end, for as long as the returned value lives.
    pub(super) fn hear_session_ends(self: &Arc<Self>) -> Listening {
        let hears = Arc::new(Hears(Arc::downgrade(self)));
        self.config.pub_sub.listen(&SESSION_ENDS, hears)
    }

    pub(super) fn tell_session_end(&self, session: SessionId, what: What) {
        let end = SessionEnd { session: *session.as_bytes(), what };
        // Numbers and words, which can be written, and short ones.
        let _ = self.config.pub_sub.publish_elsewhere(&SESSION_ENDS, &end);
    }
}

fn take(runtime: Arc<Runtime>, end: &SessionEnd) {
    let session = SessionId::from_bytes(end.session);
    match end.what {
        What::Ended { has_value } => runtime.end_session_here(session, has_value),
        What::Disconnected => runtime.disconnect_here(session),
    }
    // Who is told is locked here, and the runtime's own end takes it off that list.
    if let Some(last) = Arc::into_inner(runtime) {
        std::thread::spawn(move || drop(last));
    }
}

impl Listener<SessionEnd> for Hears {
    fn hear(&self, end: &Arc<SessionEnd>, _: PageTrace) -> Delivered {
        let Some(runtime) = self.0.upgrade() else { return Delivered::Gone };
        take(runtime, end);
        Delivered::Waits
    }

    fn miss(&self) -> Delivered {
        // It is kept nowhere; see `LiveConfig::pub_sub`.
        Delivered::Missed(1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;
    use crate::LiveConfig;
    use crate::wire::token::SecretKeyBase;

    /// Whose runtime has no other handle any more.
    struct Last(Mutex<Option<Arc<Runtime>>>);

    impl Listener<SessionEnd> for Last {
        fn hear(&self, end: &Arc<SessionEnd>, _: PageTrace) -> Delivered {
            let last = self.0.lock().expect("nothing panics").take().expect("told once");
            take(last, end);
            Delivered::Waits
        }

        fn miss(&self) -> Delivered {
            Delivered::Missed(1)
        }
    }

    #[test]
    fn a_runtime_may_end_while_it_hears_of_an_end() {
        let runtime = Runtime::among_others(LiveConfig::new(SecretKeyBase::random()));
        let pub_sub = runtime.config.pub_sub.clone();
        let listening = pub_sub.listen(&SESSION_ENDS, Arc::new(Last(Mutex::new(Some(runtime)))));
        let end = SessionEnd { session: [7; 16], what: What::Disconnected };
        let (says, said) = channel();
        std::thread::spawn(move || {
            pub_sub.publish(&SESSION_ENDS, end).expect("it is short");
            says.send(()).expect("somebody waits");
        });
        said.recv_timeout(Duration::from_secs(60)).expect("nobody waits for itself");
        drop(listening);
    }
}

//! The browsers that poll this server, and the transport that one of them is to its connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::session::PollSession;
use crate::runtime::transport::{CloseReason, Gone, Incoming, Text, Transport};
use crate::wire::token::SessionId;

/// Names a session; random, so that nobody guesses one.
pub(super) type PollId = [u8; 16];

/// The sessions of this server.
pub(super) struct PollSessions {
    /// Names this server, for as long as it runs.
    pub(super) server: u64,
    open: Mutex<HashMap<PollId, Arc<PollSession>>>,
}

impl Default for PollSessions {
    fn default() -> Self {
        Self { server: rand::random(), open: Mutex::default() }
    }
}

impl PollSessions {
    /// Opens a session.
    pub(super) fn open(self: &Arc<Self>, visitor: Option<SessionId>) -> PollTransport {
        let id = rand::random();
        let session = Arc::new(PollSession::new(visitor));
        self.lock().insert(id, Arc::clone(&session));
        PollTransport { id, session, sessions: Arc::clone(self) }
    }

    pub(super) fn find(&self, id: &PollId) -> Option<Arc<PollSession>> {
        self.lock().get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PollId, Arc<PollSession>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session as its connection has it. Dropped, it is over.
pub(super) struct PollTransport {
    pub(super) id: PollId,
    session: Arc<PollSession>,
    sessions: Arc<PollSessions>,
}

impl Transport for PollTransport {
    async fn receive(&mut self) -> Option<Incoming> {
        self.session.receive().await
    }

    async fn send(&mut self, text: Text) -> Result<(), Gone> {
        if self.session.send(text).await { Ok(()) } else { Err(Gone) }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        self.session.flush();
        Ok(())
    }

    /// The client knows no reasons: it is told that the session is gone, and opens another.
    async fn close(&mut self, _: CloseReason) {
        self.session.close().await;
    }
}

impl Drop for PollTransport {
    fn drop(&mut self) {
        self.sessions.lock().remove(&self.id);
        self.session.end();
    }
}

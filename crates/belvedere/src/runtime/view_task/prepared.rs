//! A view that is ready for a join: one without a task, and one whose task runs.

use std::sync::Arc;

use tracing::Span;

use super::{ViewState, ViewTask};
use crate::ended::let_go;
use crate::runtime::Runtime;
use crate::runtime::attachment::{Attachment, ShownUrl};
use crate::runtime::mailbox::Inbox;
use crate::runtime::routes::PreparedView;
use crate::socket::tasks::spawn;
use crate::view::LiveView;
use crate::wire::response::JoinRefusal;

/// A view without a task, ready for its first join.
pub(crate) struct IdleView<V: LiveView> {
    pub(crate) state: ViewState<V>,
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) join_span: Span,
    /// What the browser shows, if the view may show something else.
    pub(crate) shown: Option<Box<ShownUrl>>,
}

impl<V: LiveView> PreparedView for IdleView<V> {
    fn attach(self: Box<Self>, mut attachment: Box<Attachment>) {
        let Self { state, runtime, join_span, shown } = *self;
        attachment.set_span(join_span);
        attachment.shown = shown;
        let task = runtime.next_incarnation();
        let inbox: Arc<dyn Inbox> = Arc::clone(&state.socket.mailbox) as Arc<dyn Inbox>;
        let portrait = state.socket.identity.portrait::<V>();
        let session = state.socket.identity.session;
        let joined = attachment.count;
        runtime.views.started(&state.socket.identity, state.claim(), task, inbox, portrait, joined);
        runtime.view_started(session);
        let mut task = ViewTask::new(state, runtime, task);
        // Lent to `run`: an async function keeps what it is given twice.
        spawn(Box::pin(async move {
            task.run(attachment).await;
            let_go(V::name(), || drop(task));
        }));
    }
}

/// A view whose task runs already: held for a reconnect, or still on another socket.
pub(crate) struct RunningView {
    pub(crate) inbox: Arc<dyn Inbox>,
    pub(crate) join_span: Span,
    /// What the browser is told should the view end before it answers.
    pub(crate) unanswered: JoinRefusal<'static>,
    /// What the browser shows, if the view may show something else.
    pub(crate) shown: Option<Box<ShownUrl>>,
}

impl PreparedView for RunningView {
    fn attach(self: Box<Self>, mut attachment: Box<Attachment>) {
        attachment.set_span(self.join_span);
        attachment.shown = self.shown;
        attachment.hand_to_running_view(self.unanswered);
        // A view that ended this moment gives the attachment back; dropping it refuses the join.
        drop(self.inbox.attach(attachment));
    }
}

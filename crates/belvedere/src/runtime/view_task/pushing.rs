//! What a view sends without being asked: what messages have changed, at a rate, and no frame before the
//! browser has taken the last one.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::runtime::in_flight::Ticket;
use crate::runtime::mailbox::Mail;
use crate::runtime::view_task::answer::{Framed, Scope};
use crate::runtime::view_task::navigation::Followed;
use crate::runtime::view_task::snapshots::Moment;
use crate::runtime::view_task::{Flow, ViewTask};
use crate::telemetry;
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::reply;

/// The time in which as many frames are sent as the settings allow.
const RATE_WINDOW: Duration = Duration::from_secs(1);

impl<V: LiveView> ViewTask<V> {
    /// Sends what was changed while the browser had still to take the frame before, as an act
    /// of its own.
    pub(super) async fn push(&mut self) -> Flow {
        if self.dirty.is_none() {
            return self.push_snapshot();
        }
        let Some((cause, since)) = self.dirtied_by else { return self.push_rendered().await };
        let waited = since.elapsed();
        self.metrics.browser_waited(waited);
        let span = telemetry::push_span(&self.identity(), cause, waited);
        self.push_rendered().instrument(span).await
    }

    /// Sends what has changed, as part of the act in progress.
    pub(super) async fn push_rendered(&mut self) -> Flow {
        let scope = self.dirty.unwrap_or(Scope::View);
        self.clean();
        self.socket.pending.reply = None;
        let scope = match self.follow().await {
            Ok(Followed::Stayed) => scope,
            Ok(Followed::Moved) => Scope::View,
            Ok(Followed::Departs(departure)) => return self.push_departing(&departure),
            Err(flow) => return flow,
        };
        let frame: &Framed<'_> = &|channel, diff, out| {
            reply::write_push(out, &channel.address, keys::DIFF, |out| {
                diff(out);
            });
        };
        match self.build(scope, Moment::Push, frame).await {
            Ok((text, true)) => {
                self.pushed_at = Some(Instant::now());
                self.send(text);
            }
            Ok((_, false)) => {}
            Err(flow) => return flow,
        }
        self.follow_up();
        Flow::Continue
    }

    /// Until when what has changed is not to be sent: frames that nobody asks for have a rate. A redirect
    /// does not wait.
    pub(super) fn push_waits_until(&self) -> Option<Instant> {
        let is_changed = self.dirty.is_some() && !self.socket.pending.departs();
        let last = self.pushed_at.filter(|_| is_changed)?;
        let due = last + RATE_WINDOW / self.runtime.config.max_pushes_per_second.max(1);
        (due > Instant::now()).then_some(due)
    }

    /// The next mail; nothing when there is something to send, the rate allows it, and a browser takes it.
    pub(super) async fn next_at_rate(&mut self) -> Option<(Mail<V::Message>, Option<Ticket>)> {
        while let Some(due) = self.push_waits_until() {
            if let Ok(mail) = Box::pin(timeout_at(due, self.socket.mailbox.next())).await {
                return Some(mail);
            }
            // From now on it is the browser who is waited for.
            if let Some((_, since)) = &mut self.dirtied_by {
                *since = Instant::now();
            }
        }
        self.next().await
    }
}

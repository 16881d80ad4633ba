//! How a view and a browser come together: the join that a view task is asked to answer, and the
//! channel it then writes to.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use tracing::Span;

use crate::http::assets::CLIENT_VERSION;
use crate::navigation::LocalPath;
use crate::runtime::backlog::Load;
use crate::runtime::client::Client;
use crate::runtime::in_flight::{InFlight, Ticket};
use crate::runtime::outbox::{Outbox, Outgoing};
use crate::runtime::recipient::Recipient;
use crate::runtime::shares::Place;
use crate::runtime::transport::{Text, text};
use crate::telemetry::{self, ConnectedView};
use crate::visit::Visit;
use crate::wire::keys;
use crate::wire::message::OwnParams;
use crate::wire::reply::{self, Address, Status};
use crate::wire::response::{self, JoinRefusal, Navigation};

/// One incarnation of a topic on one connection.
pub(crate) struct Channel {
    /// Number of this join, unique in the process.
    pub(crate) incarnation: u64,
    pub(crate) topic: Box<str>,
    /// What every frame of this incarnation begins with.
    pub(crate) address: Address,
    pub(crate) outbox: Arc<Outbox>,
    /// In whose name the view asks for other URLs.
    pub(crate) client: Arc<Client>,
    pub(crate) in_flight: Arc<InFlight>,
    /// Set by the view that has accepted the join.
    pub(crate) connected: Option<ConnectedView>,
    /// The client has sent something since: it knows that it has joined.
    pub(crate) is_taken: bool,
    /// Among the views that its visitor may have.
    pub(crate) place: Option<Place>,
}

impl Channel {
    /// Hands a frame to the connection; `view` is told when the socket has taken it.
    pub(crate) fn send(&self, text: Text, view: Option<Arc<dyn Recipient>>) {
        self.outbox.push(Outgoing::Frame { text, view, ticket: self.in_flight.ticket() });
    }

    /// Answers the join with an error and frees the topic.
    pub(crate) fn refuse_join(&self, refusal: &JoinRefusal<'_>) {
        let text = text(|out| {
            reply::write_join_reply(out, &self.address, Status::Error, |out| {
                refusal.write(out);
            });
        });
        self.send(text, None);
        self.outbox.push(Outgoing::Ended { incarnation: self.incarnation });
    }

    /// Answers the join with an empty tree and frees the topic.
    fn answer_blank(&self) {
        let text = text(|out| {
            reply::write_join_reply(out, &self.address, Status::Ok, |out| {
                response::write_blank(out, CLIENT_VERSION);
            });
        });
        self.send(text, None);
        self.outbox.push(Outgoing::Ended { incarnation: self.incarnation });
    }

    /// Ends this incarnation: the client has left, is leaving, or was just sent elsewhere.
    pub(crate) fn close(&self) {
        self.send(text(|out| reply::write_close(out, &self.address)), None);
        self.outbox.push(Outgoing::Ended { incarnation: self.incarnation });
    }

    /// Ends this incarnation because its view has gone to another tab that shows a copy of the page:
    /// the browser loads `url` anew. The tab whose connection was lost and is back has closed this
    /// one, so it never hears of it.
    pub(crate) fn load_anew(&self, url: &LocalPath) {
        let to = Navigation::Redirect { to: url.as_str(), flash: None };
        let push = |out: &mut String| {
            reply::write_push(out, &self.address, keys::REDIRECT, |out| to.write(out));
        };
        self.send(text(push), None);
        self.close();
    }

    /// Ends this incarnation after a crash: the client joins again.
    pub(crate) fn crashed(&self) {
        self.send(text(|out| reply::write_error(out, &self.address)), None);
        self.outbox.push(Outgoing::Ended { incarnation: self.incarnation });
    }
}

/// A URL of a view, as its route reads it.
pub(crate) struct RouteParams {
    /// Of the type that the view declares.
    pub(crate) params: Box<dyn Any + Send>,
    /// The route template.
    pub(crate) route: Arc<str>,
    /// What the route gives.
    pub(crate) visit: Visit,
}

/// The URL of a join, as its route reads it for the view.
pub(crate) struct ShownUrl {
    pub(crate) url: LocalPath,
    pub(crate) params: RouteParams,
}

/// How a join stands among those of its view's element, on whichever servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct JoinCount {
    /// How many were answered before.
    pub(crate) mounts: u32,
    /// Tells it from all others, 0 where the page's script says nothing.
    pub(crate) number: u32,
    /// The number of the one that was answered last, as the page knows; 0 for none.
    pub(crate) seen: u32,
}

/// How to have a join answered by another view than the one it was given to.
pub(crate) trait Again: Send {
    /// Finds the view and hands the join to it, beside the caller.
    fn join(self: Box<Self>, attachment: Attachment);
}

/// A join on its way to the view that will answer it.
pub(crate) struct Attachment {
    /// Taken by the view that accepts the join; until then dropping the attachment refuses it.
    channel: Option<Channel>,
    /// What the client is told when nobody answers.
    unanswered: JoinRefusal<'static>,
    /// `UsersSlow join`, set by the prepared view: open until the reply is written.
    pub(crate) span: Span,
    /// The client's assets are not the ones served now.
    pub(crate) assets_changed: bool,
    /// How it stands among the client's joins of this view.
    pub(crate) count: JoinCount,
    /// The client has come by live navigation, and has nothing of this page but its layout.
    pub(crate) is_navigation: bool,
    /// What the browser shows, for a view that may show something else.
    pub(crate) shown: Option<Box<ShownUrl>>,
    /// What the browser has kept of a view that ran elsewhere, sealed.
    pub(crate) snapshot: Option<Box<str>>,
    /// What the page's script tells of its browser.
    pub(crate) connect_params: OwnParams,
    pub(crate) _ticket: Ticket,
    /// Until the view has accepted the join, which may wait for a slow callback.
    pub(crate) load: Load,
    /// How to mount the view anew when the running one cannot answer; absent at the second try.
    pub(crate) again: Option<Box<dyn Again>>,
}

impl Attachment {
    pub(crate) fn new(channel: Channel, count: JoinCount, ticket: Ticket, load: Load) -> Self {
        Self {
            channel: Some(channel),
            unanswered: JoinRefusal::Crashed,
            span: Span::none(),
            assets_changed: false,
            count,
            is_navigation: false,
            shown: None,
            snapshot: None,
            connect_params: OwnParams::Absent,
            _ticket: ticket,
            load,
            again: None,
        }
    }

    /// Whether the client has joined this view before.
    pub(crate) const fn is_rejoin(&self) -> bool {
        self.count.mounts > 0
    }

    /// Has it answered within this span, which is told what carries its frames.
    pub(crate) fn set_span(&mut self, span: Span) {
        if let Some(channel) = &self.channel {
            telemetry::record_transport(&span, channel.client.carrier.as_str());
        }
        self.span = span;
    }

    /// The view has a place among those that its visitor may have.
    pub(crate) fn has_place(&mut self, place: Place) {
        if let Some(channel) = &mut self.channel {
            channel.place = Some(place);
        }
    }

    /// What is joined; nothing once the view has taken the channel.
    pub(crate) fn topic(&self) -> &str {
        self.channel.as_ref().map_or("", |channel| &channel.topic)
    }

    /// The join goes to a view that may be ending: what the client is told should it not answer.
    pub(crate) fn hand_to_running_view(&mut self, unanswered: JoinRefusal<'static>) {
        self.unanswered = unanswered;
    }

    /// The channel, for the view that takes the join over and answers it.
    pub(crate) fn take_channel(&mut self) -> Option<Channel> {
        self.channel.take()
    }

    /// Has the join answered by a view mounted for it. The one that ran already is no longer to be
    /// found by its topic.
    pub(crate) fn mount_anew(mut self) {
        if let Some(again) = self.again.take() {
            self.span = Span::none();
            again.join(self);
        }
    }

    /// Answers the join of a view that is about to leave the browser's page, for which an error
    /// would load the whole page anew.
    pub(crate) fn answer_blank(mut self) {
        if let Some(channel) = self.channel.take() {
            channel.answer_blank();
        }
    }

    /// Answers the join with an error.
    pub(crate) fn refuse(mut self, refusal: &JoinRefusal<'_>) {
        if let Some(channel) = self.channel.take() {
            channel.refuse_join(refusal);
        }
    }
}

impl Drop for Attachment {
    /// A join that nobody answered, because its view or its task died: the client is told.
    fn drop(&mut self) {
        if let Some(channel) = self.channel.take() {
            channel.refuse_join(&self.unanswered);
        }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attachment").field("topic", &self.topic()).finish_non_exhaustive()
    }
}

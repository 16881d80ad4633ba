//! What a view task sends: replies and pushes with a diff, redirects, the answer to a join.

use std::fmt::Write as _;
use std::future::Future;
use std::sync::Arc;

use tokio::time::Instant;

use crate::component::frame::frame;
use crate::component::registry::Attempt;
use crate::diff::Memory;
use crate::ended::Ended;
use crate::event::{self, LiveEvent as _};
use crate::flash::{self, Flash, with_flash};
use crate::http::assets::CLIENT_VERSION;
use crate::http::content_security_policy::needs;
use crate::navigation::{History, LocalPath};
use crate::runtime::arrivals;
use crate::runtime::attachment::Channel;
use crate::runtime::components::{self, Rounds};
use crate::runtime::nested;
use crate::runtime::recipient::Recipient;
use crate::runtime::transport::{Text, text};
use crate::runtime::view_task::navigation::Followed;
use crate::runtime::view_task::snapshots::{Keeping, Moment};
use crate::runtime::view_task::{Flow, ViewTask, stray};
use crate::socket::Socket;
use crate::telemetry::{self, PageTrace};
use crate::template::Render;
use crate::view::LiveView;
use crate::wire::keys;
use crate::wire::reply::{self, Status};
use crate::wire::response;

/// Writes a frame of a channel around a diff, which says whether it has anything.
pub(super) type Framed<'a> =
    dyn Fn(&Channel, &mut dyn FnMut(&mut String) -> bool, &mut String) + Sync + 'a;

impl<V: LiveView> ViewTask<V> {
    /// Answers the join with the whole tree, or with where the view sends the browser.
    pub(super) async fn answer_join(
        &mut self,
        is_navigation: bool,
        asked: &LocalPath,
        moment: Moment,
    ) -> Flow {
        self.clean();
        self.socket.pending.reply = None;
        let followed = match self.follow().await {
            Ok(followed) => followed,
            Err(flow) => return flow,
        };
        if let Followed::Departs(departure) = followed {
            return self.join_departs(&departure, asked);
        }
        let moved = self.moved.take();
        let container = V::container();
        let container = is_navigation.then(|| container.parts(V::name()));
        let frame: &Framed<'_> = &|channel, diff, out| {
            let moved = moved
                .as_ref()
                .map(|(url, kind)| response::Navigation::Patch { to: url.as_str(), kind: *kind });
            reply::write_join_reply(out, &channel.address, Status::Ok, |out| {
                let container = container.as_ref();
                response::write_joined(out, CLIENT_VERSION, moved.as_ref(), container, |out| {
                    diff(out);
                });
            });
        };
        let (text, _) = match self.build(Scope::View, moment, frame).await {
            Ok(built) => built,
            Err(flow) => return flow,
        };
        if let Some(channel) = self.channel.as_ref().filter(|_| self.socket.identity.depth == 0) {
            channel.client.arrived();
        }
        self.socket.components.end_join();
        self.socket.pieces.shown();
        self.follow_up();
        self.joining = false;
        self.tree_bytes = text.len();
        self.send(text);
        self.page_goes();
        Flow::Continue
    }

    /// What has changed is about to be sent, or nobody is there to see it.
    pub(super) fn clean(&mut self) {
        self.dirty = None;
        self.dirtied_by = None;
    }

    /// A browser is to be shown what the act in progress has changed.
    pub(super) fn dirtied(&mut self, scope: Scope) {
        if self.channel.is_some() {
            self.dirty = self.dirty.max(Some(scope));
            let since = self.dirtied_by.map_or_else(Instant::now, |(_, since)| since);
            self.dirtied_by = Some((PageTrace::current(), since));
        }
    }

    pub(super) fn protocol_error(&mut self, kind: &'static str, message_ref: Option<&str>) -> Flow {
        self.runtime.protocol_error(kind);
        self.acknowledge(message_ref)
    }

    /// Builds a frame around a diff, again after each time that components had to be loaded for
    /// it. Says whether the diff has anything; `Err` when there is nobody to send it to.
    pub(super) async fn build(
        &mut self,
        scope: Scope,
        moment: Moment,
        frame: &Framed<'_>,
    ) -> Result<(Text, bool), Flow> {
        let mut rounds = Rounds::default();
        if moment == Moment::Answer && !self.forms.is_recovering() {
            // What the visitor has asked for is new.
            self.socket.components.forget_restored();
        }
        loop {
            if components::prepare(&mut self.view, &mut self.socket, &mut rounds).await.is_err() {
                return Err(self.items_lost());
            }
            if self.joining {
                let Self { view, socket, runtime, .. } = self;
                if Box::pin(arrivals::within(runtime, view, socket)).await {
                    // What was done with an outcome may have sent something to a component.
                    components::deliver(view, socket).await;
                }
            }
            let Self { view, socket, memory, runtime, metrics, snapshots, .. } = self;
            let Some(channel) = &self.channel else { return Err(Flow::Continue) };
            nested::publish(runtime, socket);
            let client = Some(&*channel.client);
            let mut keeping = Keeping { view, runtime, metrics, client, snapshots };
            let attempt = rounds.next();
            let mut written = Some(false);
            let text = text(|out| {
                let mut diff = |out: &mut String| {
                    written = write_diff(
                        scope,
                        &mut keeping,
                        moment,
                        (&mut *socket, &mut *memory),
                        attempt,
                        out,
                    );
                    written.unwrap_or_default()
                };
                frame(channel, &mut diff, out);
            });
            if let Some(changed) = written {
                socket.components.end_render(attempt);
                socket.components.await_restored(|| socket.pieces.are_under_way());
                self.components_depart();
                if self.socket.pending.going.is_some() {
                    // Asked for by a component while it was loaded: the next frame carries it.
                    self.dirtied(Scope::Components);
                }
                if scope == Scope::View {
                    self.components_known();
                }
                return Ok((text, changed));
            }
        }
    }

    pub(super) fn acknowledge(&mut self, message_ref: Option<&str>) -> Flow {
        self.reply(message_ref, |out| out.push_str("{}"))
    }

    /// Answers a request; never with status `error`, which would leave the page's elements locked.
    pub(super) fn reply(
        &mut self,
        message_ref: Option<&str>,
        response: impl FnOnce(&mut String),
    ) -> Flow {
        if let Some(channel) = &self.channel {
            self.send(text(|out| {
                reply::write_reply(out, &channel.address, message_ref, Status::Ok, response);
            }));
        }
        Flow::Continue
    }

    /// Answers a request with what has changed, and with where the view sends the browser.
    pub(super) fn reply_rendered(
        &mut self,
        message_ref: Option<&str>,
    ) -> impl Future<Output = Flow> + Send {
        self.reply_with(Scope::View, message_ref)
    }

    /// Answers a request with what has changed of the view, or of components alone.
    pub(super) fn reply_with(
        &mut self,
        scope: Scope,
        message_ref: Option<&str>,
    ) -> impl Future<Output = Flow> + Send {
        self.reply_moving(scope, message_ref, None)
    }

    /// Answers a browser that has asked for a URL with what has changed, and with the URL that the view shows, if it is
    /// another one.
    pub(super) async fn reply_asked(
        &mut self,
        message_ref: Option<&str>,
        asked: &LocalPath,
    ) -> Flow {
        let asked = asked.without_fragment();
        self.reply_moving(Scope::View, message_ref, Some(&asked)).await
    }

    async fn reply_moving(
        &mut self,
        scope: Scope,
        message_ref: Option<&str>,
        asked: Option<&LocalPath>,
    ) -> Flow {
        let scope = match self.follow().await {
            Ok(Followed::Stayed) => scope,
            Ok(Followed::Moved) => Scope::View,
            Ok(Followed::Departs(departure)) => {
                return self.reply_departing(message_ref, &departure);
            }
            Err(flow) => return flow,
        };
        if self.dirty <= Some(scope) {
            self.clean();
        }
        let url = &self.socket.identity.url;
        let url = asked.is_some_and(|asked| asked != url).then(|| url.clone());
        self.answer_with(scope, message_ref, |out| {
            if let Some(url) = &url {
                let moves =
                    response::Navigation::Patch { to: url.as_str(), kind: History::Replace };
                moves.write_member(out);
            }
        })
        .await
    }

    /// Sends the answer to a request: `members` of it, if they write any, and what has changed.
    pub(super) async fn answer_with(
        &mut self,
        scope: Scope,
        message_ref: Option<&str>,
        members: impl Fn(&mut String) + Sync,
    ) -> Flow {
        let frame: &Framed<'_> = &|channel, diff, out| {
            reply::write_reply(out, &channel.address, message_ref, Status::Ok, |out| {
                out.push('{');
                let start = out.len();
                members(out);
                let end = out.len();
                out.push_str(if end > start { ",\"diff\":" } else { "\"diff\":" });
                if !diff(out) {
                    out.truncate(end);
                }
                out.push('}');
            });
        };
        match self.build(scope, Moment::Answer, frame).await {
            Ok((text, _)) => self.send(text),
            Err(flow) => return flow,
        }
        self.follow_up();
        Flow::Continue
    }

    /// What the last frame could not say of components is said by the next, as soon as that is taken.
    pub(super) fn follow_up(&mut self) {
        if self.socket.components.has_put_off() {
            let has_view = self.socket.components.retry_refused();
            let scope = if has_view { Scope::View } else { Scope::Components };
            self.dirtied(scope);
        }
        if self.socket.components.nested.take_lost_portal() {
            self.socket.pending.patch = true;
            self.dirtied(Scope::Components);
        }
    }

    /// Sends title and events that must not be lost to a redirect.
    pub(super) fn push_pending(&mut self) {
        let mut members = String::from("{");
        self.socket.write_pending(&mut members);
        members.push('}');
        if let (true, Some(channel)) = (members.len() > 2, &self.channel) {
            self.send(text(|out| {
                reply::write_push(out, &channel.address, keys::DIFF, |out| out.push_str(&members));
            }));
        }
    }

    /// A browser that was sent elsewhere, or whose page shows this view no more, has left it.
    pub(super) fn sent_elsewhere(&mut self, why: Ended) -> Flow {
        if let Some(channel) = self.channel.take() {
            channel.close();
        }
        self.end(why)
    }

    pub(super) fn send(&self, text: Text) {
        if let Some(channel) = &self.channel {
            self.socket.mailbox.figures.sent(self.memory.bytes(), text.len());
            self.socket.mailbox.frame_sent();
            channel.send(text, Some(Arc::clone(&self.socket.mailbox) as Arc<dyn Recipient>));
        }
    }
}

/// What a frame is about; the later includes the earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// The view's own template shows what it showed: only components are looked at.
    Components,
    View,
}

impl Scope {
    /// Of a component's callback: what the view shows of it is at most a change of its flash.
    pub(super) fn of_component(flash_before: &Flash, flash: &Flash) -> Self {
        if flash_before == flash { Self::Components } else { Self::View }
    }
}

/// Appends a diff object with everything the browser does not have yet. False, and nothing
/// appended, when it has everything; `None` when components must be loaded first.
fn write_diff<V: LiveView>(
    scope: Scope,
    keeping: &mut Keeping<'_, V>,
    moment: Moment,
    (socket, memory): (&mut Socket<V>, &mut Memory),
    attempt: Attempt,
    out: &mut String,
) -> Option<bool> {
    let view = (scope == Scope::View).then_some(keeping.view);
    let span = telemetry::render_span(V::name());
    let _panic = telemetry::FailOnPanic::new(&span, "render");
    let start = out.len();
    out.push('{');
    let Socket { components, flash, identity, uploads, .. } = &mut *socket;
    let ((changes, rendered), noted) = needs::during(|| {
        event::rendered::during(|| {
            uploads.during(|| {
                span.in_scope(|| {
                    with_flash(flash, identity.nested_id(), || match view {
                        Some(view) => frame(Some(&view.render()), memory, components, out, attempt),
                        None => frame(None::<&dyn Render>, memory, components, out, attempt),
                    })
                })
            })
        })
    });
    let Some(changes) = changes else {
        out.truncate(start);
        return None;
    };
    if cfg!(debug_assertions) {
        stray::report(V::name(), V::Event::NAMES, &rendered, &socket.components);
        let runtime = keeping.runtime;
        let policy = runtime.config.content_security_policy.as_str();
        runtime.sent_policies.templates(&socket.identity.address.root, policy, &noted);
        socket.shows_flash |= flash::take_shown();
    }
    socket.has_streamed |= changes.all.streams > changes.component_streams;
    if std::mem::take(&mut socket.pending.patch) && out.len() == start + 1 {
        // A member without news, at which the browser looks through its page all the same.
        let _ = write!(out, "\"{}\":{{}}", keys::TEMPLATES);
    }
    keeping.keep(moment, socket);
    socket.write_pending(out);
    let changed = out.len() > start + 1;
    if changed {
        out.push('}');
    } else {
        out.truncate(start);
    }
    let n_bytes = out.len() - start;
    telemetry::record_render(&span, n_bytes, changes.all.holes);
    keeping.metrics.diff(n_bytes);
    Some(changed)
}

//! Nested views while they live: shown in the first response of their page, published for the joins
//! of their browser as long as their parent places them, ended with it.

use std::sync::Arc;
use std::time::SystemTime;

use futures_util::future::join_all;

use crate::ended::Ended;
use crate::http::content_security_policy::needs::{self, Noted};
use crate::nested::registry::{Kept, NUMBER, Nested, Wanted};
use crate::runtime::Runtime;
use crate::runtime::children::Child;
use crate::runtime::seats::{Seat, Taken, Waiter};
use crate::runtime::seed::{self, Shown};
use crate::socket::{Identity, Socket};
use crate::view::LiveView;
use crate::wire::frame::MAX_ELEMENT_BYTES;
use crate::wire::token::PageToken;

/// How deep views stand in each other: deeper than any page needs, and an end for one that places
/// itself.
const MAX_DEPTH: u8 = 8;

/// Keeps a nested view to be found by joins; dropping it ends the view.
struct Published {
    runtime: Arc<Runtime>,
    child: Arc<Child>,
}

/// Mounts and renders what the render of a page asked for, all at once.
pub(crate) async fn show<V: LiveView>(runtime: &Arc<Runtime>, socket: &mut Socket<V>) {
    let Socket { identity, components, noted, .. } = socket;
    show_within(runtime, identity, &mut components.nested, noted).await;
}

async fn show_within(
    runtime: &Arc<Runtime>,
    identity: &Identity,
    nested: &mut Nested,
    noted_by_page: &mut Vec<Noted>,
) {
    let wanted = nested.take_wanted();
    // Seats go to those that come first on the page, whichever mounts first.
    let seated = wanted.into_iter().map(|mut wanted| (seat(identity, &mut wanted, None), wanted));
    let seated: Vec<_> = seated.collect();
    let shown = seated.into_iter().map(async |(seated, wanted)| {
        let id = wanted.id.clone();
        (id, show_one(runtime, identity, wanted, seated).await)
    });
    for (id, (container, kept, seat, noted)) in join_all(shown).await {
        nested.put(&id, container, kept, seat);
        needs::add(noted_by_page, noted);
    }
}

async fn show_one(
    runtime: &Arc<Runtime>,
    parent: &Identity,
    wanted: Wanted,
    seated: Seated,
) -> (String, Kept, Option<Seat>, Vec<Noted>) {
    let (Seated::Joinable { own, .. } | Seated::Beyond { own }) = &seated else {
        return (String::new(), Kept::Nothing, None, Vec::new());
    };
    let unjoined = match &seated {
        Seated::Beyond { .. } => Ended::Inert,
        _ => Ended::NotJoined,
    };
    let mut shown = seed::of(&wanted.seed).show(runtime, own.clone(), unjoined).await;
    let noted = shown.as_mut().map(|shown| std::mem::take(&mut shown.noted)).unwrap_or_default();
    let container = match (&seated, &shown) {
        (Seated::Beyond { own }, shown) => {
            let html = shown.as_ref().map_or("", |shown| &shown.html);
            return (still(&wanted, own, html), Kept::Nothing, None, noted);
        }
        (_, None) => container(&wanted, own, parent, "", "", ""),
        (_, Some(Shown { html, flash, .. })) => {
            let (keys, max_frame_bytes) = (&runtime.keys, runtime.config.max_frame_bytes);
            let (flash, now) = (flash.clone(), SystemTime::now());
            let statics = flash.into_page_token(own.dom_id(), max_frame_bytes, keys, now);
            container(&wanted, own, parent, "", &statics, html)
        }
    };
    let kept = shown.map_or(Kept::Nothing, |shown| Kept::Held(shown.state));
    (container, kept, seated.into_seat(), noted)
}

/// Lets joins find what the renders of a running view ask for.
pub(crate) fn publish<V: LiveView>(runtime: &Arc<Runtime>, socket: &mut Socket<V>) {
    if !socket.components.nested.has_wanted() {
        return;
    }
    socket.components.free_seats();
    let waiter = Arc::clone(&socket.mailbox) as Arc<dyn Waiter>;
    publish_within(runtime, &socket.identity, &mut socket.components.nested, &waiter);
}

fn publish_within(
    runtime: &Arc<Runtime>,
    identity: &Identity,
    nested: &mut Nested,
    waiter: &Arc<dyn Waiter>,
) {
    for mut wanted in nested.take_wanted() {
        let (own, seat) = match seat(identity, &mut wanted, Some(waiter)) {
            Seated::Joinable { own, seat } => (own, seat),
            Seated::Beyond { own } => {
                nested.put(&wanted.id, still(&wanted, &own, ""), Kept::Waiting, None);
                continue;
            }
            Seated::Later => {
                nested.put(&wanted.id, String::new(), Kept::Waiting, None);
                continue;
            }
            Seated::Nowhere => {
                nested.put(&wanted.id, String::new(), Kept::Nothing, None);
                continue;
            }
        };
        let token = PageToken {
            view_id: own.dom_id().to_owned(),
            instance: own.instance().to_owned(),
            view_name: seed::of(&wanted.seed).type_name().to_owned(),
            group: own.group,
            session_id: own.session,
            trace: own.page.to_bytes(),
            issued_at: SystemTime::now(),
        };
        let session = token.sign_nested(&runtime.keys);
        let container = container(&wanted, &own, identity, &session, "", "");
        let Wanted { id, seed, held, .. } = wanted;
        let child = Arc::new(Child::new(own, seed, held));
        runtime.children.insert(&child);
        let published = Box::new(Published { runtime: Arc::clone(runtime), child });
        nested.put(&id, container, Kept::Published(published), Some(seat));
    }
}

/// Who a nested view is, and whether its browser may join it.
enum Seated {
    Joinable {
        own: Identity,
        seat: Seat,
    },
    /// The page's socket may join no more.
    Beyond {
        own: Identity,
    },
    /// The next frame frees the id that it wants.
    Later,
    /// There can be no view here.
    Nowhere,
}

impl Seated {
    fn into_seat(self) -> Option<Seat> {
        match self {
            Self::Joinable { seat, .. } => Some(seat),
            Self::Beyond { .. } | Self::Later | Self::Nowhere => None,
        }
    }
}

/// Who a view is that `parent` places; it keeps the seat that it has. `waiter` is told when one is
/// free that it did not get.
fn seat(parent: &Identity, wanted: &mut Wanted, waiter: Option<&Arc<dyn Waiter>>) -> Seated {
    let view = wanted.name;
    let topic = format!("{}-{}", parent.topic, wanted.part);
    if parent.depth >= MAX_DEPTH || topic.len() > MAX_ELEMENT_BYTES {
        let (id, depth) = (&wanted.id, parent.depth);
        tracing::error!(view, id, depth, "a nested view is too deep, or its id too long");
        return Seated::Nowhere;
    }
    let depth = parent.depth + 1;
    let mut own = Identity { topic: topic.into(), chosen_id: None, depth, ..parent.clone() };
    let taken = wanted.seat.take().map_or_else(
        || {
            let chosen = wanted.element.usable_id(view).map(|id| format!("{id}{}", wanted.suffix));
            parent.seats.take(view, chosen.as_deref(), waiter)
        },
        Taken::Seat,
    );
    match taken {
        Taken::Seat(seat) => {
            own.chosen_id.clone_from(&seat.id);
            Seated::Joinable { own, seat }
        }
        Taken::Full => Seated::Beyond { own },
        Taken::IdLeaves => Seated::Later,
    }
}

/// The element in which the browser looks for a view. Tokens need no escaping.
fn container(
    wanted: &Wanted,
    own: &Identity,
    parent: &Identity,
    session: &str,
    statics: &str,
    html: &str,
) -> String {
    let parent = parent.dom_id();
    let marks = format!(
        " data-phx-parent-id=\"{parent}\" data-phx-session=\"{session}\" data-phx-static=\"{statics}\""
    );
    wanted.element.element(wanted.name, own.dom_id(), &marks, html)
}

/// The element of a view that its browser may not join: it keeps what the first response shows, and
/// takes no clicks. Its id is another, so that the two never take each other's place.
fn still(wanted: &Wanted, own: &Identity, html: &str) -> String {
    let id = format!("{}{NUMBER}still", own.instance());
    wanted.element.element(wanted.name, &id, " phx-update=\"ignore\" inert", html)
}

impl Drop for Published {
    fn drop(&mut self) {
        self.runtime.children.end(&self.child);
    }
}

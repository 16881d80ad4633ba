//! Nested views while they live: shown in the first response of their page, published for the joins
//! of their browser as long as their parent places them, ended with it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use futures_util::future::join_all;

use crate::nested::registry::{Kept, Wanted};
use crate::runtime::Runtime;
use crate::runtime::mailbox::Inbox;
use crate::socket::{Identity, Socket};
use crate::view::LiveView;
use crate::wire::frame::MAX_ELEMENT_BYTES;
use crate::wire::token::{PageToken, SessionId, StaticToken};

mod seed;

use seed::Shown;
pub(crate) use seed::{Seed, SeedOf};

/// How deep views stand in each other: deeper than any page needs, and an end for one that places
/// itself.
const MAX_DEPTH: u8 = 8;

/// The nested views that joins may ask for, by topic. There are as many as running views place.
#[derive(Default)]
pub(crate) struct Children(Mutex<HashMap<Box<str>, Arc<Child>>>);

/// A nested view as its parent places it, whether it runs or not.
pub(crate) struct Child {
    pub(crate) identity: Identity,
    seed: Arc<dyn Seed>,
    life: Mutex<Life>,
}

#[derive(Default)]
struct Life {
    /// Mounted for the page; the first join takes it.
    held: Option<Box<dyn Any + Send>>,
    /// The tasks that joins have started. More than one when a copy of the page has joined, or while
    /// a view that gave way ends.
    running: Vec<Weak<dyn Inbox>>,
    /// The parent has ended or places it no more.
    has_ended: bool,
}

/// Keeps a nested view to be found by joins; dropping it ends the view.
pub(crate) struct Published {
    runtime: Arc<Runtime>,
    child: Arc<Child>,
}

/// Mounts and renders what the render of a page asked for, all at once.
pub(crate) async fn show<V: LiveView>(runtime: &Arc<Runtime>, socket: &mut Socket<V>) {
    let (identity, nested) = (&socket.identity, &mut socket.components.nested);
    let shown = nested.take_wanted().into_iter().map(async |Wanted { id, seed, .. }| {
        let (container, kept) = show_one(runtime, identity, &id, &*seed).await;
        (id, container, kept)
    });
    for (id, container, kept) in join_all(shown).await {
        nested.put(&id, container, kept);
    }
}

async fn show_one(
    runtime: &Arc<Runtime>,
    parent: &Identity,
    id: &str,
    seed: &dyn Seed,
) -> (String, Kept) {
    let Some(own) = inside(parent, id, seed) else { return (String::new(), Kept::Nothing) };
    let view_id = own.dom_id().to_owned();
    let Some(Shown { html, flash, state }) = seed.show(runtime, own).await else {
        return (container(&view_id, parent, "", "", ""), Kept::Nothing);
    };
    let statics = StaticToken { view_id, flash: flash.into_pairs() };
    let token = statics.sign(&runtime.keys, SystemTime::now());
    (container(&statics.view_id, parent, "", &token, &html), Kept::Held(state))
}

/// Lets joins find what the renders of a running view ask for.
pub(crate) fn publish<V: LiveView>(runtime: &Arc<Runtime>, socket: &mut Socket<V>) {
    let (identity, nested) = (&socket.identity, &mut socket.components.nested);
    for Wanted { id, seed, held } in nested.take_wanted() {
        let Some(own) = inside(identity, &id, &*seed) else {
            nested.put(&id, String::new(), Kept::Nothing);
            continue;
        };
        let token = PageToken {
            view_id: own.dom_id().to_owned(),
            view_name: seed.type_name().to_owned(),
            session_id: own.session,
            trace: own.page.to_bytes(),
            issued_at: SystemTime::now(),
        };
        let session = token.sign_nested(&runtime.keys);
        let container = container(&token.view_id, identity, &session, "", "");
        let life = Mutex::new(Life { held, ..Life::default() });
        let child = Arc::new(Child { identity: own, seed, life });
        runtime.children.insert(&child);
        let published = Published { runtime: Arc::clone(runtime), child };
        nested.put(&id, container, Kept::Published(published));
    }
}

/// Who a view is that `parent` places; `None` where there can be none.
fn inside(parent: &Identity, id: &str, seed: &dyn Seed) -> Option<Identity> {
    let topic = format!("{}-{id}", parent.topic);
    if parent.depth >= MAX_DEPTH || topic.len() > MAX_ELEMENT_BYTES {
        let (view, depth) = (seed.name(), parent.depth);
        tracing::error!(view, id, depth, "a nested view is too deep, or its id too long");
        return None;
    }
    Some(Identity { topic: topic.into(), depth: parent.depth + 1, ..parent.clone() })
}

/// The element in which the browser looks for a view. Ids and tokens need no escaping.
fn container(id: &str, parent: &Identity, session: &str, statics: &str, html: &str) -> String {
    let parent = parent.dom_id();
    format!(
        "<div id=\"{id}\" data-phx-parent-id=\"{parent}\" data-phx-session=\"{session}\" \
         data-phx-static=\"{statics}\">{html}</div>"
    )
}

impl Children {
    /// The nested view of a topic, while a running view places it.
    pub(crate) fn get(&self, topic: &str) -> Option<Arc<Child>> {
        self.lock().get(topic).cloned()
    }

    fn insert(&self, child: &Arc<Child>) {
        let topic = child.identity.topic.clone();
        let replaced = self.lock().insert(topic, Arc::clone(child));
        drop(replaced);
    }

    /// Takes `child` out, unless another parent with the same topic has put one in its place.
    fn remove(&self, child: &Arc<Child>) {
        let mut children = self.lock();
        let topic = &*child.identity.topic;
        if children.get(topic).is_some_and(|listed| Arc::ptr_eq(listed, child)) {
            children.remove(topic);
        }
    }

    /// Hides the nested views of a session from joins.
    pub(crate) fn end_session(&self, session: SessionId) {
        let is_of_session = |child: &Child| child.identity.session == session;
        let hidden: Vec<_> = self.lock().extract_if(|_, child| is_of_session(child)).collect();
        drop(hidden);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Arc<Child>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the view runs, for this session, that a nested view of this topic stands in.
pub(crate) fn has_parent(runtime: &Runtime, topic: &str, session: SessionId) -> bool {
    let parent = topic.rsplit_once('-').map_or("", |(parent, _)| parent);
    runtime.views.is_running(parent, session)
}

impl Child {
    pub(crate) fn seed(&self) -> &dyn Seed {
        &*self.seed
    }

    /// Whether its parent places it no more, and runs.
    pub(crate) fn was_removed(&self, runtime: &Runtime) -> bool {
        let Identity { topic, session, .. } = &self.identity;
        self.life().has_ended && has_parent(runtime, topic, *session)
    }

    fn take_held(&self) -> Option<Box<dyn Any + Send>> {
        self.life().held.take()
    }

    /// Whether a join of this view started the task of `inbox`.
    fn has_started(&self, inbox: &Arc<dyn Inbox>) -> bool {
        self.life().has_started(inbox)
    }

    /// Ends the task of `inbox`, which is about to be joined, together with this view. False when
    /// that has ended already.
    fn start(&self, inbox: &Arc<dyn Inbox>) -> bool {
        let mut life = self.life();
        life.running.retain(|own| own.strong_count() > 0);
        if !life.has_started(inbox) {
            life.running.push(Arc::downgrade(inbox));
        }
        !life.has_ended
    }

    /// The tasks to be ended, and what no join has taken.
    fn end(&self) -> Life {
        let ended = Life { has_ended: true, ..Life::default() };
        std::mem::replace(&mut *self.life(), ended)
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Life {
    fn has_started(&self, inbox: &Arc<dyn Inbox>) -> bool {
        let is_it = |own: &Weak<dyn Inbox>| std::ptr::addr_eq(own.as_ptr(), Arc::as_ptr(inbox));
        self.running.iter().any(is_it)
    }
}

impl Drop for Published {
    fn drop(&mut self) {
        self.runtime.children.remove(&self.child);
        for inbox in self.child.end().running.iter().filter_map(Weak::upgrade) {
            inbox.end();
        }
    }
}

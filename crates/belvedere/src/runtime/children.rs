//! The nested views that joins find: as long as running views place them, and ended with those.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::ended::HeldView;
use crate::nested::registry::Seed;
use crate::runtime::mailbox::Inbox;
use crate::runtime::views::Views;
use crate::socket::Identity;
use crate::wire::token::SessionId;

/// The nested views that joins may ask for, by topic. There are as many as running views place.
#[derive(Default)]
pub(crate) struct Children(Mutex<HashMap<Box<str>, Arc<Child>>>);

/// A nested view as its parent places it, whether it runs or not.
pub(crate) struct Child {
    pub(crate) identity: Identity,
    /// `runtime::seed` knows what it is.
    pub(crate) seed: Seed,
    life: Mutex<Life>,
}

#[derive(Default)]
struct Life {
    /// Mounted for the page; the first join takes it.
    held: Option<HeldView>,
    /// The tasks that joins have started. More than one when a copy of the page has joined, or while
    /// a view that gave way ends.
    running: Vec<Weak<dyn Inbox>>,
    /// The parent has ended or places it no more.
    has_ended: bool,
}

impl Children {
    /// The nested view of a topic, while a running view places it.
    pub(crate) fn get(&self, topic: &str) -> Option<Arc<Child>> {
        self.lock().get(topic).cloned()
    }

    /// Lets joins find `child`.
    pub(crate) fn insert(&self, child: &Arc<Child>) {
        let topic = child.identity.topic.clone();
        let replaced = self.lock().insert(topic, Arc::clone(child));
        drop(replaced);
    }

    /// Takes `child` out, unless another parent with the same topic has put one in its place, and
    /// ends it with the tasks that joins of it have started.
    pub(crate) fn end(&self, child: &Arc<Child>) {
        self.remove(child);
        for inbox in child.end().running.iter().filter_map(Weak::upgrade) {
            inbox.end();
        }
    }

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
pub(crate) fn has_parent(views: &Views, topic: &str, session: SessionId) -> bool {
    let parent = topic.rsplit_once('-').map_or("", |(parent, _)| parent);
    views.is_running(parent, session)
}

impl Child {
    pub(crate) fn new(identity: Identity, seed: Seed, held: Option<HeldView>) -> Self {
        Self { identity, seed, life: Mutex::new(Life { held, ..Life::default() }) }
    }

    /// Whether its parent places it no more, and runs.
    pub(crate) fn was_removed(&self, views: &Views) -> bool {
        let Identity { topic, session, .. } = &self.identity;
        self.life().has_ended && has_parent(views, topic, *session)
    }

    /// The view as it was mounted for the page, for its first join.
    pub(crate) fn take_held(&self) -> Option<HeldView> {
        self.life().held.take()
    }

    /// Whether a join of this view started the task of `inbox`.
    pub(crate) fn has_started(&self, inbox: &Arc<dyn Inbox>) -> bool {
        self.life().has_started(inbox)
    }

    /// Ends the task of `inbox`, which is about to be joined, together with this view. False when
    /// that has ended already.
    pub(crate) fn start(&self, inbox: &Arc<dyn Inbox>) -> bool {
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

//! From what a parent gave to a view of any type: for the page, and for a join.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::ended::{Ended, HeldView};
use crate::flash::Flash;
use crate::http::content_security_policy::needs::Noted;
use crate::nested::registry;
use crate::runtime::Runtime;
use crate::runtime::attachment::JoinCount;
use crate::runtime::children::Child;
use crate::runtime::refusal::Refusal;
use crate::runtime::routes::PreparedView;
use crate::socket::Identity;

pub(crate) mod of_view;

/// A view under way to the page or to its browser.
pub(crate) type Work<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How to mount a nested view, whatever its type.
pub(crate) trait Seed: Send + Sync {
    /// The type's name, as tokens hold it.
    fn type_name(&self) -> &'static str;

    /// Mounts and renders the view for the page; `None` when either fails, which is logged. It ends
    /// for the reason `unjoined` if no browser takes it.
    fn show<'a>(
        &'a self,
        runtime: &'a Arc<Runtime>,
        own: Identity,
        unjoined: Ended,
    ) -> Work<'a, Option<Shown>>;

    /// The view for a join of `child`: as the page or a lost socket left it, else mounted anew.
    fn join<'a>(
        &'a self,
        runtime: &'a Arc<Runtime>,
        child: &'a Arc<Child>,
        flash: Flash,
        count: JoinCount,
    ) -> Work<'a, Result<Box<dyn PreparedView>, Refusal>>;

    /// The same for a join of a view in a layout, which no other view has placed.
    fn join_in_layout<'a>(
        &'a self,
        runtime: &'a Arc<Runtime>,
        identity: Identity,
        flash: Flash,
        count: JoinCount,
    ) -> Work<'a, Result<Box<dyn PreparedView>, Refusal>>;
}

/// The seed that a parent's registry keeps.
pub(crate) fn of(planted: &registry::Seed) -> &Arc<dyn Seed> {
    planted.downcast_ref().expect("every seed is planted by `of_view`")
}

/// A view in the first response of its page.
pub(crate) struct Shown {
    pub(crate) html: String,
    pub(crate) flash: Flash,
    /// Templates in it that need something of the page's policy.
    pub(crate) noted: Vec<Noted>,
    /// The view itself, for its join.
    pub(crate) state: HeldView,
}

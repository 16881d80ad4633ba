//! By what a component is known: its number in the page, its type and id in the code.

use std::any::TypeId;
use std::fmt;
use std::hash::Hash;

use crate::diff::hash_key;

/// The number of a component in its view, `cid` on the wire: what `phx-target` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentId(pub(crate) u64);

impl From<u64> for ComponentId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for ComponentId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A component's type and the hash of its id.
pub(crate) type Name = (TypeId, u64);

/// The name of the component of type `C` with this id.
pub(crate) fn name<C: 'static>(id: &(impl Hash + ?Sized)) -> Name {
    (TypeId::of::<C>(), hash_key(id))
}

//! Where an input stands in a form, as a value that only the form's own type can make.

use std::fmt;
use std::marker::PhantomData;

/// One input of a form, read as a `V`: what `form.field(|f| f.email)` takes.
pub struct InputPath<V> {
    pub(super) slot: usize,
    of: PhantomData<fn() -> V>,
}

/// A list of rows of a form, each an `R`: what `form.rows(|f| f.members)` takes.
pub struct RowsPath<R> {
    pub(super) slot: usize,
    of: PhantomData<fn() -> R>,
}

macro_rules! path {
    ($($path:ident)*) => {$(
        impl<T> $path<T> {
            /// The next slot.
            pub(super) const fn next(slot: &mut usize) -> Self {
                let path = Self { slot: *slot, of: PhantomData };
                *slot += 1;
                path
            }
        }

        impl<T> Clone for $path<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $path<T> {}

        impl<T> fmt::Debug for $path<T> {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($path), self.slot)
            }
        }
    )*};
}

path!(InputPath RowsPath);

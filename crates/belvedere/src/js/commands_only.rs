//! Attributes that take commands and nothing else: a mistake there is one of compiling.

use maud::PreEscaped;

use super::Js;

/// What may stand in `phx-mounted`, `phx-remove`, `phx-connected` and `phx-disconnected`: commands,
/// or a text that holds them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in an attribute that takes commands only",
    label = "`phx-mounted`, `phx-remove`, `phx-connected` and `phx-disconnected` take a `Js`",
    note = "to send an event, write `(Js::new().push(event))`"
)]
pub trait Commands {}

impl Commands for Js {}
impl Commands for str {}
impl Commands for String {}
impl<T> Commands for PreEscaped<T> {}
impl<T: Commands + ?Sized> Commands for &T {}

/// The value of such an attribute, as it is.
pub const fn commands<T: Commands + ?Sized>(value: &T) -> &T {
    value
}

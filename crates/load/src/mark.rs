//! Where counting begins and ends: a function that callgrind knows by its name.

use std::hint::black_box;

use axum::Router;
use axum::routing::get;

/// Asked for to set a mark.
pub(crate) const PATH: &str = "/mark";

/// Functions before which callgrind writes down what it has counted, and begins anew.
pub(crate) const FUNCTIONS: &str = "*callgrind_mark*";

/// `app`, and [`PATH`] beside it.
pub(crate) fn routed(app: Router) -> Router {
    app.route(PATH, get(|| async { callgrind_mark(1).to_string() }))
}

/// Is a function of its own and not an empty one, so that it is called.
#[inline(never)]
fn callgrind_mark(number: u32) -> u32 {
    black_box(number)
}

//! In a debug build: which events a render has put into the page, so that one of another view's can be
//! told from this view's own.

use std::cell::RefCell;

thread_local! {
    /// Of the render under way, if anybody asked.
    static RENDERED: RefCell<Option<Vec<&'static str>>> = const { RefCell::new(None) };
}

/// Notes that the event of this name stands in the page.
pub(crate) fn note(event: &'static str) {
    if cfg!(debug_assertions) {
        RENDERED.with_borrow_mut(|rendered| {
            if let Some(rendered) = rendered.as_mut().filter(|names| !names.contains(&event)) {
                rendered.push(event);
            }
        });
    }
}

/// Runs `render`, and returns the names of the events that it put into the page: none in a release
/// build. What is noted meanwhile is not noted for whoever asked before.
pub(crate) fn during<T>(render: impl FnOnce() -> T) -> (T, Vec<&'static str>) {
    if !cfg!(debug_assertions) {
        return (render(), Vec::new());
    }
    let outer = RENDERED.replace(Some(Vec::new()));
    let value = render();
    (value, RENDERED.replace(outer).unwrap_or_default())
}

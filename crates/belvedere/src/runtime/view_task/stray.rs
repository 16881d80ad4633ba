//! Events in a page that nobody there takes, said in a debug build before anybody clicks.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::component::registry::Components;

/// What was said already, as view and event. Bounded: both are names in the program.
static SAID: LazyLock<Mutex<HashSet<(&str, &str)>>> = LazyLock::new(Mutex::default);

/// Warns of `rendered` events that neither this view, which has declared some, nor one of its components
/// declares. An event for the view around, or for one beside it, is named by its element's `phx-target`; it is
/// the only one said in vain.
pub(super) fn report(
    view: &'static str,
    declared: &[&'static str],
    rendered: &[&'static str],
    components: &Components,
) {
    let takes = |event: &&str| declared.contains(event) || components.take_event(event);
    for &event in rendered.iter().filter(|event| !takes(event)) {
        let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
        if said.insert((view, event)) {
            tracing::warn!(
                view,
                event,
                ?declared,
                "a template has an event that neither its view nor a component of it declares: is it \
                 one of another enum?"
            );
        }
    }
}

//! Asking a view or a component for the items of its streams again.

use tracing::Instrument;

use crate::runtime::callback::{Addressed, ItemsLost, component_socket, report};
use crate::socket::Socket;
use crate::stream::Restream;
use crate::telemetry::{self, Told};
use crate::view::LiveView;

/// A browser can read as slowly as it likes.
static FORGOTTEN: Told = Told::new();

/// Asks again for the items of streams that were given more than may wait, and for those of components
/// that are back on the page. Of the latter, one that cannot tell is mounted again, as if the browser
/// had dropped it before.
pub(crate) async fn lost<V: LiveView>(
    view: &mut V,
    socket: &mut Socket<V>,
) -> Result<(), ItemsLost> {
    for owner in socket.components.take_lost() {
        let is_back = owner.is_some_and(|number| socket.components.is_returning(number));
        if !is_back && let Some(times) = FORGOTTEN.again() {
            tracing::warn!(
                view = V::name(),
                times,
                "a stream has forgotten more changes than may wait"
            );
        }
        let is_told = match owner {
            None => of_view(view, socket).await,
            Some(number) => of_component(view, socket, number).await,
        };
        match owner.filter(|_| is_back) {
            Some(number) if is_told => socket.components.restreamed(number),
            Some(number) => socket.components.renew(number),
            None if is_told => {}
            None => return Err(ItemsLost),
        }
    }
    Ok(())
}

/// Whether the view has told the items of its own streams.
pub(crate) async fn of_view<V: LiveView>(view: &mut V, socket: &mut Socket<V>) -> bool {
    let span = telemetry::restream_span(V::name());
    let _panic = telemetry::FailOnPanic::new(&span, "restream");
    let restreamed = view.restream(socket).instrument(span.clone()).await;
    let is_done = matches!(restreamed, Ok(Restream::Done));
    report(view, socket, restreamed.map(drop), &span);
    is_done
}

/// Whether the component has told the items of its streams; one that is gone has none.
pub(crate) async fn of_component<V: LiveView>(
    view: &mut V,
    socket: &mut Socket<V>,
    number: u64,
) -> bool {
    let Some(mut addressed) = Addressed::taken(socket, number) else { return true };
    let kind = addressed.kind;
    let span = telemetry::component_span(V::name(), kind.name, "restream", 1);
    let _panic = telemetry::FailOnPanic::of_component(&span, kind.name, "restream");
    let restreamed = match addressed.instance.restream(component_socket(socket, kind)) {
        Some(restreaming) => restreaming.instrument(span.clone()).await,
        None => Ok(Restream::Done),
    };
    addressed.put_back(socket);
    let is_done = matches!(restreamed, Ok(Restream::Done));
    report(view, socket, restreamed.map(drop), &span);
    is_done
}

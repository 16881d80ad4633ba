//! What a view may keep of what people type, in bytes, which count in the share of their address.
//!
//! What an author does with a text cannot be seen. A form holds what came last, so the longest message of each
//! event is the measure. Short ones do not count, and a view that was sent no long one has no list.

use crate::diff::hash_key;
use crate::event::ValueError;
use crate::runtime::shares::Place;
use crate::runtime::told::Bound;
use crate::runtime::view_task::ViewTask;
use crate::view::LiveView;
use crate::wire::message::EventPayload;

/// Messages below this length do not count: clicks, keystrokes, and most of what people write.
const FREE_BYTES: usize = 4 * 1024;

/// The longest messages of a view's events.
#[derive(Default)]
pub(super) struct KeptTexts(Vec<KeptText>);

struct KeptText {
    /// Its name, and the component that it is for.
    event: u64,
    room: Place,
}

impl KeptTexts {
    pub(super) fn n_bytes(&self) -> usize {
        self.0.iter().map(|text| text.room.n()).sum()
    }
}

impl<V: LiveView> ViewTask<V> {
    /// Takes room for what the view may keep of a message.
    pub(super) fn take_room_for(&mut self, payload: &EventPayload<'_>) -> Result<(), ValueError> {
        let n_bytes = payload.value.json().len();
        if n_bytes < FREE_BYTES {
            return Ok(());
        }
        let event = hash_key(&(payload.cid, &payload.event));
        let network = self.channel.as_ref().and_then(|channel| channel.client.network);
        let KeptTexts(texts) = &mut self.kept;
        let taken = match texts.iter_mut().find(|text| text.event == event) {
            Some(text) => text.room.grow_to(n_bytes),
            None => {
                let room = self.runtime.shares.of(network).keep(n_bytes);
                room.map(|room| texts.push(KeptText { event, room }))
            }
        };
        taken.map_err(|whose| {
            self.runtime.told.refused(Bound::Kept(whose), network);
            ValueError::NoRoom { n_bytes }
        })
    }
}

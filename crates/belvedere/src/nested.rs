//! Nested views: live views inside another's template, each with a task and a topic of its own.
//!
//! What an author writes stands here. Which ones a view has placed is [`registry`]'s; mounting
//! them, joining them and ending them with their parent is the runtime's (`runtime::nested`).

use std::fmt::Display;

use crate::template::{Render, Renderer};
use crate::view::LiveView;

pub(crate) mod registry;

#[doc = include_str!("docs/nested.md")]
pub fn nested<V>(id: impl Display, extract: V::Extract) -> impl Render
where
    V: LiveView,
    V::Extract: Clone + Sync,
{
    struct Placed<V: LiveView> {
        id: String,
        extract: V::Extract,
    }
    impl<V: LiveView<Extract: Clone + Sync>> Render for Placed<V> {
        fn render_to(&self, renderer: &mut Renderer) {
            renderer.nested::<V>(&self.id, &self.extract);
        }
    }
    Placed::<V> { id: id.to_string(), extract }
}

/// The last part of a nested view's DOM id: letters and digits as they are, every other byte as `_`
/// and two digits, so that the `-` between the parts tells which view is inside which.
pub(crate) fn id_part(id: &str) -> String {
    let mut part = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() {
            part.push(char::from(byte));
        } else {
            part.push_str(&format!("_{byte:02x}"));
        }
    }
    part
}

#[cfg(test)]
mod tests {
    use super::id_part;

    #[test]
    fn different_ids_are_different_and_fit_into_a_selector() {
        let ids = ["chat", "Chat", "chat-1", "chat_1", "chat_2d1", "é", "", " ", "\"", "_"];
        let mut parts: Vec<_> = ids.into_iter().map(id_part).collect();
        assert_eq!(parts[2], "chat_2d1");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        assert!(parts.iter().all(|part| part.bytes().all(fits)), "{parts:?}");
        parts.sort();
        parts.dedup();
        assert_eq!(parts.len(), ids.len());
    }
}

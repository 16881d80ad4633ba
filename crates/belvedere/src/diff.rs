//! What changed between two renders of a template, as the browser's client takes it.
//!
//! ```
//! use belvedere::{diff::Memory, live, template::diff};
//!
//! let count = |n: u32| live! { p { "Count: " (n) } };
//! let mut memory = Memory::default();
//!
//! let mut first = String::new();
//! diff(&count(1), &mut memory, &mut first);
//! assert_eq!(first, r#""0":"1","s":["<p>Count: ","</p>"]"#);
//!
//! let mut second = String::new();
//! diff(&count(2), &mut memory, &mut second);
//! assert_eq!(second, r#""0":"2""#);
//! ```
//!
//! A `Differ` stands behind the renderer: it compares the hash of what each hole shows with the word
//! that the last render left for it, and writes JSON only for what differs, opening the enclosing
//! objects at the first difference below them. What a render leaves is its *tape*, one word per
//! hole (`tape`); a [`Memory`] is that tape. Node, list, stream, component and text each have their
//! file; the registry of components puts the view's diff and theirs into one message. `merge` and
//! `expand` are the browser's side in Rust. Nothing here knows what a template is beyond its statics:
//! the renderer (`template`) writes into the differ.
//!
//! # What each key says
//!
//! ```
//! # use belvedere::{diff::Memory, live, template::{Render, diff}};
//! fn badge(text: &'static str) -> impl Render {
//!     live! { b { (text) } }
//! }
//! let page = |rows: &'static [&'static str]| live! {
//!     ul { @for text in rows { li key=(text) { (badge(text)) } } }
//! };
//! # let mut memory = Memory::default();
//! # let mut send = |rows| {
//! #     let mut out = String::from("{");
//! #     diff(&page(rows), &mut memory, &mut out);
//! #     out + "}"
//! # };
//!
//! let first = send(&["new", "hot"]);
//! assert_eq!(first, concat!(
//!     r#"{"0":{"k":{"0":{"0":{"0":"new","s":0,"r":1}},"1":{"0":{"0":"hot","s":0,"r":1}},"kc":2},"#,
//!     r#""s":["<li>","</li>"]},"s":["<ul>","</ul>"],"p":{"0":["<b>","</b>"]}}"#,
//! ));
//! let reversed = send(&["hot", "new"]);
//! assert_eq!(reversed, r#"{"0":{"k":{"0":1,"1":0,"kc":2,"km":true}}}"#);
//! ```
//!
//! - `0`, `1`, … are holes: a text, a node, a list, a component's number.
//! - `s` are statics, and mean that the place is new. Those of a template that comes more than once
//!   in the message stand in `p`, by the number that then stands for them (`templates`).
//! - `r` says of a new node that it is one element, whatever its holes hold: a `live!` of exactly
//!   one. While no message says anything at or below it, the browser leaves the element as it is.
//! - `k` are the rows of a list, `kc` their count, `km` that some have moved from where the number
//!   in their place says.
//! - `c` are the trees of components by their numbers (`component`).

mod component;
mod differ;
mod expand;
mod hash;
mod list;
mod merge;
mod moves;
mod node;
mod stream;
mod tape;
mod templates;

pub(crate) use component::Donor;
pub(crate) use differ::{Differ, Root};
pub use expand::to_html;
#[doc(hidden)]
pub use hash::Hashing;
pub use hash::Key;
pub(crate) use hash::hash_key;
pub use merge::{MergeError, merge};
pub(crate) use stream::{Forget, RowId, RowNews, StreamInsert, StreamOperations};

/// What the server remembers of the last render that a browser was sent: a hash per hole, the
/// identity of each template and the key of each row, no text.
///
/// The default remembers nothing, as for a browser that has nothing: the next diff is the full
/// tree. Equal hashes of different texts would hide a change; hashes have 62 bits and a random seed
/// per process.
#[derive(Debug, Default)]
pub struct Memory(pub(crate) Box<[u64]>);

impl Memory {
    /// Heap bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }
}

/// How much a diff says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Places sent: changed texts, new nodes, lists and rows, moved rows, changed row counts. 0
    /// means that the browser has it all and nothing was appended.
    pub holes: usize,
    /// Streams of which items were sent or taken out; they have forgotten them.
    pub streams: usize,
}

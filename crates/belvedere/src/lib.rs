//! Server-rendered pages kept live over WebSockets, for axum applications.
//!
#![doc = include_str!("docs/guide.md")]

// `live!` and `LiveEvent` expand to paths that begin with the crate's public name.
extern crate self as belvedere;

// What the macros' expansions name.
#[doc(hidden)]
pub mod __private;

// What an author writes.
mod component;
mod container;
mod ended;
mod error;
pub mod event;
mod flash;
mod focus_wrap;
pub mod form;
pub mod js;
mod load;
mod navigation;
mod nested;
mod portal;
pub mod pub_sub;
mod snapshot;
mod socket;
mod stream;
pub mod upload;
mod view;
mod visit;

// What a template is.
pub mod template;

// What changed. For this crate's own tests and measurements; nothing here is kept between versions.
#[doc(hidden)]
pub mod diff;

// What travels. Hidden for the same reason.
#[doc(hidden)]
pub mod wire;

// Who runs it.
mod runtime;

// How HTTP reaches it.
pub mod http;

// Guides that belong to no one item.
/// Work beside a page: parts that load by themselves, each with its own loading and failure.
///
#[doc = include_str!("docs/async.md")]
pub mod _async {}

/// What the browser keeps when a page changes: ids, inputs, lists, and parts left alone.
///
#[doc = include_str!("docs/browser.md")]
pub mod _browser {}

/// What visitors may do: who sees a page, and what its events may change.
///
#[doc = include_str!("docs/guards.md")]
pub mod _guards {}

/// Where only a script can do it: hooks, one file each, with typed events, answers and news.
///
#[doc = include_str!("docs/hooks.md")]
pub mod _hooks {}

/// How a visitor moves: URLs that are state, links, the history, groups, other sites.
///
#[doc = include_str!("docs/navigation.md")]
pub mod _navigation {}

/// Pages that live with others: topics on which changes are said, and who else is here.
///
#[doc = include_str!("docs/together.md")]
pub mod _together {}

/// What outlives a deploy: the state that a view wants kept, in the next build as in this one.
///
#[doc = include_str!("docs/snapshots.md")]
pub mod _snapshots {}

/// Several servers: a bus between them, what is lost on it, and a server that dies.
///
#[doc = include_str!("docs/many_servers.md")]
pub mod _many_servers {}

/// Work that outlives a page: a task of the application that all pages show, and that any may cancel.
///
#[doc = include_str!("docs/long_work.md")]
pub mod _long_work {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

// Cross-cutting.
mod base_path;
mod config;
mod returned;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;

pub use base_path::{BasePath, NotABasePath};
pub use belvedere_macros::{LivePath, live};
pub use component::{ComponentId, ComponentSocket, LiveComponent, Update, component};
pub use config::{
    AddressLimit, AdmissionLimits, DepartedLimits, HoldLimits, LiveConfig, SnapshotOptions,
    UploadLimit, UploadLimits,
};
pub use container::Container;
pub use ended::Ended;
pub use error::{CallbackError, MountError, Result};
#[doc(inline)]
pub use event::LiveEvent;
pub use flash::{Flash, flash};
pub use focus_wrap::focus_wrap;
#[doc(inline)]
pub use form::{Field, Form, FormData, LiveForm};
#[doc(inline)]
pub use http::{LiveRouter, LiveRuntime, is_join};
#[doc(inline)]
pub use js::Js;
pub use load::{Async, AsyncError, AsyncState, Load};
pub use navigation::{History, LivePath, LocalPath, NotASite, NotLocal, SiteUrl};
pub use nested::{NestedView, nested};
pub use portal::portal;
#[doc(inline)]
pub use pub_sub::{Heard, PubSub, Topic};
pub use runtime::inspect::{RecentEvent, ViewMemory, ViewSnapshot};
pub use snapshot::{
    SharedSnapshotOptions, SharedSnapshots, Snapshot, SnapshotKey, SnapshotStore,
    SnapshotStoreError, TimedSnapshotStore,
};
pub use socket::{
    ConnectParamsError, MessageSender, PushError, SendError, Socket, TooManyTasks, TooManyTopics,
};
pub use stream::{LiveStream, Restream, StreamLimit};
#[doc(inline)]
pub use template::{Element, Render};
#[doc(inline)]
pub use upload::Upload;
pub use view::{Joined, LiveView};
pub use visit::{EventGuard, EventRefusal, GuardedEvent, Shared};
#[doc(inline)]
pub use wire::token::{SecretKeyBase, SessionId};

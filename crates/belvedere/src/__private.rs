//! What the code of this crate's macros names, so that an author's crate needs no dependency for
//! it. No part of the public interface.

pub use belvedere_macros::live_within;
pub use maud;

pub use crate::event::command::{PushCommand, render_event};
pub use crate::event::names::{n_names, names};
pub use crate::event::written::{Field, NotText, Probe, Variant, Variants};
pub use crate::form::bind::{errors, field, form, input, row_edit};
pub use crate::js::commands_only::commands;
pub use crate::navigation::live_path::path_text;
pub use crate::upload::bind::{file, preview};

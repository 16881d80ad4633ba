//! The pages that are measured: same elements, names and lengths as the reference server's.

mod counter;
mod feed;
mod files;
mod form;
mod kept;
mod listener;
mod parts;
mod people;
mod rows;
mod stream;
mod table;

pub use counter::{Counter, CounterEvent};
pub use feed::{Announcement, Feed, PUSH_PAUSE, Subscribers};
pub use files::{Counted, Files, FilesEvent};
pub use form::{Form, FormEvent, FormFields, N_FIELDS, form_payload};
pub use kept::{KeptCounter, KeptForm, KeptTable};
pub use listener::{Listener, NUMBERS};
pub use parts::{DONE, MAX_PARTS, Parts, PartsEvent};
pub use people::People;
pub use rows::{Rows, RowsEvent, Turn};
pub use stream::{StreamEvent, Streamed};
pub use table::{N_ROWS, Table, TableEvent, User, plain_table, table, users};

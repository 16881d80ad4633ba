//! What pages are made of: fields, dialogs, tables, page numbers, a way back from a deletion, counts.
//!
//! Function components over `live!`, to be copied into an application and changed there: this folder, and
//! `assets/css/kit/`, whose colours are the variables at the top of `assets/css/app.css`. They use nothing
//! but the public interface of `belvedere`, and each stands by itself.
//!
//! | Module | Gives |
//! |---|---|
//! | [`field`] | a label, an input of any kind, and what is wrong with it |
//! | [`dialog`] | a dialog with a URL of its own, for the keyboard as well |
//! | [`table`] | a table whose heads sort it by links |
//! | [`pagination`] | the pages of a long list, as links |
//! | [`undo`] | what was just done, with a button that takes it back |
//! | [`count`] | numbers as a person says them |
//!
//! Where something leads, they take a value of a type with [`LivePath`](derive@belvedere::LivePath), or
//! any other text of a path.

pub mod count;
pub mod dialog;
pub mod field;
pub mod pagination;
pub mod table;
pub mod undo;

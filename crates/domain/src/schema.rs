//! The tables as Diesel sees them, written by hand because one file serves two databases.
//!
//! A test compares this file with both migrated databases, so it cannot drift from
//! `migrations/`. Types that exist in one database only do not belong here.

use diesel::sql_types::{SqlType, Text};

/// A 16 byte identifier: `uuid` in PostgreSQL, `BLOB` in SQLite.
///
/// The object ids are PostgreSQL's own for `uuid` and `uuid[]`; naming them saves a look-up
/// query on every new connection.
#[derive(Debug, Clone, Copy, SqlType, diesel::query_builder::QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct BinaryId;

diesel::table! {
    /// People with a todo list.
    users (id) {
        /// Identifier, a UUID of version 7.
        id -> crate::schema::BinaryId,
        /// Full name, not blank, at most 100 characters; no two differ only in the case of A to Z.
        name -> Text,
        /// Age in years, 0 to 150.
        age -> Integer,
        /// When the row was made, UTC.
        inserted_at -> Timestamp,
        /// When the row last changed, UTC.
        updated_at -> Timestamp,
    }
}

diesel::table! {
    /// The items of a user's todo list.
    todo_list_items (id) {
        /// Identifier, a UUID of version 7.
        id -> crate::schema::BinaryId,
        /// What is to be done, not blank, at most 200 characters.
        task -> Text,
        /// Whether it has been done.
        completed -> Bool,
        /// Whose item it is; deleting the user deletes the item.
        user_id -> crate::schema::BinaryId,
        /// When the row was made, UTC.
        inserted_at -> Timestamp,
        /// When its task, or whether it is done, last changed, UTC.
        updated_at -> Timestamp,
        /// Where it stands on the list: by this, then by identifier.
        position -> BigInt,
    }
}

diesel::define_sql_function! {
    /// The text in lower case: A to Z on both databases, as names are in byte order.
    fn lower(text: Text) -> Text;
}

diesel::joinable!(todo_list_items -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, todo_list_items);

/// The names of all tables, for telling a table from any other word in dynamic SQL.
pub(crate) const TABLES: [&str; 2] = ["users", "todo_list_items"];

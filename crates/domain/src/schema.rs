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

diesel::table! {
    /// Imports of users: under way, or ended not long ago.
    imports (id) {
        /// Identifier, a UUID of version 7.
        id -> crate::schema::BinaryId,
        /// The name of who has begun it.
        begun_by -> Text,
        /// When it was begun, UTC.
        begun_at -> Timestamp,
        /// Name of the file.
        file -> Text,
        /// Lines that are to be saved.
        n_lines -> BigInt,
        /// Users in them.
        n_users -> BigInt,
        /// Lines that were read; grows as long as somebody goes on with it.
        n_done -> BigInt,
        /// Whether all of it was saved, or nothing; neither before it has ended.
        is_saved -> Nullable<Bool>,
        /// Why nothing was saved, as [`Reason`](crate::imports::Reason) names it.
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    /// What an import has read, until it moves all of it to the tables of the pages.
    import_lines (import_id, number) {
        /// The import; deleting it deletes its lines.
        import_id -> crate::schema::BinaryId,
        /// Where the line stands in the file, from 0.
        number -> BigInt,
        /// Who the user will be.
        user_id -> crate::schema::BinaryId,
        /// The user's name; none in a line that has one more item of the user before.
        name -> Nullable<Text>,
        /// The user's age, as the name.
        age -> Nullable<Integer>,
        /// The item that this will be, if the line has one.
        item_id -> Nullable<crate::schema::BinaryId>,
        /// The item's task.
        task -> Nullable<Text>,
        /// Whether the item has been done.
        completed -> Nullable<Bool>,
        /// The item's place on the list.
        position -> Nullable<BigInt>,
    }
}

diesel::define_sql_function! {
    /// The text in lower case: A to Z on both databases, as names are in byte order.
    fn lower(text: Text) -> Text;
}

diesel::joinable!(todo_list_items -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, todo_list_items);

/// The names of all tables, for telling a table from any other word in dynamic SQL.
pub(crate) const TABLES: [&str; 4] = ["users", "todo_list_items", "imports", "import_lines"];

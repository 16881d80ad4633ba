//! A table whose heads sort it: links, so that the order stands in the URL.
//!
//! ```text
//! (table("users", "20 users",
//!     live! {
//!         (sort_head("Name", Align::Start, Some(Order::Ascending), by_name))
//!         (sort_head("Age", Align::End, None, by_age))
//!     },
//!     live! { @for user in &self.users { tr key=(user.id) { … } } }))
//! ```

use std::fmt::Display;

use belvedere::{Element, Render, live};

/// How a table is sorted by a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// On which side a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Start,
    /// Numbers, whose digits stand below each other. Their cells have the class `number`.
    End,
}

/// The table; `head` are the heads of its columns, `body` its rows. On a narrow screen it scrolls within
/// its frame.
pub fn table<'a>(
    id: &'a str,
    caption: impl Render + 'a,
    head: impl Render + 'a,
    body: impl Render + 'a,
) -> impl Element + 'a {
    live! {
        div.table-wrap {
            table id=(id) {
                caption { (caption) }
                thead { tr { (head) } }
                tbody { (body) }
            }
        }
    }
}

/// The head of a column by which the table can be sorted; `order` is that of the rows now, if they are
/// sorted by this column. The link leads to what a click asks for: another order, or this column.
pub fn sort_head<'a>(
    label: &'a str,
    align: Align,
    order: Option<Order>,
    to: impl Display + 'a,
) -> impl Element + 'a {
    let sorted = order.map(|order| match order {
        Order::Ascending => "ascending",
        Order::Descending => "descending",
    });
    live! {
        th.number[align == Align::End] scope="col" aria-sort=[sorted] { a.sort patch=(to) { (label) } }
    }
}

//! The page's URLs: what the list shows, and the dialog that is open over it.

use std::fmt;

use axum::extract::{FromRequestParts, MatchedPath};
use belvedere::LivePath;
use belvedere::http::LivePathRejection;
use domain::UserId;
use domain::users::{Direction, MAX_NAME_CHARS, Sort};
use http::request::Parts;
use serde::{Deserialize, Deserializer, Serialize};

/// The list: `/users?q=ann&sort=age&direction=descending&page=2`. What is as ever is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, LivePath)]
#[live_path("/users")]
#[serde(default)]
pub struct List {
    /// What is searched for, at most 101 letters of it.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "cut")]
    pub q: String,
    /// What the list is sorted by.
    #[serde(skip_serializing_if = "is_default")]
    pub sort: Sort,
    /// Which end comes first.
    #[serde(skip_serializing_if = "is_default")]
    pub direction: Direction,
    /// The page, from 1.
    #[serde(skip_serializing_if = "is_first")]
    pub page: usize,
}

/// So much of a search finds what all of it would: nothing, where it is longer than any name. What a page says
/// in its own URLs is bounded.
const MAX_SEARCH_CHARS: usize = MAX_NAME_CHARS + 1;

/// The route of the dialog for a new user.
pub const NEW: &str = "/users/new";

/// The URL of the dialog for a user who is there, without what the list shows.
#[derive(Debug, Serialize, Deserialize, LivePath)]
#[live_path("/users/{id}/edit")]
pub struct EditPath {
    /// Who.
    pub id: UserId,
}

/// What is open over the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialog {
    /// Nothing.
    #[default]
    Closed,
    /// The form for a new user.
    New,
    /// The form for one who is there.
    Edit(UserId),
}

/// All that the page's URL says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsersUrl {
    /// The list.
    pub list: List,
    /// The dialog, whose URL keeps what the list shows.
    pub dialog: Dialog,
}

/// The URL of the `POST` that deletes a user.
#[derive(Debug, Serialize, Deserialize, LivePath)]
#[live_path("/users/{id}/delete")]
pub struct DeletePath {
    /// Who.
    pub id: UserId,
}

impl Default for List {
    fn default() -> Self {
        let (sort, direction) = (Sort::default(), Direction::default());
        Self { q: String::new(), sort, direction, page: 1 }
    }
}

impl List {
    /// The first page of the same list, of those in whose names this is found.
    #[must_use]
    pub fn of_search(&self, q: &str) -> Self {
        Self { q: shortened(q), page: 1, ..self.clone() }
    }

    /// The list in the order that a click on a column's head asks for: by that column or, when it is
    /// sorted by it, the other way round.
    #[must_use]
    pub fn sorted_by(&self, sort: Sort) -> Self {
        let direction = match self.direction {
            Direction::Ascending if sort == self.sort => Direction::Descending,
            Direction::Ascending | Direction::Descending => Direction::Ascending,
        };
        Self { sort, direction, page: 1, ..self.clone() }
    }

    /// The fields by which an ordinary form keeps the order, each with its value.
    #[must_use]
    pub fn order_fields(&self) -> Vec<(String, String)> {
        let order = Self { q: String::new(), page: 1, ..self.clone() }.to_string();
        let query = order.split_once('?').map_or("", |(_, query)| query);
        let fields = query.split('&').filter_map(|field| field.split_once('='));
        fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

impl UsersUrl {
    /// The same list with another dialog.
    #[must_use]
    pub fn with(&self, dialog: Dialog) -> Self {
        Self { dialog, list: self.list.clone() }
    }

    /// The same list without any.
    #[must_use]
    pub fn closed(&self) -> Self {
        self.with(Dialog::Closed)
    }
}

impl fmt::Display for UsersUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.list.to_string();
        let query = list.strip_prefix(List::ROUTE).unwrap_or_default();
        match self.dialog {
            Dialog::Closed => formatter.write_str(&list),
            Dialog::New => write!(formatter, "{NEW}{query}"),
            Dialog::Edit(id) => write!(formatter, "{}{query}", EditPath { id }),
        }
    }
}

impl From<UsersUrl> for String {
    fn from(url: UsersUrl) -> Self {
        url.to_string()
    }
}

/// The dialog is known by its route.
impl<S: Send + Sync> FromRequestParts<S> for UsersUrl {
    type Rejection = LivePathRejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let dialog = match route {
            Some(NEW) => Dialog::New,
            Some(EditPath::ROUTE) => {
                Dialog::Edit(EditPath::from_request_parts(parts, state).await?.id)
            }
            _ => Dialog::Closed,
        };
        Ok(Self { list: List::from_request_parts(parts, state).await?, dialog })
    }
}

fn cut<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(shortened(&String::deserialize(deserializer)?))
}

fn shortened(q: &str) -> String {
    q.chars().take(MAX_SEARCH_CHARS).collect()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_first(page: &usize) -> bool {
    *page == 1
}

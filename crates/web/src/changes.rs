//! What has changed, for the pages that show it, on all servers.

use belvedere::pub_sub::PublishError;
use belvedere::{LiveView, PubSub, Socket, Topic};
use domain::UserId;
use serde::{Deserialize, Serialize};

/// Somebody was added, changed or deleted, or has other items.
pub const USERS: Topic<Change> = Topic::new("users");

/// Who has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// One user.
    Of(UserId),
    /// Many have been added at once, and none of those who were there has changed.
    Added,
}

/// The same of one person.
#[must_use]
pub fn of_user(id: UserId) -> Topic<UserId> {
    Topic::keyed("user", id)
}

/// Says that something of a person has changed.
pub fn tell(pub_sub: &PubSub, id: UserId) {
    let told = pub_sub.publish(&USERS, Change::Of(id));
    log(told.and_then(|()| pub_sub.publish(&of_user(id), id)));
}

/// The same to all but the view that has changed it.
pub fn tell_others<V: LiveView>(socket: &Socket<V>, pub_sub: &PubSub, id: UserId) {
    let told = socket.publish_to_others(pub_sub, &USERS, Change::Of(id));
    log(told.and_then(|()| socket.publish_to_others(pub_sub, &of_user(id), id)));
}

/// Says once that many users have been added.
pub fn tell_added(pub_sub: &PubSub) {
    log(pub_sub.publish(&USERS, Change::Added));
}

/// The change is made, whoever hears of it.
fn log(told: Result<(), PublishError>) {
    if let Err(error) = told {
        tracing::error!(%error, "nobody hears that users have changed");
    }
}

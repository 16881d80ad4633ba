//! What has changed, for the pages that show it, on all servers.

use belvedere::pub_sub::PublishError;
use belvedere::{LiveView, PubSub, Socket, Topic};
use domain::UserId;

/// Somebody was added, changed or deleted, or has another number of items.
pub const USERS: Topic<UserId> = Topic::new("users");

/// The same of one person.
#[must_use]
pub fn of_user(id: UserId) -> Topic<UserId> {
    Topic::keyed("user", id)
}

/// Says that something of a person has changed.
pub fn tell(pub_sub: &PubSub, id: UserId) {
    let told = pub_sub.publish(&USERS, id);
    log(told.and_then(|()| pub_sub.publish(&of_user(id), id)));
}

/// The same to all but the view that has changed it.
pub fn tell_others<V: LiveView>(socket: &Socket<V>, pub_sub: &PubSub, id: UserId) {
    let told = socket.publish_to_others(pub_sub, &USERS, id);
    log(told.and_then(|()| socket.publish_to_others(pub_sub, &of_user(id), id)));
}

/// The change is made, whoever hears of it.
fn log(told: Result<(), PublishError>) {
    if let Err(error) = told {
        tracing::error!(%error, "nobody hears that a user has changed");
    }
}

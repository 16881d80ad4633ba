//! What every [`Bus`](crate::pub_sub::Bus) does for two servers, for the tests of those who make one.

use std::time::Duration;

use tokio::time::timeout;

use crate::pub_sub::{Heard, PubSub, PublishError, Subscription, Topic};

/// What the servers say to each other.
pub const NEWS: Topic<String> = Topic::new("news");

/// Longer than any answer of a machine at work; nobody waits for it but a test that fails.
const LONGEST: Duration = Duration::from_secs(60);

/// Bytes around what is published, and some more.
const AROUND: usize = 299;

/// What is heard next.
///
/// # Panics
///
/// When nothing is heard within a minute.
pub async fn next(news: &mut Subscription<String>) -> Heard<String> {
    timeout(LONGEST, news.next()).await.expect("something is heard")
}

/// Publishes until the other server has heard of this one.
///
/// # Panics
///
/// As [`next`].
pub async fn greet(one: &PubSub, news: &mut Subscription<String>) {
    loop {
        one.publish(&NEWS, "hello".to_owned()).expect("it is short");
        if next(news).await == Heard::Message("hello".to_owned()) {
            return;
        }
    }
}

/// Asserts that what one of two new servers publishes is heard by both in order, up to the longest message of
/// a bus that takes so many bytes.
///
/// # Panics
///
/// When they do not.
pub async fn check_bus(one: &PubSub, two: &PubSub, max_bytes: usize) {
    let mut news = two.subscribe(&NEWS);
    assert_eq!(next(&mut news).await, Heard::Missed, "it is connected, for the first time");
    greet(one, &mut news).await;
    let mut own = one.subscribe(&NEWS);
    let all: Vec<_> = (0..50).map(|number| format!("number {number}, 'quoted' \\ \0 ✓")).collect();
    for text in &all {
        one.publish(&NEWS, text.clone()).expect("it is short");
    }
    for text in &all {
        hears(&mut news, text).await;
        hears(&mut own, text).await;
    }
    let error = one.publish(&NEWS, "x".repeat(max_bytes)).expect_err("it is too long");
    let PublishError::TooLarge { max_bytes: known, .. } = error else { panic!("{error}") };
    assert_eq!(known, max_bytes);
    let longest = "x".repeat(max_bytes - AROUND);
    one.publish(&NEWS, longest.clone()).expect("as long as it may be");
    hears(&mut news, &longest).await;
}

async fn hears(news: &mut Subscription<String>, expected: &str) {
    loop {
        match next(news).await {
            // One greeting may be under way still.
            Heard::Message(hello) if hello == "hello" => {}
            heard => return assert_eq!(heard, Heard::Message(expected.to_owned())),
        }
    }
}

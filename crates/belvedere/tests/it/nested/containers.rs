//! Containers as their authors want them, and pages with more nested views than a socket joins.

use axum::Router;
use belvedere::testing::{Outcome, TestApp};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};

use super::{app_with, show};
use crate::diff::duplicates::Log;
use crate::views::{Rooms, config, served};

fn rooms() -> TestApp {
    served(LiveRuntime::new(config()), Router::new().live::<Rooms>("/rooms/{kind}"))
}

#[tokio::test]
async fn containers_have_the_tag_id_class_and_attributes_of_their_author() {
    let page = rooms().get("/rooms/two").await;
    assert_eq!(page.attribute("main[data-phx-main]", "id").as_deref(), Some("rooms"));
    assert_eq!(page.attribute("#rooms", "class").as_deref(), Some("wide"));
    assert_eq!(page.attribute("section#first", "title").as_deref(), Some("<1>"));
    assert_eq!(page.texts("#rooms > .room b"), ["1:0", "2:0"]);
    let mut rooms = page.join().await;
    assert_eq!(rooms.topic(), "lv:rooms");
    let mut first = rooms.child("one").await;
    assert_eq!(first.topic(), "lv:first");
    first.click("button").await;
    rooms.child("second").await.click("button").await;
    assert_eq!(first.text("b"), "1:1");
    rooms.reconnect().await;
    assert_eq!(rooms.child("first").await.text("b"), "1:1");
    for _ in 0..2 {
        rooms.click("#toggle").await;
    }
    assert_eq!(rooms.child("first").await.text("b"), "1:0", "the same id as before");
}

#[tokio::test]
async fn tabs_whose_containers_have_one_id_are_kept_apart() {
    let app = rooms();
    let (here, there) = (app.get("/rooms/two").await, app.get("/rooms/two").await);
    let stranger = app.another_visitor().get("/rooms/two").await;
    let (mut here, mut there) = (here.join().await, there.join().await);
    let mut stranger = stranger.join().await;
    let mut first = here.child("first").await;
    first.click("button").await;
    assert_eq!(there.child("first").await.text("b"), "1:0");
    assert_eq!(stranger.child("first").await.text("b"), "1:0");
    there.click("#toggle").await;
    stranger.click("#toggle").await;
    first.click("button").await;
    assert_eq!((first.text("b"), first.outcome()), ("1:2".to_owned(), &Outcome::Open));
    there.disconnect().await;
    here.reconnect().await;
    assert_eq!(here.child("first").await.text("b"), "1:2");
    there.reconnect().await;
    assert!(!there.html().contains("id=\"first\""), "{}", there.html());
}

#[tokio::test]
async fn an_id_that_another_container_has_is_logged_and_not_used_twice() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let page = rooms().get("/rooms/clash").await;
    assert_eq!(page.texts("#first b"), ["1:0"]);
    assert!(log.text().contains("are given the same id"), "{}", log.text());
    let rooms = page.join().await;
    let (mut one, mut two) = (rooms.child("one").await, rooms.child("two").await);
    one.click("button").await;
    two.click("button").await;
    assert_eq!((one.text("b"), two.text("b")), ("1:1".to_owned(), "2:1".to_owned()));
}

#[tokio::test]
async fn views_beyond_the_joins_of_a_socket_stay_as_the_first_response_shows_them() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, book) = app_with(LiveConfig { max_joins_per_socket: 3, ..config() });
    let page = app.get("/lobby/ann,ben,cat,dan").await;
    assert_eq!(page.texts("section b"), ["ann 0", "ben 0", "cat 0", "dan 0"]);
    assert_eq!(page.texts("section [inert] b"), ["cat 0", "dan 0"]);
    let logged = log.text();
    assert_eq!(logged.matches("max_joins_per_socket").count(), 1, "said once: {logged}");
    let mut lobby = page.join().await;
    for name in ["ann", "ben"] {
        let mut chat = lobby.child(name).await;
        chat.click(".say").await;
        assert_eq!(chat.text("b"), format!("{name} 1"));
    }
    let html = lobby.html();
    assert_eq!(html.matches("data-phx-session").count(), 2, "{html}");
    assert_eq!(html.matches("phx-update=\"ignore\"").count(), 2, "{html}");
    lobby.reconnect().await;
    assert_eq!(lobby.html().matches("phx-update=\"ignore\"").count(), 2);
    assert_eq!(book.count("mount cat"), 1);
    show(&mut lobby, "ann,eve").await;
    assert_eq!(lobby.child("eve").await.text("b"), "eve 0", "a place has become free");
}

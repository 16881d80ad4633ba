//! Containers as their authors want them, and pages with more nested views than a socket joins.

use axum::Router;
use belvedere::testing::{Outcome, TestApp};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};
use serde_json::{Value, json};

use super::{app_with, show};
use crate::diff::duplicates::Log;
use crate::socket::{Server, Socket, join_page, receive, send};
use crate::views::{Book, Lobby, Rooms, config, served};

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

#[tokio::test]
async fn views_beyond_the_joins_of_a_socket_come_to_life_when_others_go() {
    let (app, book) = app_with(LiveConfig { max_joins_per_socket: 3, ..config() });
    let mut lobby = app.get("/lobby/ann,ben,cat").await.join().await;
    show(&mut lobby, "ann,ben,cat,dan").await;
    assert_eq!(lobby.html().matches("inert").count(), 2, "{}", lobby.html());
    show(&mut lobby, "ann,cat,dan").await;
    lobby.settle().await;
    let mut cat = lobby.child("cat").await;
    cat.click(".say").await;
    assert_eq!((cat.text("b"), book.count("mount cat")), ("cat 1".to_owned(), 2));
    show(&mut lobby, "cat,dan").await;
    lobby.settle().await;
    assert_eq!(lobby.child("dan").await.text("b"), "dan 0");
    assert_eq!(lobby.html().matches("inert").count(), 0, "{}", lobby.html());
}

#[tokio::test]
async fn of_views_beyond_the_joins_of_a_socket_the_first_on_the_page_comes_to_life() {
    let (app, _) = app_with(LiveConfig { max_joins_per_socket: 3, ..config() });
    for (beyond, first) in [("dan,cat", "dan"), ("booth,cat", "guest"), ("max,booth,cat", "max")] {
        let mut lobby = app.get("/lobby/ann,ben").await.join().await;
        show(&mut lobby, &format!("ann,ben,{beyond}")).await;
        let n_inert = lobby.html().matches("inert").count();
        show(&mut lobby, &format!("ben,{beyond}")).await;
        lobby.settle().await;
        assert_eq!(lobby.child(first).await.text("b"), format!("{first} 0"), "{beyond}");
        assert_eq!(lobby.html().matches("inert").count(), n_inert - 1, "{}", lobby.html());
    }
}

#[tokio::test]
async fn a_seat_that_becomes_free_in_another_view_is_noticed() {
    let (app, _) = app_with(LiveConfig { max_joins_per_socket: 3, ..config() });
    let mut lobby = app.get("/lobby/house").await.join().await;
    let mut house = lobby.child("house").await;
    show(&mut lobby, "house,cat").await;
    assert_eq!(lobby.html().matches("inert").count(), 1, "the cellar has the last seat");
    house.click(".panic").await;
    lobby.settle().await;
    assert_eq!(lobby.child("cat").await.text("b"), "cat 0");
}

/// Joins a nested view over the socket of its page, as the HTML in `said` shows its container.
async fn join_nested(socket: &mut Socket, said: &Value, name: &str, join_ref: &str) -> String {
    let said = said.to_string().replace("\\\"", "\"");
    let part = said
        .split("<div id=\"")
        .find(|part| part.split('"').next().is_some_and(|id| id.contains(&format!("-{name}"))));
    let part = part.unwrap_or_else(|| panic!("no {name} in {said}"));
    let topic = format!("lv:{}", part.split('"').next().unwrap());
    let session = part.split("data-phx-session=\"").nth(1).and_then(|rest| rest.split('"').next());
    let payload = json!({
        "params": {"_mounts": 0, "_mount_attempts": 0},
        "session": session,
        "static": null,
        "sticky": false,
    });
    send(socket, json!([join_ref, join_ref, topic, "phx_join", payload])).await;
    topic
}

#[tokio::test]
async fn views_that_are_still_busy_when_they_have_gone_leave_room_for_others_on_their_socket() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let book = Book::default();
    let router = Router::new().live::<Lobby>("/lobby/{names}").with_state(book.clone());
    let config = LiveConfig { max_joins_per_socket: 2, ..config() };
    let server = Server::serve(config, router).await;
    let page = server.page("/lobby/none").await;
    let (mut socket, lobby) = join_page(&server, &page, "/lobby/none", 0).await;
    for (name, join_ref) in [("ann", "50"), ("ben", "60"), ("cat", "70")] {
        let event = json!({"type": "click", "event": "show", "value": {"names": name}});
        send(&mut socket, json!(["4", join_ref, lobby, "event", event])).await;
        let shown = loop {
            let shown = receive(&mut socket).await;
            if shown.to_string().contains("data-phx-session") {
                break shown;
            }
        };
        let topic = join_nested(&mut socket, &shown, name, join_ref).await;
        let joined = receive(&mut socket).await;
        assert_eq!(joined["status"], "ok", "{name}: {joined}");
        let nap = json!({"type": "click", "event": "nap", "value": {}});
        send(&mut socket, json!([join_ref, "9", topic, "event", nap])).await;
    }
    assert_eq!(book.count("end ann"), 0, "it still naps");
    send(&mut socket, json!(["80", "80", "lv:another", "phx_join", {}])).await;
    while receive(&mut socket).await["response"]["reason"] != "too many channels joined" {}
    let logged = log.text();
    assert_eq!(logged.matches("`LiveConfig::max_joins_per_socket`").count(), 1, "{logged}");
}

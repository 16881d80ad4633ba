//! How nested views end, and who may not join them.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{Outcome, TestView};
use belvedere::{LiveRouter, LiveRuntime};
use serde_json::json;

use super::{app, refused};
use crate::views::{Book, Lobby, config, served};

#[tokio::test]
async fn nested_views_end_with_the_view_around_them() {
    for end in ["phx_leave", "event"] {
        let (app, book) = app();
        let mut lobby = app.get("/lobby/house").await.join().await;
        let mut house = lobby.child("house").await;
        let mut cellar = house.child("cellar").await;
        let leave = json!({ "type": "click", "event": "leave", "value": {} });
        lobby.send(end, leave).await;
        house.settle().await;
        cellar.settle().await;
        assert_eq!((house.outcome(), cellar.outcome()), (&Outcome::Closed, &Outcome::Closed));
        assert_eq!((book.count("end house"), book.count("end cellar")), (1, 1), "{end}");
        house.join().await;
        assert_eq!(*house.outcome(), refused("stale"), "{end}");
    }
}

#[tokio::test]
async fn a_crash_takes_the_nested_views_along_and_the_next_join_brings_new_ones() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/ann").await.join().await;
    let mut ann = lobby.child("ann").await;
    ann.click(".say").await;
    lobby.send_event("click", "panic", json!({}), None).await;
    ann.settle().await;
    assert_eq!((lobby.outcome(), ann.outcome()), (&Outcome::Crashed, &Outcome::Closed));
    lobby.join().await;
    let ann = lobby.child("ann").await;
    assert_eq!((ann.text("b"), book.count("mount ann")), ("ann 0".to_owned(), 2));
}

/// Lets all tasks go as far as they come without the clock, with `work` among them.
pub(crate) async fn without_waiting(work: impl Future) {
    tokio::select! {
        biased;
        _ = work => {}
        () = async { for _ in 0..1000 { tokio::task::yield_now().await } } => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_join_does_not_find_a_view_whose_parent_has_ended_while_it_was_busy() {
    let (app, book) = app();
    let mut lobby = app.get("/lobby/ann").await.join().await;
    let mut ann = lobby.child("ann").await;
    ann.click(".say").await;
    without_waiting(ann.click(".nap")).await;
    without_waiting(lobby.send_event("click", "panic", json!({}), None)).await;
    without_waiting(lobby.join()).await;
    without_waiting(ann.join()).await;
    assert_eq!((book.count("mount ann"), book.count("end ann")), (2, 0), "the first still naps");
    ann.settle().await;
    assert_eq!((ann.outcome(), ann.text("b")), (&Outcome::Open, "ann 0".to_owned()));
    assert_eq!(book.count("end ann"), 1);
}

#[tokio::test(start_paused = true)]
async fn nested_views_that_nobody_comes_back_to_end() {
    let (app, book) = app();
    let lobby = app.get("/lobby/house").await.join().await;
    let house = lobby.child("house").await;
    let cellar = house.child("cellar").await;
    drop((lobby, house, cellar));
    tokio::time::sleep(Duration::from_secs(62)).await;
    assert_eq!((book.count("end house"), book.count("end cellar")), (1, 1));
}

#[tokio::test]
async fn a_redirect_of_a_nested_view_moves_the_whole_page() {
    let (app, _) = app();
    let lobby = app.get("/lobby/ann").await.join().await;
    let mut ann = lobby.child("ann").await;
    ann.click(".leave").await;
    assert_eq!(*ann.outcome(), Outcome::Redirected("/elsewhere".to_owned()));
}

#[tokio::test]
async fn tokens_of_others_open_no_nested_view() {
    let (app, _) = app();
    let page = app.get("/lobby/ann,ben").await;
    let main = page.attribute("[data-phx-main]", "data-phx-session").unwrap();
    let lobby = page.join().await;
    let mut ann = lobby.open_child("ann");
    let other_page = app.get("/lobby/ann").await.join().await;
    let strangers = app.another_visitor().get("/lobby/ann").await.join().await;
    let session = |view: &TestView, name: &str| {
        let html = view.html();
        let container = html.split("<div ").find(|text| text.contains(&format!("-{name}\"")));
        let token = container.unwrap().split("data-phx-session=\"").nth(1).unwrap();
        token.split('"').next().unwrap().to_owned()
    };
    let foreign = [
        ("page", main),
        ("sibling", session(&lobby, "ben")),
        ("other page", session(&other_page, "ann")),
        ("stranger", session(&strangers, "ann")),
        ("none", String::new()),
    ];
    for (whose, token) in foreign {
        ann.join_with(|payload| payload["session"] = token.into()).await;
        assert_eq!(*ann.outcome(), refused("stale"), "{whose}");
    }
    let own = session(&lobby, "ann");
    let mut main = app.get("/lobby/ann").await.open();
    main.join_with(|payload| payload["session"] = own.into()).await;
    assert_eq!(*main.outcome(), refused("stale"), "as a page's");
    ann.join().await;
    assert!(ann.is_joined(), "its own token still works");
}

#[tokio::test]
async fn a_nested_view_without_its_parent_is_stale() {
    let (app, _) = app();
    let lobby = app.get("/lobby/ann").await.join().await;
    let mut ann = lobby.open_child("ann");
    let mut parent = lobby;
    parent.send("phx_leave", json!({})).await;
    ann.join().await;
    assert_eq!(*ann.outcome(), refused("stale"));
}

#[tokio::test]
async fn a_copy_of_the_page_has_nested_views_of_its_own() {
    let (app, book) = app();
    let page = app.get("/lobby/ann").await;
    let html = page.html.clone();
    let lobby = page.join().await;
    let mut ann = lobby.child("ann").await;
    ann.click(".say").await;
    let mut copy = app.get("/lobby/ann").await;
    copy.html = html;
    let mut second = copy.join().await;
    let mut second_ann = second.child("ann").await;
    assert_eq!(second_ann.text("b"), "ann 0");
    second_ann.click(".say").await;
    second.send("phx_leave", json!({})).await;
    second_ann.settle().await;
    assert_eq!((second_ann.outcome(), book.count("end ann")), (&Outcome::Closed, 1));
    ann.click(".say").await;
    assert_eq!(ann.text("b"), "ann 2");
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_nested_views() {
    let book = Book::default();
    let router = Router::new().live::<Lobby>("/lobby/{names}").with_state(book.clone());
    let live = LiveRuntime::new(config());
    let app = served(live.clone(), router);
    let mut lobby = app.get("/lobby/house").await.join().await;
    let house = lobby.child("house").await;
    let _cellar = house.child("cellar").await;
    live.disconnect(lobby.session());
    lobby.disconnected().await;
    assert_eq!((book.count("end house"), book.count("end cellar")), (1, 1));
    assert_eq!(live.n_views(), 0);
}

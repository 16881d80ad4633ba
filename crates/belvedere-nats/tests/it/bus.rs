//! A connection by itself: who may have one, what it takes, and its end.

use belvedere::pub_sub::{Bus as _, BusConnection as _};
use belvedere_nats::NatsBus;
use belvedere_nats::testing::NatsServer;

/// Why there is no connection.
async fn refusal(bus: &NatsBus) -> String {
    bus.connect().await.expect_err("it is refused").to_string()
}

/// A bus of this user: `name:password@`.
fn bus_as(server: &NatsServer, login: &str) -> NatsBus {
    NatsBus::new(&server.url().replace("://", &format!("://{login}"))).expect("an address")
}

#[tokio::test]
async fn who_may_not_use_it_is_told_so() {
    let test = "who_may_not_use_it_is_told_so";
    let Some(server) = NatsServer::start(test, "authorization: { user: app, password: \"p@ss\" }")
    else {
        return;
    };
    let with = |login: &str| bus_as(&server, login);
    for wrong in ["", "app:wrong@", "token@"] {
        let refusal = refusal(&with(wrong)).await;
        assert!(refusal.contains("authorization violation"), "{wrong}: {refusal}");
    }
    let bus = with("app:p%40ss@");
    bus.connect().await.expect("it may");
    assert!(!format!("{bus:?}").contains("ss"), "{bus:?}");
}

#[tokio::test]
async fn a_user_needs_no_more_rights_than_the_guide_says() {
    let test = "a_user_needs_no_more_rights_than_the_guide_says";
    let guide = include_str!("../../src/docs/guide.md");
    let (_, rights) = guide.split_once("permissions: ").expect("the guide says which");
    let rights = rights.lines().next().expect("a line");
    let user = format!("{{ user: few, password: x, permissions: {rights} }}");
    let none = "{ user: none, password: x, permissions: { publish: [\"other\"] } }";
    let users = format!("authorization: {{ users: [ {user}, {none} ] }}");
    let Some(server) = NatsServer::start(test, &users) else { return };
    let with = |login: &str| bus_as(&server, login);
    let mut one = with("few:x@").connect().await.expect("it may");
    let mut two = with("few:x@").connect().await.expect("it may");
    one.send(vec!["rain".to_owned()]).await.expect("it may");
    assert_eq!(two.receive().await.expect("it may"), "rain");
    let refusal = refusal(&with("none:x@")).await;
    assert!(refusal.to_lowercase().contains("permissions violation"), "{refusal}");
}

#[tokio::test]
async fn a_server_that_takes_too_little_is_refused() {
    let test = "a_server_that_takes_too_little_is_refused";
    let Some(server) = NatsServer::start(test, "max_payload: 4095") else { return };
    let too_little = refusal(&server.bus()).await;
    assert!(too_little.contains("takes 4095 bytes at most"), "{too_little}");
}

#[tokio::test]
async fn a_subject_that_is_none_is_refused() {
    let Some(server) = NatsServer::start("a_subject_that_is_none_is_refused", "") else { return };
    for subject in ["", "a b", "a..b", "shop.*", "shop.>"] {
        let refusal = refusal(&server.bus().with_subject(subject)).await;
        assert!(refusal.contains("subject"), "{subject}: {refusal}");
    }
}

#[tokio::test]
async fn where_nobody_answers_there_is_no_bus() {
    let bus = NatsBus::new("nats://127.0.0.1:1").expect("an address");
    let refusal = refusal(&bus).await;
    assert!(refusal.contains("refused"), "{refusal}");
}

#[tokio::test]
async fn a_subject_of_its_own_parts_one_application_from_another() {
    let test = "a_subject_of_its_own_parts_one_application_from_another";
    let Some(server) = NatsServer::start(test, "") else { return };
    let mut shop = server.bus().with_subject("shop").connect().await.expect("it is there");
    let mut other = server.bus().with_subject("shop").connect().await.expect("it is there");
    let mut forum = server.bus().with_subject("forum").connect().await.expect("it is there");
    forum.send(vec!["of the forum".to_owned()]).await.expect("sent");
    shop.send(vec!["of the shop".to_owned()]).await.expect("sent");
    assert_eq!(other.receive().await.expect("heard"), "of the shop");
}

#[tokio::test]
async fn more_at_once_than_may_wait_ends_the_connection() {
    let Some(server) = NatsServer::start("more_at_once_than_may_wait", "") else { return };
    let mut connection = server.bus().connect().await.expect("it is there");
    // It hears itself, as all others do.
    let payloads = vec!["x".repeat(60_000); 100];
    let refused = loop {
        if let Err(error) = connection.send(payloads.clone()).await {
            break error.to_string();
        }
    };
    let mut n_bytes = 0;
    let end = loop {
        match connection.receive().await {
            Ok(payload) => n_bytes += payload.len(),
            Err(error) => break error.to_string(),
        }
    };
    assert_eq!([refused, end], ["more came at once than may wait"; 2]);
    assert!((15 << 20..=16 << 20).contains(&n_bytes), "{n_bytes}");
}

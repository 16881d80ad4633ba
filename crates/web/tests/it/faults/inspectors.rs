//! An operator's sign-in over several servers and their restarts.

use std::time::{Duration, Instant};

use domain::testing;

use super::process::{Server, Visitor};

const PASSWORD: &str = "open+sesame";

/// Whether the inspector lets somebody in.
fn is_in(visitor: &mut Visitor) -> bool {
    match visitor.clone().page("/inspector").status {
        200 => true,
        303 => false,
        status => panic!("{status}"),
    }
}

/// What a server hears from another takes a moment.
fn becomes(visitor: &mut Visitor, expected: bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while is_in(visitor) != expected {
        assert!(Instant::now() < limit, "it becomes {expected}");
        std::thread::yield_now();
    }
}

fn send(visitor: &mut Visitor, page: &str, path: &str, password: &str) {
    let token = visitor.page(page).input("csrf_token");
    let form = format!("csrf_token={token}&password={password}");
    let answer = visitor.post(path, &form).expect("an answer");
    assert_eq!(answer.status, 303, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_known_to_all_servers_and_is_forgotten_by_all() {
    let test = "an_operator_is_known_to_all_servers_and_is_forgotten_by_all";
    let Some(database) = testing::postgres(test).await else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [("DATABASE_URL", &*database.url), ("INSPECTOR_PASSWORD", "open sesame")];
    let start = || Server::start(folder.path(), &settings);
    let (one, two) = (start(), start());

    let mut operator = one.visitor();
    send(&mut operator, "/inspector/sign-in", "/inspector/sign-in", PASSWORD);
    assert!(is_in(&mut operator));
    becomes(&mut operator.at(&two), true);
    one.kill();
    let one = start();
    becomes(&mut operator.at(&one), true);

    let copy = operator.clone();
    send(&mut operator.at(&two), "/inspector", "/inspector/sign-out", "");
    assert!(!is_in(&mut copy.at(&two)));
    becomes(&mut copy.at(&one), false);
    two.kill();
    let two = start();
    assert!(!is_in(&mut copy.at(&two)) && !is_in(&mut copy.at(&one)));
    one.kill();
    two.kill();
    assert!(!is_in(&mut copy.at(&start())), "nobody is left who knew it");
    database.close().await;
}

use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::task::yield_now;
use tokio::time::{advance, sleep};

use super::*;

fn limits(sockets: (usize, usize), joins: (usize, usize)) -> AdmissionLimits {
    let limit = |(total, per_address)| AddressLimit { total, per_address };
    AdmissionLimits {
        sockets: limit(sockets),
        polls: limit((4, 2)),
        joins_per_second: limit(joins),
        views: limit((5, 3)),
        kept_bytes: limit((100, 40)),
        waiting_bytes: limit((100, 40)),
    }
}

fn network(last: u8) -> Option<ClientNetwork> {
    Some(ClientNetwork::of([192, 0, 2, last].into()))
}

/// How long each of `n` joins waits that come now, in milliseconds.
async fn waits(share: &Share, n: usize) -> Vec<Result<u128, Whose>> {
    let began = Instant::now();
    let wait = async || share.turn().await.map(|()| began.elapsed().as_millis());
    join_all((0..n).map(|_| wait())).await
}

#[tokio::test(start_paused = true)]
async fn sockets_of_one_address_and_of_all_have_a_bound_and_leave_room_when_they_close() {
    let shares = Shares::new(limits((5, 3), (1, 1)));
    let (one, two) = (shares.of(network(1)), shares.of(network(2)));
    let mut places: Vec<_> = (0..3).map(|_| one.socket().expect("room")).collect();
    assert_eq!(shares.of(network(1)).socket().err(), Some(Whose::Address));
    places.extend((0..2).map(|_| two.socket().expect("room")));
    assert_eq!(two.socket().err(), Some(Whose::All));
    assert_eq!(shares.of(None).socket().err(), Some(Whose::All));
    places.remove(0);
    // What was refused has taken nothing.
    assert_eq!(one.socket().map(drop), Ok(()));
    drop(places);
    assert_eq!((0..3).filter_map(|_| one.socket().ok()).count(), 3);
}

#[test]
fn what_views_keep_has_a_bound_in_bytes_and_what_is_refused_takes_nothing() {
    let shares = Shares::new(limits((5, 3), (1, 1)));
    let (one, two) = (shares.of(network(1)), shares.of(network(2)));
    let first = one.keep(30).expect("room");
    assert_eq!(one.keep(11).err(), Some(Whose::Address));
    let mut rest = one.keep(5).expect("room");
    assert_eq!(rest.grow_to(11).err(), Some(Whose::Address));
    rest.grow_to(10).expect("room");
    let _others = (two.keep(40).expect("room"), shares.of(None).keep(20).expect("room"));
    assert_eq!(shares.of(network(3)).keep(1).err(), Some(Whose::All));
    drop(first);
    assert_eq!(one.keep(31).err(), Some(Whose::Address));
    assert_eq!(one.keep(30).map(drop), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn polls_have_places_of_their_own() {
    let shares = Shares::new(limits((5, 3), (1, 1)));
    let (one, two) = (shares.of(network(1)), shares.of(network(2)));
    let places: Vec<_> = (0..2).map(|_| one.poll().expect("room")).collect();
    assert_eq!(one.poll().err(), Some(Whose::Address));
    assert_eq!(one.socket().map(drop), Ok(()));
    let others: Vec<_> = (0..2).map(|_| two.poll().expect("room")).collect();
    assert_eq!(shares.of(network(3)).poll().err(), Some(Whose::All));
    drop((places, others));
    assert_eq!(shares.of(network(3)).poll().map(drop), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn joins_come_at_a_rate_after_the_first_and_none_waits_longer_than_its_browser() {
    let shares = Shares::new(limits((1, 1), (1_000, 4)));
    let (one, two) = (shares.of(network(1)), shares.of(network(2)));
    assert_eq!(waits(&one, 6).await, [0, 0, 0, 0, 250, 500].map(Ok));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(one.crowded(), None);
    let mut crowd = pin!(waits(&one, 26));
    assert!(crowd.as_mut().now_or_never().is_none());
    assert_eq!((one.crowded(), two.crowded()), (Some(Whose::Address), None));
    assert_eq!(waits(&two, 1).await, [Ok(0)]);
    let waited = crowd.await;
    assert_eq!(waited[..5], [0, 0, 0, 0, 250].map(Ok));
    assert_eq!(waited[23..], [Ok(5_000), Err(Whose::Address), Err(Whose::Address)]);
}

#[tokio::test(start_paused = true)]
async fn ten_addresses_have_their_share_of_joins_and_another_visitor_waits_for_none() {
    let shares = Shares::new(AdmissionLimits::default());
    let visitor = shares.of(network(11));
    for _ in 0..20 {
        for last in 1..=10 {
            let stranger = shares.of(network(last));
            tokio::spawn(async move { waits(&stranger, 100).await });
        }
        yield_now().await;
        assert_eq!(waits(&visitor, 1).await, [Ok(0)]);
        sleep(Duration::from_millis(500)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn bytes_that_wait_are_counted_for_the_address_and_for_all() {
    let shares = Shares::new(limits((1, 1), (1, 1)));
    let (one, two) = (shares.of(network(1)), shares.of(network(2)));
    one.wait(40);
    assert_eq!((one.full(), two.full()), (Some(Whose::Address), None));
    two.wait(39);
    shares.of(None).wait(21);
    assert_eq!(two.full(), Some(Whose::All));
    one.handled(40);
    assert_eq!((one.full(), two.full()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn networks_of_which_nobody_is_here_are_forgotten_when_they_owe_nothing() {
    let shares = Shares::new(limits((1, 1), (usize::MAX, 1)));
    let known = || shares.networks.lock().expect("no panic").known.len();
    let here = shares.of(network(1));
    for n in 0..10_000_u32 {
        let _ = shares.of(Some(ClientNetwork::of(n.to_be_bytes().into()))).turn().await;
    }
    assert_eq!(known(), 10_001, "each has just joined");
    advance(Duration::from_secs(60)).await;
    for n in 0..10_000_u32 {
        let _ = shares.of(Some(ClientNetwork::of((n + 10_000).to_be_bytes().into())));
    }
    assert!(known() < 3 * FEW_NETWORKS, "{}", known());
    drop(here);
}

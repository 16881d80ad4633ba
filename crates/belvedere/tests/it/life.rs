//! Whatever becomes of a page's socket, its servers and its callbacks, the person sees what was answered, each thing
//! once: all of it as long as the view lives, and what the view keeps when it does not.

use std::time::Duration;

use belvedere::SnapshotOptions;
use proptest::prelude::*;

use crate::paused::in_paused_time;

use world::{SERVERS, World};

mod page;
mod person;
mod polls;
mod world;

#[derive(Clone, Debug)]
enum Deed {
    Inc,
    Mark,
    Fleet,
    Note(String),
    Put,
    Take,
    /// A component comes or goes.
    Room(u32),
    ClickRoom(u32),
    Load(u32),
    Say,
}

#[derive(Clone, Debug)]
enum Act {
    Does(Deed),
    /// A link to another URL of the view, or the view's own word.
    Patch(u32),
    Go(u32),
    /// To another page, and back by the button.
    Navigate,
    Pause,
    /// The callback panics, and the page joins anew.
    Crash,
    GuestCrashes,
    /// The page is closed, and loaded anew from this server.
    Close(usize),
    /// The socket is lost, and the page comes to this server, soon or late. What it has asked for last may
    /// be unanswered: the answer is lost, or the question.
    Lose {
        next: usize,
        last: Option<Deed>,
        is_late: bool,
    },
    /// The server is replaced by this build, in order or killed, while the last deed may be under way.
    Replace {
        build: u32,
        in_order: bool,
        next: usize,
        last: Option<Deed>,
    },
    /// Another server than the page's is replaced.
    ReplaceOther {
        build: u32,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Inc),
        3 => Just(Deed::Mark),
        2 => Just(Deed::Fleet),
        2 => "[a-z<\"ß]{1,5}".prop_map(Deed::Note),
        2 => Just(Deed::Put),
        1 => Just(Deed::Take),
        2 => (1..4_u32).prop_map(Deed::Room),
        2 => (1..4_u32).prop_map(Deed::ClickRoom),
        1 => (1..9_u32).prop_map(Deed::Load),
        2 => Just(Deed::Say),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let last = || proptest::option::of(deed());
    let server = || 0..SERVERS;
    let build = || 1..=2_u32;
    prop_oneof![
        10 => deed().prop_map(Act::Does),
        1 => (0..5_u32).prop_map(Act::Patch),
        1 => (0..5_u32).prop_map(Act::Go),
        1 => Just(Act::Navigate),
        1 => Just(Act::Pause),
        1 => Just(Act::Crash),
        1 => Just(Act::GuestCrashes),
        1 => server().prop_map(Act::Close),
        3 => (server(), last(), proptest::bool::weighted(0.2))
            .prop_map(|(next, last, is_late)| Act::Lose { next, last, is_late }),
        3 => (build(), any::<bool>(), server(), last())
            .prop_map(|(build, in_order, next, last)| Act::Replace { build, in_order, next, last }),
        1 => build().prop_map(|build| Act::ReplaceOther { build }),
    ]
}

async fn holds(interval: Duration, acts: Vec<Act>) {
    let mut world = World::begin(interval).await;
    for act in acts {
        world.take(act).await;
        world.is_as_seen();
    }
}

/// What was found so, with snapshots as they are by default.
async fn after(acts: &[Act]) {
    holds(SnapshotOptions::default().interval, acts.to_vec()).await;
}

fn killed(next: usize) -> Act {
    Act::Replace { build: 1, in_order: false, next, last: None }
}

#[tokio::test(start_paused = true)]
async fn what_was_kept_is_kept_for_another_url_at_once() {
    after(&[Act::Does(Deed::Inc), Act::Pause, Act::Does(Deed::Inc), Act::Patch(1), killed(0)])
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_nested_view_keeps_its_state_while_its_page_shows_other_urls() {
    after(&[Act::Does(Deed::Say), Act::Pause, Act::Patch(1), killed(0)]).await;
    after(&[Act::Does(Deed::Say), Act::Pause, Act::Patch(1), Act::Crash]).await;
}

#[tokio::test(start_paused = true)]
async fn a_page_goes_on_from_where_it_was_last() {
    let to = |next| Act::Lose { next, last: Some(Deed::Inc), is_late: false };
    after(&[to(1), Act::Does(Deed::Mark), to(0), Act::Does(Deed::Inc), to(1), to(1)]).await;
    let back = Act::Lose { next: 0, last: None, is_late: false };
    after(&[Act::Does(Deed::Inc), to(1), Act::Navigate, back]).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_person_sees_what_was_answered_and_each_thing_once(
        is_prompt in any::<bool>(),
        acts in proptest::collection::vec(act(), 1..24),
    ) {
        let interval = if is_prompt { Duration::ZERO } else { SnapshotOptions::default().interval };
        in_paused_time(holds(interval, acts));
    }
}

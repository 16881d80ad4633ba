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
    /// The socket is lost, which the server notices or not, and the page comes to another or the same. What it
    /// has asked for last may be unanswered: the answer is lost, or the question.
    Lose {
        way: Way,
        last: Option<Deed>,
        noticed: Noticed,
    },
    /// The server is replaced by this build, while the last deed may be under way.
    Replace {
        build: u32,
        end: End,
        way: Way,
        last: Option<Deed>,
    },
    /// Servers notice which sockets they have lost.
    Notice,
    /// Another server than the page's is replaced.
    ReplaceOther {
        build: u32,
    },
}

/// How a page comes to a server.
#[derive(Clone, Debug)]
struct Way {
    /// Servers that it has joined before, of which it has heard nothing.
    in_vain: Vec<usize>,
    next: usize,
}

impl Way {
    const fn to(next: usize) -> Self {
        Self { in_vain: Vec::new(), next }
    }
}

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Killed,
    InOrder,
    /// In order, but the page hears nothing of it.
    Unheard,
}

/// When a server notices that it has lost a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Noticed {
    AtOnce,
    /// At once, and the page is away for so long that nothing waits for it.
    LongBefore,
    /// Later than the page comes back, or never.
    Later,
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
    let way = || {
        (proptest::collection::vec(server(), 0..3), server())
            .prop_map(|(in_vain, next)| Way { in_vain, next })
    };
    let end = || prop_oneof![Just(End::Killed), Just(End::InOrder), Just(End::Unheard)];
    let noticed = || prop_oneof![3 => Just(Noticed::AtOnce), 1 => Just(Noticed::LongBefore), 2 => Just(Noticed::Later)];
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
        4 => (way(), last(), noticed())
            .prop_map(|(way, last, noticed)| Act::Lose { way, last, noticed }),
        3 => (build(), end(), way(), last())
            .prop_map(|(build, end, way, last)| Act::Replace { build, end, way, last }),
        1 => Just(Act::Notice),
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
    Act::Replace { build: 1, end: End::Killed, way: Way::to(next), last: None }
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
    let lost = |next, last| Act::Lose { way: Way::to(next), last, noticed: Noticed::AtOnce };
    let to = |next| lost(next, Some(Deed::Inc));
    after(&[to(1), Act::Does(Deed::Mark), to(0), Act::Does(Deed::Inc), to(1), to(1)]).await;
    after(&[Act::Does(Deed::Inc), to(1), Act::Navigate, lost(0, None)]).await;
}

#[tokio::test(start_paused = true)]
async fn a_join_whose_answer_is_lost_leads_back_to_no_earlier_view() {
    for noticed in [Noticed::AtOnce, Noticed::Later] {
        let lost = |in_vain: &[usize], next| {
            let way = Way { in_vain: in_vain.to_vec(), next };
            Act::Lose { way, last: None, noticed }
        };
        let inc = || Act::Does(Deed::Inc);
        after(&[lost(&[0], 1), inc(), lost(&[], 0)]).await;
        after(&[inc(), lost(&[1, 1], 0), inc(), lost(&[], 1), inc(), lost(&[1], 0)]).await;
        after(&[inc(), lost(&[1], 0), inc(), lost(&[], 0), Act::Notice, inc()]).await;
    }
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

//! Comings and goings against a model that knows when each tab was last seen.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::pub_sub::{Heard, PubSub, PubSubOptions, Subscription};

mod between_nodes;

const HERE: Topic<Presence<u8>> = Topic::new("here");
const GRACE: Duration = Duration::from_secs(5);
const N_TABS: usize = 6;

/// What happens to a tab, or to all.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// It opens a page, or comes back to the one that was lost.
    Joins(usize),
    /// It is closed, or its view says that nobody is there any more, also while it waits.
    Closes(usize),
    /// Its connection is lost, and its view waits.
    Loses(usize),
    /// Its view panics.
    Crashes(usize),
    Passes(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let tab = 0..N_TABS;
    prop_oneof![
        tab.clone().prop_map(Step::Joins),
        tab.clone().prop_map(Step::Closes),
        tab.clone().prop_map(Step::Loses),
        tab.prop_map(Step::Crashes),
        (1_u64..7).prop_map(Step::Passes),
    ]
}

/// Two tabs for each of three people.
fn person_of(tab: usize) -> String {
    format!("person-{}", tab / 2)
}

/// Who must be here: whoever has a tab, or had one lost less than the grace ago.
#[derive(Default)]
struct Model {
    now: u64,
    open: BTreeSet<usize>,
    /// Until when each is waited for.
    lost: BTreeMap<usize, u64>,
    /// Those who nobody can say of any more that they are not.
    crashed: Vec<(usize, u64)>,
}

impl Model {
    fn take(&mut self, step: Step) {
        match step {
            Step::Joins(tab) => {
                self.open.insert(tab);
                self.lost.retain(|other, _| person_of(*other) != person_of(tab));
                self.crashed.retain(|(other, _)| person_of(*other) != person_of(tab));
            }
            Step::Closes(tab) => {
                self.open.remove(&tab);
                self.lost.remove(&tab);
            }
            Step::Loses(tab) => {
                if self.open.remove(&tab) {
                    self.lost.insert(tab, self.now + GRACE.as_secs());
                }
            }
            Step::Crashes(tab) => {
                self.take(Step::Loses(tab));
                self.crashed.extend(self.lost.remove(&tab).map(|until| (tab, until)));
            }
            Step::Passes(seconds) => self.now += seconds,
        }
        self.lost.retain(|_, until| *until > self.now);
        self.crashed.retain(|(_, until)| *until > self.now);
    }

    fn here(&self) -> BTreeSet<String> {
        let crashed = self.crashed.iter().map(|(tab, _)| tab);
        self.open.iter().chain(self.lost.keys()).chain(crashed).map(|tab| person_of(*tab)).collect()
    }
}

/// Follows what is heard, as a page does that never reads anew.
fn follow(heard: &mut Subscription<Presence<u8>>, shown: &mut BTreeSet<String>) {
    while let Some(news) = heard.next().now_or_never() {
        match news {
            Heard::Message(Presence::Here(Present { person, .. })) => {
                assert!(shown.insert(person), "somebody came who was there");
            }
            Heard::Message(Presence::Gone(Present { person, .. })) => {
                assert!(shown.remove(&person), "somebody went who was not there");
            }
            Heard::Missed => panic!("so little is not missed"),
        }
    }
}

async fn run(steps: Vec<Step>) {
    let pub_sub = PubSub::with(PubSubOptions { presence_grace: GRACE, ..Default::default() });
    let mut heard = pub_sub.subscribe(&HERE);
    let mut tabs: [Option<Tracked>; N_TABS] = Default::default();
    let (mut model, mut shown) = (Model::default(), BTreeSet::new());
    for step in steps {
        match step {
            Step::Joins(tab) => {
                let new =
                    || pub_sub.tracked(&HERE, &person_of(tab), &1).expect("a number is short");
                tabs[tab].get_or_insert_with(new).here();
            }
            Step::Closes(tab) => {
                if let Some(mut tracked) = tabs[tab].take() {
                    tracked.left();
                }
            }
            Step::Loses(tab) => {
                tabs[tab].iter_mut().for_each(Tracked::lost);
            }
            Step::Crashes(tab) => drop(tabs[tab].take()),
            Step::Passes(seconds) => {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                // What was due at this moment is over, too.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        model.take(step);
        let present =
            pub_sub.present(&HERE).into_iter().map(|it| it.person).collect::<BTreeSet<_>>();
        assert_eq!(present, model.here(), "after {step:?}");
        follow(&mut heard, &mut shown);
        assert_eq!(shown, present, "after {step:?}");
    }
    drop(tabs);
    tokio::time::sleep(2 * GRACE).await;
    assert!(pub_sub.present(&HERE).is_empty());
    assert!(pub_sub.hub.people().present("here", usize::MAX).is_empty(), "nothing is kept");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn each_person_is_there_once_until_the_last_tab_is_gone(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        runtime.expect("a runtime with a clock").block_on(run(steps));
    }
}

#[test]
fn what_is_said_of_a_person_is_bounded() {
    let pub_sub = PubSub::new();
    let topic: Topic<Presence<String>> = Topic::new("here");
    let error = pub_sub.tracked(&topic, "ann", &"x".repeat(2_000)).expect_err("it is too long");
    assert!(error.to_string().contains("2002 bytes as JSON and may have 1024"), "{error}");
    let mut ann = pub_sub.tracked(&topic, &"a".repeat(5_000), &"Ann".to_owned()).expect("short");
    ann.here();
    let here = pub_sub.present(&topic);
    assert_eq!((here[0].who.as_str(), here[0].person.len()), ("Ann", 129), "a long key is a hash");
    // No runtime runs, so nobody waits for her.
    drop(ann);
    assert!(pub_sub.present(&topic).is_empty());
}

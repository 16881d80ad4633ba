//! Who is on the pages of several nodes, as each of them knows it, whatever the bus loses.

use std::sync::{Mutex, PoisonError};

use super::*;
use crate::pub_sub::{Bus, BusConnection, BusError, TestBus};
use crate::wire::token::SecretKeyBase;

const NEWS: Topic<String> = Topic::new("news");
const WHO: Topic<Presence<String>> = Topic::new("who");

/// A way to a bus on which some of what comes is lost.
#[derive(Clone, Default)]
struct Way {
    bus: TestBus,
    losses: Arc<Mutex<Losses>>,
}

/// The next `n` payloads that hold `text`.
#[derive(Default)]
struct Losses {
    n: usize,
    text: &'static str,
}

impl Way {
    fn to(bus: &TestBus) -> Self {
        Self { bus: bus.clone(), ..Self::default() }
    }

    fn lose(&self, n: usize, text: &'static str) {
        *self.losses.lock().unwrap() = Losses { n, text };
    }
}

impl Bus for Way {
    type Connection = OnTheWay;

    fn max_payload_bytes(&self) -> usize {
        self.bus.max_payload_bytes()
    }

    async fn connect(&self) -> Result<OnTheWay, BusError> {
        Ok(OnTheWay(self.bus.connect().await?, Arc::clone(&self.losses)))
    }
}

struct OnTheWay(<TestBus as Bus>::Connection, Arc<Mutex<Losses>>);

impl BusConnection for OnTheWay {
    async fn send(&mut self, payloads: Vec<String>) -> Result<(), BusError> {
        self.0.send(payloads).await
    }

    async fn receive(&mut self) -> Result<String, BusError> {
        loop {
            let payload = self.0.receive().await?;
            let mut losses = self.1.lock().unwrap_or_else(PoisonError::into_inner);
            if losses.n == 0 || !payload.contains(losses.text) {
                return Ok(payload);
            }
            losses.n -= 1;
        }
    }
}

/// A server, the people on its pages, and a page there that follows who is on all of them.
struct Node {
    way: Way,
    pub_sub: PubSub,
    people: BTreeMap<String, Tracked>,
    heard: Subscription<Presence<String>>,
    /// Since which step.
    shown: BTreeMap<String, usize>,
    n_missed: usize,
}

impl Node {
    fn start(bus: &TestBus, max_unsent_bytes: usize) -> Self {
        let options =
            PubSubOptions { max_unsent_bytes, max_waiting: 100_000, ..Default::default() };
        let way = Way::to(bus);
        let secret = SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes are enough");
        let pub_sub = PubSub::over(way.clone(), &secret, options);
        let heard = pub_sub.subscribe(&WHO);
        let (people, shown) = (BTreeMap::new(), BTreeMap::new());
        Self { way, pub_sub, people, heard, shown, n_missed: 0 }
    }

    fn comes(&mut self, person: &str, who: &str) {
        let new = self.pub_sub.tracked(&WHO, person, &who.to_owned()).expect("it is short");
        self.people.entry(person.to_owned()).or_insert(new).here();
    }

    fn goes(&mut self, person: &str) {
        self.people.remove(person).iter_mut().for_each(Tracked::left);
    }

    fn present(&self) -> BTreeSet<String> {
        self.pub_sub.present(&WHO).into_iter().map(|present| present.person).collect()
    }

    /// Follows what is heard; returns who went, and since when they were shown.
    fn follow(&mut self, step: usize) -> Vec<(String, usize)> {
        let mut gone = Vec::new();
        while let Some(news) = self.heard.next().now_or_never() {
            match news {
                Heard::Message(Presence::Here(Present { person, .. })) => {
                    assert!(self.shown.insert(person, step).is_none(), "somebody came twice");
                }
                Heard::Message(Presence::Gone(Present { person, .. })) => {
                    let since = self.shown.remove(&person).expect("nobody goes twice");
                    gone.push((person, since));
                }
                Heard::Missed => {
                    self.n_missed += 1;
                    let present = self.present();
                    let went = self.shown.extract_if(.., |person, _| !present.contains(person));
                    gone.extend(went);
                    for person in present {
                        self.shown.entry(person).or_insert(step);
                    }
                }
            }
        }
        gone
    }
}

async fn passes(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn five_thousand_people_are_known_everywhere_and_push_nothing_out() {
    let bus = TestBus::default();
    let (mut one, mut two) = (Node::start(&bus, 1024 * 1024), Node::start(&bus, 1024 * 1024));
    two.comes("ann", "Ann");
    passes(10).await;
    let mut news = two.pub_sub.subscribe(&NEWS);
    let by_one = one.pub_sub.clone();
    let say = |number: u32| {
        by_one.publish(&NEWS, number.to_string()).expect("it is short");
    };
    (0..50).for_each(say);
    let who = "x".repeat(500);
    for number in 0..5_000 {
        one.comes(&format!("person-{number}"), &who);
    }
    (50..100).for_each(say);
    passes(10).await;
    assert_eq!((one.present().len(), two.present().len()), (5_001, 5_001));
    for number in 0..100 {
        assert_eq!(news.next().now_or_never(), Some(Heard::Message(number.to_string())));
    }
    one.follow(0);
    two.follow(0);
    // The bus is lost, and all is told anew.
    bus.stop();
    passes(60).await;
    bus.start();
    passes(30).await;
    assert!(one.follow(0).is_empty() && two.follow(0).is_empty(), "nobody went meanwhile");
    let n_missed = (one.n_missed, two.n_missed);
    passes(60).await;
    assert!(one.follow(0).is_empty() && two.follow(0).is_empty());
    assert_eq!((one.n_missed, two.n_missed), n_missed, "and then it is quiet");
    one.pub_sub.kill();
    passes(10).await;
    assert_eq!(two.follow(0).len(), 5_000);
    assert_eq!(two.present(), BTreeSet::from(["ann".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_is_asked_for_until_it_is_told() {
    let bus = TestBus::default();
    let (mut one, mut two) = (Node::start(&bus, 10_000), Node::start(&bus, 10_000));
    one.comes("ann", "Ann");
    passes(10).await;
    assert_eq!(two.follow(0).len() + two.shown.len(), 1);
    two.way.lose(1, "\"gone\"");
    one.way.lose(3, "\"ask\"");
    one.goes("ann");
    passes(4).await;
    assert_eq!(two.present().len(), 1, "nobody has told");
    passes(10).await;
    assert_eq!(two.present().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_while_the_bus_stands_still() {
    let bus = TestBus::default();
    let (mut one, mut two) = (Node::start(&bus, 10_000), Node::start(&bus, 10_000));
    one.comes("ann", "Ann");
    two.comes("bob", "Bob");
    passes(10).await;
    for seconds in [7, 60] {
        bus.stand_still();
        passes(seconds).await;
        assert_eq!((one.present().len(), two.present().len()), (2, 2));
        bus.go_on();
        passes(10).await;
        assert!(one.follow(0).is_empty() && two.follow(0).is_empty());
    }
}

const N_NODES: usize = 3;

#[derive(Clone, Copy, Debug)]
enum Event {
    Comes(usize, usize),
    Goes(usize, usize),
    /// What is sent next reaches nobody.
    IsLost,
    /// The next so many do not reach a node.
    Deaf(usize, usize),
    /// The bus ends all connections, and takes new ones after so many seconds.
    Breaks(u64),
    StandsStill(u64),
    /// A node dies without a word, and another takes its place.
    Dies(usize),
    /// A node publishes more than it may keep.
    Overflows(usize),
    Passes(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let (node, person) = (0..N_NODES, 0..12_usize);
    prop_oneof![
        4 => (node.clone(), person.clone()).prop_map(|(node, person)| Event::Comes(node, person)),
        4 => (node.clone(), person).prop_map(|(node, person)| Event::Goes(node, person)),
        2 => Just(Event::IsLost),
        2 => (node.clone(), 1..5_usize).prop_map(|(node, n)| Event::Deaf(node, n)),
        1 => (0..30_u64).prop_map(Event::Breaks),
        1 => (0..30_u64).prop_map(Event::StandsStill),
        1 => node.clone().prop_map(Event::Dies),
        1 => node.prop_map(Event::Overflows),
        4 => (0..6_u64).prop_map(Event::Passes),
    ]
}

/// The first ones may be on all nodes at once, each of the others on one.
fn person(node: usize, number: usize) -> String {
    if number < 4 { format!("anywhere-{number}") } else { format!("on-{node}-{number}") }
}

/// Most bytes that wait: so few that all can be told only one by one.
const MAX_UNSENT_BYTES: usize = 2_000;

/// All nodes, and what must be known of them.
struct Nodes {
    bus: TestBus,
    nodes: Vec<Node>,
    /// Since which step those are there who can be on one node only, and have not gone before: of others an
    /// old word may come late.
    since: BTreeMap<String, usize>,
    went: BTreeSet<String>,
    /// Who loses a node's every word for long takes it for dead, and may.
    next_loss: usize,
}

impl Nodes {
    fn start() -> Self {
        let bus = TestBus::default();
        let nodes = (0..N_NODES).map(|_| Node::start(&bus, MAX_UNSENT_BYTES)).collect();
        Self { bus, nodes, since: BTreeMap::new(), went: BTreeSet::new(), next_loss: 0 }
    }

    async fn take(&mut self, step: usize, event: Event) {
        match event {
            Event::Comes(node, number) => {
                let person = person(node, number);
                self.nodes[node].comes(&person, "somebody");
                if !self.went.contains(&person) {
                    self.since.entry(person).or_insert(step);
                }
            }
            Event::Goes(node, number) => {
                let person = person(node, number);
                self.nodes[node].goes(&person);
                self.since.remove(&person);
                self.went.insert(person);
            }
            Event::IsLost | Event::Deaf(..) if step < self.next_loss => {}
            Event::IsLost => {
                self.bus.lose_next();
                self.next_loss = step + 12;
            }
            Event::Deaf(node, n) => {
                self.nodes[node].way.lose(n, "");
                self.next_loss = step + 12;
            }
            Event::Breaks(seconds) => {
                self.bus.stop();
                passes(seconds).await;
                self.bus.start();
            }
            Event::StandsStill(seconds) => {
                self.bus.stand_still();
                passes(seconds).await;
                self.bus.go_on();
            }
            Event::Dies(node) => {
                self.nodes[node].pub_sub.kill();
                let next = Node::start(&self.bus, MAX_UNSENT_BYTES);
                let dead = std::mem::replace(&mut self.nodes[node], next);
                self.since.retain(|person, _| !dead.people.contains_key(person));
            }
            Event::Overflows(node) => {
                for _ in 0..30 {
                    let said = self.nodes[node].pub_sub.publish(&NEWS, "x".repeat(100));
                    said.expect("it is short");
                }
            }
            Event::Passes(seconds) => passes(seconds).await,
        }
    }

    /// Nobody is said to go who has been there since before they were shown.
    fn follow(&mut self, step: usize) {
        for node in &mut self.nodes {
            for (person, shown) in node.follow(step) {
                let is_here = self.since.get(&person).is_some_and(|since| *since < shown);
                assert!(!is_here || !person.starts_with("on-"), "{person} has not gone, at {step}");
            }
        }
    }
}

async fn happen(events: Vec<Event>) {
    let mut all = Nodes::start();
    for (step, event) in events.into_iter().enumerate() {
        all.take(step, event).await;
        all.follow(step);
    }
    passes(60).await;
    all.follow(usize::MAX);
    let living = all.nodes.iter().flat_map(|node| node.people.keys().cloned());
    let living: BTreeSet<String> = living.collect();
    for node in &all.nodes {
        assert_eq!(node.present(), living);
        assert!(node.shown.keys().eq(&living), "what was heard comes to the same");
    }
    for node in &mut all.nodes {
        std::mem::take(&mut node.people).into_values().for_each(|mut tracked| tracked.left());
    }
    passes(20).await;
    assert!(all.nodes.iter().all(|node| node.present().is_empty()), "nothing is kept");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn after_a_quiet_minute_each_node_knows_exactly_who_is_there(
        events in prop::collection::vec(event(), 1..60),
    ) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build();
        runtime.expect("a runtime with a clock").block_on(happen(events));
    }
}

//! The same where WebSockets are blocked: each click counts once, whatever becomes of requests, servers and
//! callbacks.

use std::time::Duration;

use axum::Router;
use belvedere::{LiveConfig, LiveRouter, LiveRuntime};
use proptest::prelude::*;
use serde_json::json;
use tokio::time::sleep;

use super::page::{Life, Store, deploy};
use crate::long_poll::{Browser, counts};
use crate::paused::in_paused_time;
use crate::views::prompt;

/// Longer than a browser may be silent.
const SILENCE: Duration = Duration::from_secs(17);

#[derive(Clone, Copy, Debug)]
enum Step {
    /// So many clicks in one request.
    Clicks(u32),
    Poll,
    /// The answer is lost, and the browser asks again.
    LosePoll,
    /// No poll for so long that the browser is given up.
    Silence,
    Crash,
    /// The balancer sends the page to the other server, which comes out with so many clicks that it does not take.
    Move(u32),
    /// The server is replaced, and the browser has taken what waited for it, or not.
    Replace {
        in_order: bool,
        polls: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..6_u32).prop_map(Step::Clicks),
        4 => Just(Step::Poll),
        2 => Just(Step::LosePoll),
        1 => Just(Step::Silence),
        1 => Just(Step::Crash),
        2 => (0..3_u32).prop_map(Step::Move),
        2 => (any::<bool>(), any::<bool>())
            .prop_map(|(in_order, polls)| Step::Replace { in_order, polls }),
    ]
}

struct Page {
    servers: [(LiveRuntime, Router); 2],
    /// Which of them it is sent to.
    server: usize,
    browser: Browser,
    message_ref: u64,
    mounts: u32,
    /// What the page would show if everything were answered.
    sent: u32,
    /// What it shows.
    seen: u32,
}

fn served() -> (LiveRuntime, Router) {
    let live = LiveRuntime::new(LiveConfig { max_frames_per_second: 10_000, ..prompt() });
    let router = Router::new().live::<Life>("/life").with_state(Store::default());
    (live.clone(), live.serve(router))
}

impl Page {
    async fn open() -> Self {
        deploy(1);
        let servers = [served(), served()];
        let mut browser = Browser::at(&servers[0].1, "/life").await;
        browser.join(0).await;
        Self { servers, server: 0, browser, message_ref: 10, mounts: 1, sent: 0, seen: 0 }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Clicks(n) => {
                let body = self.clicks(n);
                assert_eq!(self.browser.post(body).await.said(), 200);
                self.sent += n;
            }
            Step::Poll => drop(self.poll().await),
            Step::LosePoll => {
                self.browser.poll_in_vain().await;
                self.poll().await;
            }
            Step::Silence => {
                sleep(SILENCE).await;
                assert_eq!(self.poll().await, 410);
                let shown = self.join().await;
                assert_eq!(shown, self.sent, "what was taken is done once");
                self.joined(shown);
            }
            Step::Crash => {
                self.message_ref += 1;
                let crash = json!({ "type": "click", "event": "crash", "value": {} });
                let crash = self.browser.event(self.message_ref, crash);
                assert_eq!(self.browser.post(crash).await.said(), 200);
                self.poll().await;
                self.come().await;
            }
            Step::Move(n) => {
                self.server = 1 - self.server;
                self.browser.go_to(&self.servers[self.server].1);
                let body = self.clicks(n);
                assert_eq!(self.browser.post(body).await.said(), 410);
                self.come().await;
            }
            Step::Replace { in_order, polls } => {
                if in_order {
                    self.servers[self.server].0.clone().drain().await;
                }
                while polls && self.poll().await == 200 {}
                self.servers[self.server] = served();
                self.browser.go_to(&self.servers[self.server].1);
                self.come().await;
            }
        }
    }

    fn clicks(&mut self, n: u32) -> String {
        let clicks = (0..n).map(|_| {
            self.message_ref += 1;
            self.browser.click(self.message_ref)
        });
        clicks.collect::<Vec<_>>().join("\n")
    }

    /// Takes what has come, which is answered in order.
    async fn poll(&mut self) -> u64 {
        let answer = self.browser.poll().await;
        for count in counts(&answer.payloads()) {
            self.seen += 1;
            assert_eq!(count, self.seen.to_string());
        }
        answer.said()
    }

    /// Joins a view that was mounted anew.
    async fn come(&mut self) {
        let shown = self.join().await;
        assert!((self.seen..=self.sent).contains(&shown), "{shown}: {} {}", self.seen, self.sent);
        self.joined(shown);
    }

    async fn join(&mut self) -> u32 {
        let reply = self.browser.join(self.mounts).await;
        self.mounts += 1;
        let shown = reply["response"]["rendered"]["0"].as_str().expect("the number is shown");
        shown.parse().expect("it is a number")
    }

    /// What was sent and not answered is there, or never will be.
    fn joined(&mut self, shown: u32) {
        (self.sent, self.seen) = (shown, shown);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_click_counts_once(steps in proptest::collection::vec(step(), 1..24)) {
        in_paused_time(async {
            let mut page = Page::open().await;
            for step in steps {
                page.take(step).await;
            }
        });
    }
}

//! Whatever is lost or sent twice between browser and server, each click counts once and is answered once.

use axum::Router;
use belvedere::LiveConfig;
use proptest::prelude::*;

use super::{Browser, counts, served};
use crate::paused::in_paused_time;
use crate::views::config;

#[derive(Clone, Debug)]
enum Step {
    /// So many clicks in one request.
    Clicks(u64),
    /// A request that was sent is sent again, so many back.
    SendAgain(usize),
    /// The request is given up after its head, and sent again.
    GiveUp(u64),
    /// Two requests are under way at once.
    AtOnce(u64, u64),
    /// One is, twice.
    TwiceAtOnce(u64),
    /// A request comes to another server, and then to its own.
    Astray(u64),
    Poll,
    /// The answer is lost, and the browser, or what stands between, asks again.
    LosePoll,
    /// It is given up while it waits.
    LeavePoll,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..9_u64).prop_map(Step::Clicks),
        2 => (0..4_usize).prop_map(Step::SendAgain),
        1 => (1..4_u64).prop_map(Step::GiveUp),
        1 => (1..4_u64, 1..4_u64).prop_map(|(first, second)| Step::AtOnce(first, second)),
        1 => (1..4_u64).prop_map(Step::TwiceAtOnce),
        1 => (1..4_u64).prop_map(Step::Astray),
        3 => Just(Step::Poll),
        2 => Just(Step::LosePoll),
        1 => Just(Step::LeavePoll),
    ]
}

/// What the page has sent and seen.
struct Page {
    browser: Browser,
    /// Another server with the same secret.
    elsewhere: Router,
    message_ref: u64,
    sent: Vec<String>,
    n_clicks: usize,
    seen: Vec<String>,
}

impl Page {
    fn clicks(&mut self, n_clicks: u64) -> String {
        let lines = (0..n_clicks).map(|_| {
            self.message_ref += 1 + self.message_ref % 3;
            self.browser.click(self.message_ref)
        });
        let body = lines.collect::<Vec<_>>().join("\n");
        self.n_clicks += usize::try_from(n_clicks).unwrap();
        self.sent.push(body.clone());
        body
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Clicks(n_clicks) => {
                let body = self.clicks(n_clicks);
                assert_eq!(self.browser.post(body).await.said(), 200);
            }
            Step::SendAgain(back) => {
                let Some(body) = self.sent.iter().rev().nth(back) else { return };
                assert_eq!(self.browser.post(body.clone()).await.said(), 200);
            }
            Step::GiveUp(n_clicks) => {
                let body = self.clicks(n_clicks);
                tokio::select! {
                    biased;
                    _ = self.browser.post(body.clone()) => {}
                    () = tokio::task::yield_now() => {}
                }
                assert_eq!(self.browser.post(body).await.said(), 200);
            }
            Step::AtOnce(first, second) => {
                let (first, second) = (self.clicks(first), self.clicks(second));
                self.both(first, second).await;
            }
            Step::TwiceAtOnce(n_clicks) => {
                let body = self.clicks(n_clicks);
                self.both(body.clone(), body).await;
            }
            Step::Astray(n_clicks) => {
                let body = self.clicks(n_clicks);
                let mut astray = self.browser.clone();
                astray.go_to(&self.elsewhere);
                assert_eq!(astray.post(body.clone()).await.said(), 410);
                assert_eq!(self.browser.post(body).await.said(), 200);
            }
            Step::Poll => self.poll().await,
            Step::LosePoll => {
                self.browser.poll_in_vain().await;
                self.poll().await;
            }
            Step::LeavePoll => tokio::select! {
                biased;
                _ = self.browser.poll_in_vain() => {}
                () = tokio::task::yield_now() => {}
            },
        }
    }

    async fn both(&self, first: String, second: String) {
        let (first, second) = tokio::join!(self.browser.post(first), self.browser.post(second));
        assert_eq!([first.said(), second.said()], [200, 200]);
    }

    async fn poll(&mut self) {
        let answer = self.browser.poll().await;
        assert!([200, 204].contains(&answer.said()), "{answer:?}");
        self.seen.extend(counts(&answer.payloads()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_click_counts_once_and_is_answered_once(steps in prop::collection::vec(step(), 1..40)) {
        in_paused_time(async {
            let (_live, app) = served(LiveConfig { max_frames_per_second: 10_000, ..config() });
            let mut browser = Browser::at(&app, "/counter").await;
            browser.join(0).await;
            let (_other, elsewhere) = served(config());
            let (sent, seen) = (Vec::new(), Vec::new());
            let mut page = Page { browser, elsewhere, message_ref: 4, sent, n_clicks: 0, seen };
            for step in steps {
                page.take(step).await;
            }
            while page.seen.len() < page.n_clicks {
                page.poll().await;
            }
            let all: Vec<_> = (1..=page.n_clicks).map(|count| count.to_string()).collect();
            assert_eq!(page.seen, all);
            assert_eq!(page.browser.poll().await.said(), 204, "and nothing more comes");
        });
    }
}

//! The pace of one connection: how many frames are read in a second, how long silence may last, how
//! long views may take for what they were sent, and how long a socket may be open for nothing.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::config::LiveConfig;
use crate::runtime::transport::CloseReason;

/// The window over which incoming frames are counted.
const RATE_WINDOW: Duration = Duration::from_secs(1);

/// How fast a client may send, and how long it may be silent.
pub(crate) struct Pace {
    config: Arc<LiveConfig>,
    /// End of the window being counted.
    window_ends: Instant,
    frames: u32,
    last_heard: Instant,
    /// When the socket closes, while nothing is joined over it. Joins that are refused do not put it
    /// off.
    unused_until: Option<Instant>,
    /// A join is under way, which is waited for.
    is_joining: bool,
    /// When the socket closes, while reading waits for views.
    full_until: Option<Instant>,
    /// Reading waits for the next window. Shorter than a heartbeat's limit by far.
    pub(crate) paused: bool,
    /// The server goes away: the timer is the end.
    is_ending: bool,
    /// When to look again, at the pause's end or the earliest end of the silence.
    pub(crate) timer: Pin<Box<Sleep>>,
}

impl Pace {
    pub(crate) fn new(config: Arc<LiveConfig>) -> Self {
        let now = Instant::now();
        let LiveConfig { idle_timeout, join_timeout, .. } = *config;
        let timer = Box::pin(sleep_until(now + idle_timeout.min(join_timeout)));
        Self {
            config,
            window_ends: now + RATE_WINDOW,
            frames: 0,
            last_heard: now,
            unused_until: Some(now + join_timeout),
            is_joining: false,
            full_until: None,
            paused: false,
            is_ending: false,
            timer,
        }
    }

    /// A whole message has come. Pings are none: they could keep a message that never ends, or a
    /// client that says nothing, for ever.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.last_heard = now;
    }

    /// Says whether anything is joined over the socket, and whether anything is being joined.
    pub(crate) fn used(&mut self, is_joined: bool, is_joining: bool) {
        self.is_joining = is_joining;
        if is_joined {
            self.unused_until = None;
            return;
        }
        let join_timeout = self.config.join_timeout;
        let until = *self.unused_until.get_or_insert_with(|| Instant::now() + join_timeout);
        if !is_joining {
            self.look_by(until);
        }
    }

    /// Says whether reading waits for views that have too much to handle. What the client says
    /// meanwhile is not heard, so its silence does not count.
    pub(crate) fn full(&mut self, is_full: bool) {
        if is_full && self.full_until.is_none() {
            let until = Instant::now() + self.config.send_timeout;
            self.full_until = Some(until);
            self.look_by(until);
        } else if !is_full && self.full_until.take().is_some() {
            self.heard(Instant::now());
        }
    }

    fn look_by(&mut self, until: Instant) {
        if !self.is_ending && until < self.timer.deadline() {
            self.timer.as_mut().reset(until);
        }
    }

    /// Counts one frame, and pauses reading when it was the window's last.
    pub(crate) fn count(&mut self, now: Instant) {
        if now >= self.window_ends {
            self.window_ends = now + RATE_WINDOW;
            self.frames = 0;
        }
        self.frames += 1;
        if self.frames >= self.config.max_frames_per_second {
            self.paused = true;
            self.timer.as_mut().reset(self.window_ends);
        }
    }

    /// The connection ends then, whatever the client does. Nothing is counted any more.
    pub(crate) fn end_at(&mut self, end: Instant) {
        self.is_ending = true;
        self.paused = false;
        self.timer.as_mut().reset(end);
    }

    /// Whether the server goes away and the time for that is up. The timer says so only while nothing comes.
    pub(crate) fn has_ended(&self) -> bool {
        self.is_ending && Instant::now() >= self.timer.deadline()
    }

    /// The timer went off. Returns why to close, when the client has been silent for too long, has
    /// joined nothing or sent too much, or the server goes away.
    pub(crate) fn tick(&mut self) -> Option<CloseReason> {
        if self.is_ending {
            return Some(CloseReason::Restart);
        }
        self.paused = false;
        let now = Instant::now();
        let silent_until = self.last_heard + self.config.idle_timeout;
        let ends = [
            (self.full_until, CloseReason::Overload),
            (self.full_until.is_none().then_some(silent_until), CloseReason::GoingAway),
            (self.unused_until.filter(|_| !self.is_joining), CloseReason::Unused),
        ];
        let mut next = None;
        for (end, reason) in ends {
            let Some(end) = end else { continue };
            if now >= end {
                return Some(reason);
            }
            next = Some(next.map_or(end, |next: Instant| next.min(end)));
        }
        self.timer.as_mut().reset(next.unwrap_or(silent_until));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::token::SecretKeyBase;

    fn pace(max_frames_per_second: u32) -> Pace {
        let config = LiveConfig::new(SecretKeyBase::random());
        let mut pace = Pace::new(Arc::new(LiveConfig { max_frames_per_second, ..config }));
        pace.used(true, false);
        pace
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_frame_of_a_window_pauses_reading_until_the_next() {
        let mut pace = pace(3);
        pace.count(Instant::now());
        pace.count(Instant::now());
        assert!(!pace.paused);
        pace.count(Instant::now());
        assert!(pace.paused);
        let before = Instant::now();
        (&mut pace.timer).await;
        assert!(before.elapsed() <= RATE_WINDOW, "shorter than a heartbeat can wait");
        assert_eq!(pace.tick(), None);
        assert!(!pace.paused);
    }

    /// How long the socket lasts, and why it is closed, when `act` happens every ten seconds.
    async fn ends(pace: &mut Pace, mut act: impl FnMut(&mut Pace)) -> (u64, CloseReason) {
        let began = Instant::now();
        let mut next = began + Duration::from_secs(10);
        loop {
            tokio::select! {
                biased;
                () = &mut pace.timer => if let Some(reason) = pace.tick() {
                    return (began.elapsed().as_secs(), reason);
                },
                () = sleep_until(next) => {
                    act(pace);
                    next += Duration::from_secs(10);
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_beyond_the_limit_closes_and_a_message_puts_it_off() {
        let mut pace = pace(100);
        let mut messages = 4;
        let speak = |pace: &mut Pace| {
            pace.count(Instant::now());
            if messages > 0 {
                messages -= 1;
                pace.heard(Instant::now());
            }
        };
        assert_eq!(
            ends(&mut pace, speak).await,
            (100, CloseReason::GoingAway),
            "pings are silence"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_nothing_is_joined_over_is_closed() {
        let mut pace = pace(100);
        pace.used(false, false);
        assert_eq!(
            ends(&mut pace, |pace| pace.heard(Instant::now())).await,
            (15, CloseReason::Unused)
        );
        pace.used(true, false);
        assert_eq!(ends(&mut pace, |pace| pace.used(true, false)).await.1, CloseReason::GoingAway);
    }

    #[tokio::test(start_paused = true)]
    async fn joins_that_are_refused_do_not_put_the_end_off_but_are_waited_for() {
        let mut pace = pace(100);
        pace.used(false, false);
        let mut n_acts = 0;
        let join = |pace: &mut Pace| {
            n_acts += 1;
            pace.heard(Instant::now());
            pace.used(false, n_acts < 4);
        };
        assert_eq!(ends(&mut pace, join).await, (40, CloseReason::Unused));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_waits_for_its_views_is_not_silent_and_not_kept_for_ever() {
        let mut pace = pace(100);
        let mut n_acts = 0;
        let act = |pace: &mut Pace| {
            n_acts += 1;
            // Full for 20 s of every 30, then for good.
            pace.full(n_acts % 3 != 0 || n_acts > 12);
        };
        assert_eq!(ends(&mut pace, act).await, (160, CloseReason::Overload));
    }
}

//! The pace of one connection: how many frames are read in a second, how long silence may last.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::runtime::outbox::CloseReason;

/// The window over which incoming frames are counted.
const RATE_WINDOW: Duration = Duration::from_secs(1);

/// How fast a client may send, and how long it may be silent.
pub(crate) struct Pace {
    max_frames: u32,
    idle_timeout: Duration,
    /// Start of the window being counted.
    window: Instant,
    frames: u32,
    last_heard: Instant,
    /// Reading waits for the next window. Shorter than a heartbeat's limit by far.
    pub(crate) paused: bool,
    /// The server goes away: the timer is the end.
    is_ending: bool,
    /// When to look again, at the pause's end or the earliest end of the silence.
    pub(crate) timer: Pin<Box<Sleep>>,
}

impl Pace {
    pub(crate) fn new(max_frames: u32, idle_timeout: Duration) -> Self {
        let now = Instant::now();
        let timer = Box::pin(sleep_until(now + idle_timeout));
        Self {
            max_frames,
            idle_timeout,
            window: now,
            frames: 0,
            last_heard: now,
            paused: false,
            is_ending: false,
            timer,
        }
    }

    /// Counts one frame, and pauses reading when it was the window's last.
    pub(crate) fn count(&mut self) {
        let now = Instant::now();
        self.last_heard = now;
        if now.duration_since(self.window) >= RATE_WINDOW {
            self.window = now;
            self.frames = 0;
        }
        self.frames += 1;
        if self.frames >= self.max_frames {
            self.paused = true;
            self.timer.as_mut().reset(self.window + RATE_WINDOW);
        }
    }

    /// The connection ends then, whatever the client does. Nothing is counted any more.
    pub(crate) fn end_at(&mut self, end: Instant) {
        self.is_ending = true;
        self.paused = false;
        self.timer.as_mut().reset(end);
    }

    /// The timer went off. Returns why to close, when the client has been silent for too long or the
    /// server goes away.
    pub(crate) fn tick(&mut self) -> Option<CloseReason> {
        if self.is_ending {
            return Some(CloseReason::Restart);
        }
        self.paused = false;
        let silent_until = self.last_heard + self.idle_timeout;
        if Instant::now() >= silent_until {
            return Some(CloseReason::GoingAway);
        }
        self.timer.as_mut().reset(silent_until);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_last_frame_of_a_window_pauses_reading_until_the_next() {
        let mut pace = Pace::new(3, Duration::from_secs(60));
        pace.count();
        pace.count();
        assert!(!pace.paused);
        pace.count();
        assert!(pace.paused);
        let before = Instant::now();
        (&mut pace.timer).await;
        assert!(before.elapsed() <= RATE_WINDOW, "shorter than a heartbeat can wait");
        assert_eq!(pace.tick(), None);
        assert!(!pace.paused);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_beyond_the_limit_closes_and_a_frame_puts_it_off() {
        let mut pace = Pace::new(100, Duration::from_secs(60));
        tokio::time::advance(Duration::from_secs(40)).await;
        pace.count();
        tokio::time::advance(Duration::from_secs(20)).await;
        assert_eq!(pace.tick(), None);
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(pace.tick(), Some(CloseReason::GoingAway));
    }
}

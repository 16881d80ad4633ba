//! Where visitors come from, when they come back, as late as the page's script (`belvedere.js`) does, and what they
//! expect to see then.

mod clicks;

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

pub use self::clicks::{Clicks, Difference};

/// The steps of the script's ladder, in milliseconds, and the step after them.
const STEPS: [u64; 9] = [10, 50, 100, 150, 200, 250, 500, 1_000, 2_000];
const LAST_STEP: u64 = 5_000;

/// The least time over which those who lost one server in one moment come to the next, in milliseconds.
const SPREAD: u64 = 250;

/// How long a page waits after so many tries in vain.
#[must_use]
pub fn pause(tries: usize) -> Duration {
    let step = STEPS.get(tries).copied().unwrap_or(LAST_STEP);
    Duration::from_millis(step / 2) + random(Duration::from_millis(step.max(SPREAD)))
}

/// Any time below `limit`.
#[must_use]
pub fn random(limit: Duration) -> Duration {
    limit * below(1_000) / 1_000
}

/// Any number below `limit`.
#[must_use]
pub fn below(limit: u32) -> u32 {
    let random = RandomState::new().hash_one(0_u8) % u64::from(limit.max(1));
    u32::try_from(random).unwrap_or(0)
}

/// An address of this machine for each visitor, up to 60,000 of them.
#[must_use]
pub fn address(number: usize) -> IpAddr {
    let [.., high, low] = (number % 60_000 + 257).to_be_bytes();
    Ipv4Addr::new(127, 1, high, low).into()
}

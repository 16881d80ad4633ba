//! Slowing down whoever guesses passwords: after some failures an address has to wait, each time
//! twice as long. Nobody is kept waiting by the server; the answer says when to come back.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 5;

/// The first wait; each further failure doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_secs(5 * 60);

/// Failures are forgotten after so long without another.
const MEMORY: Duration = Duration::from_secs(60 * 60);

/// Networks remembered; beyond it the one that failed least is forgotten, of several the first.
const MAX_NETWORKS: usize = 1024;

/// The bits of an IPv6 address that name a site, which may have 65,536 networks of customers.
const SITE_BITS: u32 = 48;

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The password is right.
    Right,
    /// It is wrong.
    Wrong,
    /// It was not looked at: too many were wrong. Worth another try after this time.
    Wait(Duration),
}

/// The failures of each client's network.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<Client, Failures>>);

/// Who is counted together: an IPv4 address, or of IPv6 a [site](SITE_BITS). Nobody knows where some requests
/// come from.
type Client = Option<IpAddr>;

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

impl Attempts {
    /// How long the address has to wait before it may try again, if it has to.
    pub(super) fn wait(&self, address: Option<IpAddr>, now: Instant) -> Option<Duration> {
        let failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(&network(address)).and_then(|known| known.wait(now))
    }

    /// Asks `is_right`, unless the address has to wait.
    pub(super) fn judge(
        &self,
        address: Option<IpAddr>,
        now: Instant,
        is_right: impl FnOnce() -> bool,
    ) -> Verdict {
        let client = network(address);
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = failures.get(&client).copied();
        let known = known.filter(|known| now.duration_since(known.last) < MEMORY);
        if let Some(wait) = known.and_then(|known| known.wait(now)) {
            return Verdict::Wait(wait);
        }
        if is_right() {
            failures.remove(&client);
            return Verdict::Right;
        }
        let count = known.map_or(0, |known| known.count).saturating_add(1);
        if !failures.contains_key(&client) {
            make_room(&mut failures, now);
        }
        failures.insert(client, Failures { count, last: now });
        Verdict::Wrong
    }
}

/// Forgets what is over and, where that is not enough, who has failed least.
fn make_room(failures: &mut HashMap<Client, Failures>, now: Instant) {
    if failures.len() < MAX_NETWORKS {
        return;
    }
    failures.retain(|_, known| now.duration_since(known.last) < MEMORY);
    if failures.len() >= MAX_NETWORKS {
        let least = failures.iter().min_by_key(|(_, known)| (known.count, known.last));
        let least = least.map(|(client, _)| *client);
        least.and_then(|least| failures.remove(&least));
    }
}

impl Failures {
    /// What is left of the wait after the last of them.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let until = self.last + wait(self.count);
        (now < until).then(|| until - now)
    }
}

fn wait(n_failures: u32) -> Duration {
    match n_failures.checked_sub(FREE_FAILURES) {
        None => Duration::ZERO,
        Some(beyond) => FIRST_WAIT.saturating_mul(1 << beyond.min(16)).min(LONGEST_WAIT),
    }
}

fn network(address: Option<IpAddr>) -> Client {
    address.map(|address| match address.to_canonical() {
        IpAddr::V6(address) => {
            let mask = u128::MAX << (u128::BITS - SITE_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
        address @ IpAddr::V4(_) => address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, last]))
    }

    #[test]
    fn waits_begin_after_some_failures_and_double() {
        let attempts = Attempts::default();
        let mut now = Instant::now();
        for _ in 0..FREE_FAILURES {
            assert_eq!(attempts.judge(address(1), now, || false), Verdict::Wrong);
        }
        for seconds in [1, 2, 4, 8] {
            let wait = Duration::from_secs(seconds);
            let unread = || panic!("the password is not looked at");
            assert_eq!(attempts.judge(address(1), now, unread), Verdict::Wait(wait));
            assert_eq!(attempts.judge(address(2), now, || true), Verdict::Right);
            now += wait;
            assert_eq!(attempts.judge(address(1), now, || false), Verdict::Wrong);
        }
        assert_eq!(wait(u32::MAX), LONGEST_WAIT);
        now += MEMORY;
        assert_eq!(attempts.judge(address(1), now, || false), Verdict::Wrong);
        assert_eq!(attempts.judge(address(1), now, || true), Verdict::Right);
    }

    #[test]
    fn a_site_of_ipv6_waits_as_one() {
        let ip = |text: &str| Some(text.parse().expect("an address"));
        assert_eq!(network(ip("2001:db8::1")), network(ip("2001:db8:0:ffff::2")));
        assert_ne!(network(ip("2001:db8::1")), network(ip("2001:db8:1::1")));
        assert_eq!(network(ip("::ffff:10.0.0.1")), network(address(1)));
    }

    #[test]
    fn the_number_of_addresses_is_bounded() {
        let attempts = Attempts::default();
        let start = Instant::now();
        for _ in 0..10 {
            attempts.judge(address(1), start, || false);
        }
        for n in 0..3000_u32 {
            let address = Some(IpAddr::from(n.to_be_bytes()));
            let now = start + Duration::from_millis(u64::from(n) / 10);
            attempts.judge(address, now, || false);
        }
        assert_eq!(attempts.0.lock().expect("no panic").len(), MAX_NETWORKS);
        assert!(attempts.wait(address(1), start).is_some(), "who guesses on is not forgotten");
    }
}

//! A process that can be held still, so that a round of acts always meets it in the same state.

use std::fs;
use std::io;

use rustix::process::Signal;

use crate::process::Process;

/// The server's process.
#[derive(Clone, Copy, Debug)]
pub struct Held(pub(super) Process);

impl Held {
    /// Waits until it has nothing left to do, and stops it.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn hold(self) -> io::Result<()> {
        while !self.is_asleep()? {
            std::thread::yield_now();
        }
        self.0.signal(Signal::STOP)
    }

    /// Lets it run again.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn release(self) -> io::Result<()> {
        self.0.signal(Signal::CONT)
    }

    /// Whether each of its threads waits for something.
    fn is_asleep(self) -> io::Result<bool> {
        for thread in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            let stat = fs::read_to_string(thread?.path().join("stat"))?;
            // The second field is the thread's name in parentheses, and the state follows.
            if !stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S')) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

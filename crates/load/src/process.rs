//! What the kernel says of another process: processor time and resident memory.

use std::fs;
use std::io;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Ticks of `/proc/<pid>/stat` in a second, a constant of Linux's interface to user space.
const TICKS_PER_SECOND: u64 = 100;

/// A running process.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    pid: u32,
}

/// Processor time of all threads since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTime {
    /// In the program itself.
    pub user: Duration,
    /// In the kernel on its behalf.
    pub system: Duration,
}

/// The kernel's answer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// No such process, or not on Linux.
    #[error("cannot read {path}")]
    Read {
        /// The file that was asked for.
        path: String,
        /// Why it cannot be read.
        #[source]
        source: io::Error,
    },
    /// The file has another form than proc(5) says.
    #[error("cannot understand {path}")]
    Form {
        /// The file that was read.
        path: String,
    },
}

impl Process {
    /// The process with this id.
    #[must_use]
    pub const fn new(pid: u32) -> Self {
        Self { pid }
    }

    pub(crate) const fn id(self) -> u32 {
        self.pid
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn signal(self, signal: Signal) -> io::Result<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        Ok(kill_process(pid.ok_or(io::ErrorKind::InvalidData)?, signal)?)
    }

    /// Processor time so far, in steps of 10 ms.
    ///
    /// # Errors
    /// [`ProcessError`] when the process is gone.
    pub fn cpu_time(self) -> Result<CpuTime, ProcessError> {
        let path = format!("/proc/{}/stat", self.pid);
        let stat = read(&path)?;
        cpu_time(&stat).ok_or(ProcessError::Form { path })
    }

    /// Resident memory in bytes.
    ///
    /// # Errors
    /// [`ProcessError`] when the process is gone.
    pub fn resident_bytes(self) -> Result<u64, ProcessError> {
        self.bytes_of("VmRSS:")
    }

    /// The most resident memory that it ever had, in bytes.
    ///
    /// # Errors
    /// [`ProcessError`] when the process is gone.
    pub fn most_resident_bytes(self) -> Result<u64, ProcessError> {
        self.bytes_of("VmHWM:")
    }

    fn bytes_of(self, field: &str) -> Result<u64, ProcessError> {
        let path = format!("/proc/{}/status", self.pid);
        let status = read(&path)?;
        bytes_of(field, &status).ok_or(ProcessError::Form { path })
    }
}

impl CpuTime {
    /// User and system time since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            user: self.user.saturating_sub(earlier.user),
            system: self.system.saturating_sub(earlier.system),
        }
    }
}

fn read(path: &str) -> Result<String, ProcessError> {
    fs::read_to_string(path).map_err(|source| ProcessError::Read { path: path.to_owned(), source })
}

fn cpu_time(stat: &str) -> Option<CpuTime> {
    // The second field is the program's name in parentheses and may hold anything.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || {
        let ticks: u64 = fields.next()?.parse().ok()?;
        Some(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
    };
    Some(CpuTime { user: ticks()?, system: ticks()? })
}

fn bytes_of(field: &str, status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_a_hostile_name() {
        let stat = "7 (a) R b) S 1 7 7 0 -1 4194560 1 0 0 0 150 25 0 0 20 0 3 0 99 1 1";
        let expected =
            CpuTime { user: Duration::from_millis(1500), system: Duration::from_millis(250) };
        assert_eq!(cpu_time(stat), Some(expected));
        assert_eq!(cpu_time("7 (a) S 1"), None);
    }

    #[test]
    fn resident_memory_is_given_in_bytes() {
        let status = "Name:\tx\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\n";
        assert_eq!(bytes_of("VmRSS:", status), Some(2048 * 1024));
        assert_eq!(bytes_of("VmHWM:", status), Some(4096 * 1024));
        assert_eq!(bytes_of("VmRSS:", "Name:\tx\n"), None);
    }

    #[test]
    fn this_process_can_be_read() {
        let own = Process::new(std::process::id());
        let now = own.resident_bytes().unwrap();
        assert!(now > 0 && own.most_resident_bytes().unwrap() > 0);
        own.cpu_time().unwrap();
    }
}

//! The server under callgrind, and what it has written down.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use super::{Held, Window};
use crate::mark;
use crate::program::Program;

/// Has the C library copy and clear memory by loops of vectors. Of its other way, one instruction
/// that repeats itself, callgrind counts every byte, and the kind of processor decides where it begins.
const NO_REPEATED_INSTRUCTIONS: &str =
    "glibc.cpu.x86_rep_movsb_threshold=0x10000000:glibc.cpu.x86_rep_stosb_threshold=0x10000000";

/// First part of the names of the files that callgrind writes; their number follows.
const OUT: &str = "callgrind.out";

/// What one act has cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Its name.
    pub act: String,
    /// Instructions of the server's process, without the kernel's.
    pub instructions: u64,
}

/// A server whose instructions are counted. It ends with this value.
#[derive(Debug)]
pub struct Counted {
    program: Program,
    /// Where callgrind writes, beside the program.
    folder: PathBuf,
}

impl Counted {
    /// Starts this program once more with `argument`, and waits until it has said its address.
    ///
    /// # Errors
    /// When it cannot be started, or callgrind cannot.
    pub fn start(argument: &str) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?;
        let folder = program.parent().unwrap_or(Path::new(".")).join("counts").join(argument);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--quiet"])
            .arg(format!("--callgrind-out-file={}", folder.join(OUT).display()))
            .arg(format!("--dump-before={}", mark::FUNCTIONS))
            .arg(program)
            .arg(argument)
            .env("GLIBC_TUNABLES", NO_REPEATED_INSTRUCTIONS);
        Ok(Self { program: Program::start(command)?, folder })
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> Held {
        Held(self.program.process())
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.program.address()
    }

    /// Instructions of one act of each window, those of setting marks taken off. What callgrind has
    /// written of each stays, under the act's name.
    ///
    /// # Errors
    /// When it has written nothing, or nothing that can be understood.
    pub fn counts(&self, windows: &[Window]) -> anyhow::Result<Vec<Count>> {
        // Between the first two marks there is nothing.
        let of_marks = total(&self.written_at(2))?;
        let mut counts = Vec::with_capacity(windows.len());
        for window in windows {
            let written = self.folder.join(window.act.replace([' ', ',', '/'], "_"));
            fs::rename(self.written_at(window.end), &written)
                .with_context(|| format!("callgrind has written nothing of {}", window.act))?;
            let instructions = total(&written)?.saturating_sub(of_marks) / window.n_acts;
            counts.push(Count { act: window.act.clone(), instructions });
        }
        Ok(counts)
    }

    /// What was counted between the mark before this one, by their number from 1, and this one.
    fn written_at(&self, mark: usize) -> PathBuf {
        self.folder.join(format!("{OUT}.{mark}"))
    }
}

/// All instructions in what callgrind has written.
fn total(path: &Path) -> anyhow::Result<u64> {
    let read = fs::read_to_string(path);
    let written = read.with_context(|| format!("cannot read {}", path.display()))?;
    let total = written.lines().find_map(|line| line.strip_prefix("summary: "));
    let total = total.and_then(|total| total.parse().ok());
    total.with_context(|| format!("{} has no sum", path.display()))
}

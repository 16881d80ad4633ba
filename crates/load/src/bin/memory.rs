//! The memory of a page that is open and does nothing.
//!
//! ```text
//! cargo run --release -p load --bin memory -- 10000
//! cargo run --release -p load --bin memory -- 10000 /usr/lib/x86_64-linux-gnu/libjemalloc.so.2
//! ```
//!
//! It starts itself once more as the server, with the allocator of that library if one is named, opens as
//! many pages, and prints what each has added to the server's resident memory: once it was joined, and after
//! an event of each. Each kind of page has a server of its own. The kernel's buffers are not in it.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail};
use load::browser::{BrowserError, Socket, Tab, click};
use load::program::{self, Program};
use load::server::{Limits, Tracing};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How the program calls itself to be measured.
const SERVE: &str = "serve";

/// Connections that are being opened at once.
const OPENING: usize = 64;

/// How long the server is left alone before its memory is read.
const REST: Duration = Duration::from_secs(2);

/// Files that a process has open beside its sockets.
const OTHER_FILES: u64 = 100;

/// Path, and the event after which memory is read again. The bare WebSocket has none.
const PAGES: [(&str, &str); 3] = [("/echo", ""), ("/counter", "inc"), ("/table", "bump")];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (n_sockets, allocator) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        [SERVE] => {
            let n_workers = std::thread::available_parallelism()?.get();
            return program::serve(n_workers, Limits::Lifted, Tracing::Off);
        }
        [n_sockets] => (n_sockets.parse()?, None),
        [n_sockets, allocator] => (n_sockets.parse()?, Some(allocator)),
        _ => bail!("usage: memory SOCKETS [ALLOCATOR]"),
    };
    raise_files(n_sockets as u64 + OTHER_FILES)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("| page, {n_sockets} times | before, MiB | joined, KiB | after an event, KiB |");
    println!("|---|---:|---:|---:|");
    for (path, event) in PAGES {
        let [before, joined, after] =
            runtime.block_on(measure(n_sockets, allocator, path, event))?;
        println!("| `{path}` | {before:.1} | {joined:.2} | {after:.2} |");
    }
    Ok(())
}

/// As many as are needed, here and in the server, which inherits it.
fn raise_files(n_files: u64) -> anyhow::Result<()> {
    let most = getrlimit(Resource::Nofile).maximum;
    if most.is_some_and(|most| most < n_files) {
        bail!("{n_files} files are to be open at once, and the system lets a process have fewer");
    }
    let limit = Rlimit { current: most, maximum: most };
    setrlimit(Resource::Nofile, limit).context("cannot raise the limit of open files")
}

enum Idle {
    Echo(Socket),
    Joined(Tab),
}

/// Memory of the server before, and what each page adds to it once joined and after an event.
async fn measure(
    n_sockets: usize,
    allocator: Option<&str>,
    path: &'static str,
    event: &str,
) -> anyhow::Result<[f64; 3]> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(SERVE).envs(allocator.map(|library| ("LD_PRELOAD", library)));
    let server = Program::start(command)?;
    let process = server.process();
    sleep(REST).await;
    let before = process.resident_bytes()?;
    let each = async || {
        sleep(REST).await;
        let added = process.resident_bytes()?.saturating_sub(before);
        anyhow::Ok(added as f64 / n_sockets as f64 / 1024.0)
    };
    let (mut opening, mut open) = (JoinSet::new(), Vec::with_capacity(n_sockets));
    while open.len() < n_sockets {
        while opening.len() < OPENING && open.len() + opening.len() < n_sockets {
            let address = server.address();
            opening.spawn(async move {
                Ok::<_, BrowserError>(match path {
                    "/echo" => Idle::Echo(Socket::open(None, address, path, None).await?),
                    path => Idle::Joined(Tab::open(address, path).await?),
                })
            });
        }
        if let Some(opened) = opening.join_next().await {
            open.push(opened??);
        }
    }
    let joined = each().await?;
    for idle in &mut open {
        match idle {
            Idle::Echo(socket) => {
                socket.send("hello".into()).await?;
                socket.receive().await?;
            }
            Idle::Joined(tab) => drop(tab.push(&click(event, r#"{"value":""}"#)).await?),
        }
    }
    Ok([before as f64 / 1_048_576.0, joined, each().await?])
}

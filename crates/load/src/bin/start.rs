//! How long a program takes from its start to its first answer.
//!
//! ```text
//! cargo build --release -p web
//! cargo run --release -p load --bin start target/release/web /counter
//! ```
//!
//! It starts the program once, so that there is a database, and then again and again, each time asks for the
//! path until there is an answer of 200, and kills it. The program reads `PORT`, `HOST` and `DATABASE_URL`, and
//! the caller's environment beside them.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use load::browser::HttpConnection;
use load::process::Process;
use tokio::time::sleep;

/// Starts that are measured.
const N_STARTS: usize = 15;

/// How long the first one, which may have a database to make, is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(1);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, path] = &arguments[..] else { bail!("usage: start PROGRAM PATH") };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(measure(program, path))
}

async fn measure(program: &str, path: &str) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("load-start-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let measured = starts(program, path, &folder).await;
    std::fs::remove_dir_all(&folder)?;
    let mut starts = measured?;
    let first = starts.remove(0);
    starts.sort_by_key(|start| start.elapsed);
    let [least, median, most] =
        [0, N_STARTS / 2, N_STARTS - 1].map(|index| starts[index].elapsed.as_millis());
    let mut times: Vec<_> = starts.iter().map(|start| start.cpu.as_millis()).collect();
    times.sort_unstable();
    println!("first answer, with a database to make: {} ms", first.elapsed.as_millis());
    println!("on an existing one: {median} ms, {least} to {most} in {N_STARTS} starts");
    println!("processor time until then: {} ms", times[N_STARTS / 2]);
    Ok(())
}

/// One start.
struct Start {
    elapsed: Duration,
    cpu: Duration,
}

/// A process that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Whether it can be killed or not, there is nothing more to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn starts(program: &str, path: &str, folder: &Path) -> anyhow::Result<Vec<Start>> {
    let mut starts = Vec::with_capacity(N_STARTS + 1);
    for _ in 0..=N_STARTS {
        // Free now, and nobody else is likely to take it meanwhile.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let began = Instant::now();
        let child = Command::new(program)
            .env("HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .env("DATABASE_URL", format!("sqlite://{}", folder.join("start.sqlite3").display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let process = Process::new(child.id());
        let _running = Running(child);
        while !answers((Ipv4Addr::LOCALHOST, port).into(), path).await {
            if began.elapsed() > PATIENCE {
                bail!("{program} does not answer {path}");
            }
            sleep(PAUSE).await;
        }
        let cpu = process.cpu_time()?;
        starts.push(Start { elapsed: began.elapsed(), cpu: cpu.user + cpu.system });
    }
    Ok(starts)
}

async fn answers(server: SocketAddr, path: &str) -> bool {
    match HttpConnection::open(server).await {
        Ok(mut connection) => connection.get(path, None).await.is_ok(),
        Err(_) => false,
    }
}

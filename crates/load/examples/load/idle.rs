//! The memory of sockets that are open and do nothing.

use std::time::Duration;

use clap::ValueEnum;
use load::browser::{BrowserError, Socket, Tab, click};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Target;

/// Connections that are being opened at once.
const OPENING: usize = 64;

/// How long the server is left alone before its memory is read.
const REST: Duration = Duration::from_secs(2);

/// What is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum IdlePage {
    /// The bare WebSocket.
    Echo,
    /// A joined `/counter`.
    Counter,
    /// A joined `/table`.
    Table,
}

enum Idle {
    Echo(Socket),
    Joined(Tab),
}

/// Opens `n_sockets` and prints what each added to the server's resident memory, before and after
/// its first message. To be run on a server that was just started.
pub(crate) async fn measure(
    target: Target,
    n_sockets: usize,
    page: IdlePage,
) -> anyhow::Result<()> {
    let before = target.process.resident_bytes()?;
    let mut opening = JoinSet::new();
    let mut open = Vec::with_capacity(n_sockets);
    while open.len() < n_sockets {
        while opening.len() < OPENING && open.len() + opening.len() < n_sockets {
            opening.spawn(open_one(target, page));
        }
        if let Some(opened) = opening.join_next().await {
            open.push(opened??);
        }
    }
    let report = async |when: &str| {
        sleep(REST).await;
        let added = target.process.resident_bytes()?.saturating_sub(before);
        let each = added as f64 / n_sockets as f64 / 1024.0;
        println!("{page:?}, {n_sockets} sockets, {when}: {each:.2} KiB each");
        anyhow::Ok(())
    };
    report("joined").await?;
    for idle in &mut open {
        match idle {
            Idle::Echo(socket) => {
                socket.send("hello".into()).await?;
                socket.receive().await?;
            }
            Idle::Joined(tab) => {
                let event = if page == IdlePage::Table { "bump" } else { "inc" };
                tab.push(&click(event, r#"{"value":""}"#)).await?;
            }
        }
    }
    report("after one message").await
}

async fn open_one(target: Target, page: IdlePage) -> Result<Idle, BrowserError> {
    Ok(match page {
        IdlePage::Echo => Idle::Echo(Socket::open(None, target.server, "/echo", None).await?),
        IdlePage::Counter => Idle::Joined(Tab::open(target.server, "/counter").await?),
        IdlePage::Table => Idle::Joined(Tab::open(target.server, "/table").await?),
    })
}

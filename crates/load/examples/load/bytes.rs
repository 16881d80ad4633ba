//! The size of every frame that the server sends, beside the most that it may have.

use std::net::SocketAddr;

use load::browser::{HttpConnection, Tab, click};
use load::pages::form_payload;

/// What is sent in turn, and the most bytes of its reply: the reference server's, or the project's
/// own measure for the form.
const TABLE_ACTS: [(&str, &str, usize); 8] = [
    ("bump", r#"{"value":""}"#, 121),
    ("bump", r#"{"id":"150","value":""}"#, 123),
    ("shuffle", r#"{"value":""}"#, 1_888),
    ("bump_all", r#"{"value":""}"#, 3_397),
    ("reverse", r#"{"value":""}"#, 1_896),
    ("reverse_bump", r#"{"value":""}"#, 1_910),
    ("append", r#"{"value":""}"#, 159),
    ("delete", r#"{"value":""}"#, 1_899),
];

/// Opens every page, acts on it, and prints the size of each frame.
pub(crate) async fn print(server: SocketAddr) -> anyhow::Result<()> {
    let mut counter = Tab::open(server, "/counter").await?;
    line("/counter", "join", counter.join_bytes, 573);
    let reply = counter.push(&click("inc", r#"{"value":""}"#)).await?;
    line("/counter", "inc", reply.len(), 93);

    for (page, act, most) in [
        ("/counter-kept", click("inc", r#"{"value":""}"#), 350),
        ("/form-kept", form_payload("Ada"), 2_200),
        ("/table-kept", click("bump", r#"{"value":""}"#), 12_000),
    ] {
        let mut kept = Tab::open(server, page).await?;
        line(page, "with its state", kept.push(&act).await?.len(), most);
    }

    let mut table = Tab::open(server, "/table").await?;
    line("/table", "join", table.join_bytes, 11_705);
    for (event, value, most) in TABLE_ACTS {
        let reply = table.push(&click(event, value)).await?;
        line("/table", event, reply.len(), most);
    }

    let mut form = Tab::open(server, "/form").await?;
    println!("/form          {:<14} {:>6}", "join", form.join_bytes);
    for (what, value) in [("one letter", "a"), ("one field", "Ada")] {
        let reply = form.push(&form_payload(value)).await?;
        line("/form", what, reply.len(), 200);
    }

    let mut feed = Tab::open(server, "/feed").await?;
    line("/feed", "join", feed.join_bytes, 329);
    let mut http = HttpConnection::open(server).await?;
    for (what, most) in [("first push", 242), ("second push", 113)] {
        http.get("/announce", None).await?;
        line("/feed", what, feed.receive().await?.len(), most);
    }
    Ok(())
}

fn line(page: &str, what: &str, bytes: usize, most: usize) {
    let verdict = if bytes <= most { "" } else { "  MISSED" };
    println!("{page:<14} {what:<14} {bytes:>6}   at most {most:>6}{verdict}");
}
